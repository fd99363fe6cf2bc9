// -j NFQUEUE: a program decides about the packet (net/netfilter/xt_NFQUEUE.c, nfqueue_tg_v3). Whatever it says, no
// later rule of the table is asked; with --queue-bypass the packet is accepted while there is no such program.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace nfqueue_option {
enum : std::uint8_t { number, balance, bypass, cpu_fanout };

inline constexpr value_form balance_form{
    "first:last", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      text wrong = forms::open_range<65535>.read(words, context, into);
      if (!wrong.empty()) return wrong;
      if (into.numbers[0].low >= into.numbers[0].high)
        return join("'", words[0], "' is no range of queues: write first:last, the smaller number first");
      if (forms::is_whole<65535>(into)) return text("65536 queues are one too many: the kernel takes at most 65535");
      return text();
    },
    forms::open_range<65535>.write,
    [](const choice_source& choices, family, option& into) {
      const uint128 first = choices.below(100);
      into.numbers = {{first, first + 1 + choices.below(8)}};
    }};

inline constexpr option_description table[] = {
    {.name = "--queue-num", .form = &forms::number<0, 65535>, .invertible = false, .meaning = "the queue"},
    {.name = "--queue-balance", .form = &balance_form, .invertible = false, .meaning = "one of these queues"},
    {.name = "--queue-bypass",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "accepts if no program listens"},
    {.name = "--queue-cpu-fanout",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "a queue for each processor"},
};
}  // namespace nfqueue_option

namespace detail {
constexpr text nfqueue_check(const sequence<option>& options, const meaning_context&) {
  using namespace nfqueue_option;
  if (count_of(options, {number, balance}) > 1) return "--queue-num and --queue-balance cannot stand together";
  if (count_of(options, {cpu_fanout}) > 0 && count_of(options, {balance}) == 0)
    return "--queue-cpu-fanout needs --queue-balance";
  return {};
}

constexpr void nfqueue_normalise(sequence<option>& options, const meaning_context&) {
  using namespace nfqueue_option;
  if (count_of(options, {number, balance}) == 0) options.push_back({number, false, {{0, 0}}, {}});
}

constexpr effect queue_effect(const sequence<option>&, const meaning_context&) { return {.what = effect::kind::queue}; }
}  // namespace detail

/// `-j NFQUEUE`: its options, and what a use of it means.
inline constexpr target_extension nfqueue_target{.name = "NFQUEUE",
                                                 .options = nfqueue_option::table,
                                                 .check = detail::nfqueue_check,
                                                 .normalise = detail::nfqueue_normalise,
                                                 .meaning = detail::queue_effect};

}  // namespace cordon
