// -j TCPMSS: changes the maximum segment size in a TCP SYN, or adds the option (net/netfilter/xt_TCPMSS.c,
// tcpmss_tg4).
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/tcp.hpp>
#include <cordon/packet/tcp_flags.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/rule/rule.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace tcpmss_target_option {
enum : std::uint8_t { set_mss, clamp };

inline constexpr std::uint64_t most = 65535 - 20;  // less the smallest IP header
inline constexpr std::uint64_t most_in_ipv6 = 65535 - 40;

inline constexpr option_description table[] = {
    {.name = "--set-mss", .form = &forms::number<0, most>, .invertible = false, .meaning = "the size"},
    {.name = "--clamp-mss-to-pmtu", .form = &forms::nothing, .invertible = false, .meaning = "what the path can carry"},
};
}  // namespace tcpmss_target_option

namespace detail {
/// Whether one of the matches is for packets with SYN alone (find_syn_match in xt_TCPMSS.c).
constexpr bool asks_for_syn(const sequence<match>* matches) {
  if (matches == nullptr) return false;
  for (const match& one : *matches) {
    if (one.extension != &tcp_match) continue;
    const option* flags = find_option(one.options, tcp_option::flags);
    if (flags == nullptr) flags = find_option(one.options, tcp_option::syn);
    if (flags == nullptr || flags->inverted) continue;
    if (flags->index == tcp_option::syn || (flags->numbers[0].low & tcp_flag::syn) != 0) return true;
  }
  return false;
}

constexpr text tcpmss_target_check(const sequence<option>& options, const meaning_context& context) {
  if (options.empty()) return "TCPMSS needs --set-mss or --clamp-mss-to-pmtu";
  const option* const size = find_option(options, tcpmss_target_option::set_mss);
  if (size != nullptr && context.family == family::ipv6 && size->numbers[0].low > tcpmss_target_option::most_in_ipv6)
    return "--set-mss takes 0 to 65495 in IPv6";
  if (!context.protocol.is_just(protocol::tcp)) return "TCPMSS needs -p tcp in the same rule";
  if (context.backend == backend::legacy && !asks_for_syn(context.matches))
    return "TCPMSS needs a match for packets that open a connection in the same rule: --syn";
  return {};
}

constexpr void tcpmss_target_normalise(sequence<option>& options, const meaning_context&) {
  // Both are one number to iptables, and the clamp is its greatest.
  if (find_option(options, tcpmss_target_option::clamp) != nullptr)
    erase_if(options, [](const option& one) { return one.index == tcpmss_target_option::set_mss; });
}

constexpr effect tcpmss_effect(const sequence<option>&, const meaning_context&) {
  return {.changes = {make_unknown(field::segment_size), make_unknown(field::low_kinds), make_unknown(field::length)}};
}

constexpr hook_set tcpmss_target_hooks(const sequence<option>& options, const meaning_context&) {
  if (find_option(options, tcpmss_target_option::clamp) == nullptr) return all_hooks;
  return static_cast<hook_set>(outgoing_hooks | set_of(hook::forward));
}
}  // namespace detail

/// `-j TCPMSS`: its options, and what a use of it means.
inline constexpr target_extension tcpmss_target{.name = "TCPMSS",
                                                .options = tcpmss_target_option::table,
                                                .check = detail::tcpmss_target_check,
                                                .normalise = detail::tcpmss_target_normalise,
                                                .meaning = detail::tcpmss_effect,
                                                .hooks = detail::tcpmss_target_hooks,
                                                .hooks_by_options = true};

}  // namespace cordon
