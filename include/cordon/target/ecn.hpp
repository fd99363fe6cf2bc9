// -j ECN: changes the ECN bits of the IP header or of TCP (net/ipv4/netfilter/ipt_ECN.c, ecn_tg). In mangle alone,
// IPv4 alone.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/packet/tcp_flags.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace ecn_target_option {
enum : std::uint8_t { remove, ece, cwr, ip };

inline constexpr option_description table[] = {
    {.name = "--ecn-tcp-remove", .form = &forms::nothing, .invertible = false, .meaning = "clears ECE and CWR"},
    {.name = "--ecn-tcp-ece", .form = &forms::number<0, 1>, .invertible = false, .meaning = "TCP's ECE flag"},
    {.name = "--ecn-tcp-cwr", .form = &forms::number<0, 1>, .invertible = false, .meaning = "TCP's CWR flag"},
    {.name = "--ecn-ip-ect", .form = &forms::number<0, 3>, .invertible = false, .meaning = "the bits of the IP header"},
};
}  // namespace ecn_target_option

namespace detail {
constexpr text ecn_target_check(const sequence<option>& options, const meaning_context& context) {
  using namespace ecn_target_option;
  if (options.empty()) return "ECN needs an option: --ecn-tcp-remove, for one";
  if (count_of(options, {remove}) > 0 && count_of(options, {ece, cwr}) > 0)
    return "--ecn-tcp-remove clears both flags: it cannot stand with --ecn-tcp-ece or --ecn-tcp-cwr";
  if (count_of(options, {remove, ece, cwr}) > 0 && !context.protocol.is_just(protocol::tcp))
    return "ECN needs -p tcp in the same rule to change flags of TCP";
  return needs_table(context, "mangle", "ECN");
}

constexpr effect ecn_effect(const sequence<option>& options, const meaning_context&) {
  using namespace ecn_target_option;
  effect made;
  unsigned flags = 0;
  unsigned set_flags = 0;
  for (const option& one : options) {
    switch (one.index) {
      case remove: flags |= tcp_flag::ece | tcp_flag::cwr; break;
      case ece:
        flags |= tcp_flag::ece;
        if (one.numbers[0].low != 0) set_flags |= tcp_flag::ece;
        break;
      case cwr:
        flags |= tcp_flag::cwr;
        if (one.numbers[0].low != 0) set_flags |= tcp_flag::cwr;
        break;
      default: made.changes.push_back(set_bits(field::traffic_class, one.numbers[0].low, 3)); break;
    }
  }
  if (flags != 0) made.changes.push_back(set_bits(field::flags, set_flags, flags));
  return made;
}
}  // namespace detail

/// `-j ECN`: its options, and what a use of it means.
inline constexpr target_extension ecn_target{.name = "ECN",
                                             .options = ecn_target_option::table,
                                             .check = detail::ecn_target_check,
                                             .meaning = detail::ecn_effect,
                                             .ipv6 = false};

}  // namespace cordon
