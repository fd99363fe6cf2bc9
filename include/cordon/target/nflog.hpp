// -j NFLOG: a copy for a program that listens on netlink; the packet goes on (net/netfilter/xt_NFLOG.c; iptables-nft
// makes it a log statement of nf_tables).
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace nflog_option {
enum : std::uint8_t { prefix, group, range, size, threshold };

inline constexpr std::size_t longest_legacy_prefix = 63;

inline constexpr option_description table[] = {
    {.name = "--nflog-prefix",
     .form = &forms::quoted<1, 127>,
     .invertible = false,
     .meaning = "how the message begins"},
    {.name = "--nflog-group", .form = &forms::number<0, 65535>, .invertible = false, .meaning = "the netlink group"},
    {.name = "--nflog-range",
     .form = &forms::number<0, 0xffffffff>,
     .invertible = false,
     .meaning = "without effect; --nflog-size works"},
    {.name = "--nflog-size",
     .form = &forms::number<0, 0xffffffff>,
     .invertible = false,
     .meaning = "how many bytes of the packet"},
    {.name = "--nflog-threshold",
     .form = &forms::number<0, 65535>,
     .invertible = false,
     .meaning = "how many messages wait for each other"},
};
}  // namespace nflog_option

namespace detail {
constexpr text nflog_check(const sequence<option>& options, const meaning_context&) {
  if (find_option(options, nflog_option::range) != nullptr && find_option(options, nflog_option::size) != nullptr)
    return "--nflog-range and --nflog-size cannot stand together: leave out --nflog-range, it has no effect";
  return {};
}

constexpr void nflog_normalise(sequence<option>& options, const meaning_context& context) {
  erase_if(options, [&](const option& one) {
    switch (one.index) {
      case nflog_option::group:
      case nflog_option::threshold: return one.numbers[0].low == 0;
      case nflog_option::range: return one.numbers[0].low == 0 || context.backend == backend::nft;
      default: return false;
    }
  });
  for (option& one : options)
    if (one.index == nflog_option::prefix && context.backend == backend::legacy)
      one.words = text(one.words.view().substr(0, nflog_option::longest_legacy_prefix));
}

constexpr effect nflog_meaning(const sequence<option>&, const meaning_context&) { return {}; }
}  // namespace detail

/// `-j NFLOG`: its options, and what a use of it means.
inline constexpr target_extension nflog_target{.name = "NFLOG",
                                               .options = nflog_option::table,
                                               .check = detail::nflog_check,
                                               .normalise = detail::nflog_normalise,
                                               .meaning = detail::nflog_meaning};

}  // namespace cordon
