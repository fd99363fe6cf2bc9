// -m ecn: the ECN bits of the IP header and of TCP (net/netfilter/xt_ecn.c, ecn_mt4 and ecn_mt6). It looks for the
// TCP header in later fragments too, and drops none that is cut off.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/tcp.hpp>
#include <cordon/packet/tcp_flags.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace ecn_option {
enum : std::uint8_t { ece, cwr, ip };

inline constexpr option_description table[] = {
    {.name = "--ecn-tcp-ece", .form = &forms::nothing, .meaning = "TCP's ECE flag is set"},
    {.name = "--ecn-tcp-cwr", .form = &forms::nothing, .meaning = "TCP's CWR flag is set"},
    {.name = "--ecn-ip-ect", .form = &forms::number<0, 3>, .meaning = "the lowest two bits of the traffic class"},
};
}  // namespace ecn_option

namespace detail {
constexpr text ecn_check(const sequence<option>& options, const meaning_context& context) {
  if (options.empty()) return "-m ecn needs --ecn-tcp-ece, --ecn-tcp-cwr or --ecn-ip-ect";
  const bool asks_tcp =
      find_option(options, ecn_option::ece) != nullptr || find_option(options, ecn_option::cwr) != nullptr;
  if (asks_tcp && !context.protocol.is_just(protocol::tcp))
    return "--ecn-tcp-ece and --ecn-tcp-cwr need -p tcp before them in the same rule";
  return {};
}

constexpr match_meaning ecn_meaning(const sequence<option>& options, const meaning_context& context) {
  predicate holds = always();
  for (const option& one : options) {
    switch (one.index) {
      case ecn_option::ip:
        holds &= inverted_if(one.inverted, masked(field::traffic_class, 3, one.numbers[0].low));
        break;
      default: {
        const unsigned flag = one.index == ecn_option::ece ? tcp_flag::ece : tcp_flag::cwr;
        // Both back ends read what stands in a header's place in later fragments too (match_tcp in xt_ecn.c).
        holds &= where_bytes_are(20, flag_byte_test({flag, flag}, one.inverted), context.family);
        break;
      }
    }
  }
  return {holds};
}
}  // namespace detail

/// `-m ecn`: its options, and what a use of it means.
inline constexpr match_extension ecn_match{
    .name = "ecn", .options = ecn_option::table, .check = detail::ecn_check, .meaning = detail::ecn_meaning};

}  // namespace cordon
