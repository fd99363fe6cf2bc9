// -j SYNPROXY: answers a TCP SYN in a server's place (net/ipv4/netfilter/ipt_SYNPROXY.c, synproxy_tg4). Only for
// packets that come in.
#pragma once

#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace synproxy_option {
// A larger number is cut off to 16 bits.
inline constexpr value_form mss_form{"number", 1,
                                     [](const std::string_view* words, const value_context& context, option& into) {
                                       text wrong = forms::number<0, 0xffffffff>.read(words, context, into);
                                       if (wrong.empty())
                                         into.numbers = {{into.numbers[0].low & 0xffff, into.numbers[0].low & 0xffff}};
                                       return wrong;
                                     },
                                     forms::number<0, 65535>.write, forms::number<0, 65535>.draw};

inline constexpr option_description table[] = {
    {.name = "--sack-perm", .form = &forms::nothing, .invertible = false, .meaning = "with selective acknowledgements"},
    {.name = "--timestamp", .form = &forms::nothing, .invertible = false, .meaning = "with time stamps"},
    {.name = "--wscale", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the window's scale"},
    {.name = "--mss", .form = &mss_form, .invertible = false, .meaning = "the segment size"},
    {.name = "--ecn", .form = &forms::nothing, .invertible = false, .meaning = "with ECN"},
};
}  // namespace synproxy_option

namespace detail {
constexpr text synproxy_check(const sequence<option>&, const meaning_context& context) {
  if (context.protocol.is_just(protocol::tcp)) return {};
  return "SYNPROXY needs -p tcp in the same rule";
}
}  // namespace detail

/// `-j SYNPROXY`: its options, and what a use of it means.
inline constexpr target_extension synproxy_target{.name = "SYNPROXY",
                                                  .options = synproxy_option::table,
                                                  .check = detail::synproxy_check,
                                                  .meaning = detail::unknown_effect,
                                                  .hooks = only_at < set_of(hook::input) | set_of(hook::forward) > };

}  // namespace cordon
