// A proof by the compiler. `static_assert(prove(rules, egress).proved())` says yes or no; `kept_by` fails
// with a message that names the packet that gets out and the rule that lets it.
//
//   constexpr auto v4 = R"(*filter ...)"_iptables;
//   constexpr auto v6 = R"(*filter ...)"_ip6tables;
//   static_assert(kept_by<egress, v4, v6>);
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include <cordon/base/compiler_message.hpp>
#include <cordon/base/fixed_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/report.hpp>
#include <cordon/text/literals.hpp>

namespace cordon {

// What a message names: of a packet that gets out ...
template <fixed_text... Protocol>
struct packet_of {};
template <fixed_text... Address>
struct to_address {};
template <std::uint32_t Port>
struct to_port {};
struct to_no_port {};
template <fixed_text... Name>
struct by_interface {};
template <fixed_text... Place>
struct let_out_by {};
struct in_no_text {};  // where a rule was not read from a text; else at_line
// ... and of what no packet decides.
template <fixed_text... Match>
struct hangs_on {};
template <fixed_text... Place>
struct asked_by {};

namespace detail {

// What a message says of one family.
struct family_finding {
  cordon::answer answer = answer::absent;
  short_text<48> protocol = {};
  short_text<48> address = {};
  std::uint16_t port = 0;
  bool has_port = false;
  short_text<48> interface = {};
  short_text<96> place = {};
  std::uint32_t line = 0;
  short_text<250> match = {};
};

struct both_findings {
  family_finding v4 = {};
  family_finding v6 = {};
};

constexpr family_finding finding_of(const family_proof& of) {
  family_finding made;
  made.answer = of.answer;
  if (!of.leaks.empty()) {
    const leak& first = of.leaks[0];
    made.protocol = to_text(first.witness.protocol).view();
    made.address = to_text(first.witness.destination_address()).view();
    made.has_port = has_ports(first.witness.protocol);
    made.port = first.witness.destination_port();
    made.interface = first.witness.out.view();
    made.place = of.has_rules ? place_in_words(first.blame).view() : "no rule: the family has none";
    made.line = first.blame.line;
  } else if (of.too_large) {
    made.match = "a question that outgrew the bounds of the prover";
    made.place = "all rules together";
  } else if (!of.doubts.empty()) {
    made.match = of.doubts[0].match.view();
    made.place = place_in_words(of.doubts[0].at).view();
    made.line = of.doubts[0].at.line;
  }
  return made;
}

template <class... Facts>
inline constexpr bool stopped = false;
template <class... Facts>
inline constexpr bool decided = false;

template <class... Facts>
struct leak_found {
  static_assert(stopped<Facts...>, "a packet of the sandbox gets out that its policy forbids");
};
template <class... Facts>
struct doubt_found {
  static_assert(decided<Facts...>, "whether packets get out that the policy forbids hangs on what no packet decides");
};

template <const both_findings& All, family Of>
struct finding_in_words {
  static constexpr family_finding found = Of == family::ipv4 ? All.v4 : All.v6;
  static constexpr auto protocol = found.protocol;
  static constexpr auto address = found.address;
  static constexpr auto interface = found.interface;
  static constexpr auto place = found.place;
  static constexpr auto match = found.match;

  using port = std::conditional_t<found.has_port, to_port<found.port>, to_no_port>;
  using line = std::conditional_t<found.line != 0, at_line<found.line>, in_no_text>;

  static constexpr bool holds() {
    if constexpr (found.answer == answer::leak)
      leak_found<in_pieces<packet_of, protocol>, in_pieces<to_address, address>, port,
                 in_pieces<by_interface, interface>, in_pieces<let_out_by, place>, line>{};
    else if constexpr (found.answer == answer::unknown)
      doubt_found<in_pieces<hangs_on, match>, in_pieces<asked_by, place>, line>{};
    return found.answer != answer::leak && found.answer != answer::unknown;
  }
};

template <const egress_policy& Policy, auto&... Rules>
struct static_proof {
  static constexpr firewall rules() {
    if constexpr (sizeof...(Rules) == 1)
      return (Rules(), ...);
    else
      return firewall_with(Rules...);
  }
  static constexpr both_findings find() {
    const proof answer = prove(rules(), Policy);
    return {finding_of(answer.v4), finding_of(answer.v6)};
  }
  static constexpr both_findings found = find();
  // Each is looked at, so that each is told.
  static constexpr bool holds_v4 = finding_in_words<found, family::ipv4>::holds();
  static constexpr bool holds_v6 = finding_in_words<found, family::ipv6>::holds();
  static constexpr bool holds = holds_v4 && holds_v6;
};

}  // namespace detail

/// Whether the rules keep the policy: true, or the program does not compile. `Rules` are a literal of each
/// family, or one function (or lambda without captures) that returns a firewall; all are constants with
/// static storage.
template <const egress_policy& Policy, auto&... Rules>
inline constexpr bool kept_by = detail::static_proof<Policy, Rules...>::holds;

}  // namespace cordon
