// -j REJECT: drops the packet and answers it (net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/rule/verdict.hpp>

namespace cordon {

namespace reject_option {
enum : std::uint8_t { reject_with };

struct spelling {
  std::string_view name;
  reject_type type;
};

// In the order in which iptables tries them: the first that the written text is the beginning of counts.
inline constexpr spelling ipv4_spellings[] = {
    {"icmp-net-unreachable", reject_type::icmp_net_unreachable},
    {"net-unreach", reject_type::icmp_net_unreachable},
    {"icmp-host-unreachable", reject_type::icmp_host_unreachable},
    {"host-unreach", reject_type::icmp_host_unreachable},
    {"icmp-proto-unreachable", reject_type::icmp_proto_unreachable},
    {"proto-unreach", reject_type::icmp_proto_unreachable},
    {"icmp-port-unreachable", reject_type::icmp_port_unreachable},
    {"port-unreach", reject_type::icmp_port_unreachable},
    {"icmp-net-prohibited", reject_type::icmp_net_prohibited},
    {"net-prohib", reject_type::icmp_net_prohibited},
    {"icmp-host-prohibited", reject_type::icmp_host_prohibited},
    {"host-prohib", reject_type::icmp_host_prohibited},
    {"tcp-reset", reject_type::tcp_reset},
    {"tcp-rst", reject_type::tcp_reset},
    {"icmp-admin-prohibited", reject_type::icmp_admin_prohibited},
    {"admin-prohib", reject_type::icmp_admin_prohibited},
};
inline constexpr spelling ipv6_spellings[] = {
    {"icmp6-no-route", reject_type::icmp6_no_route},
    {"no-route", reject_type::icmp6_no_route},
    {"icmp6-adm-prohibited", reject_type::icmp6_adm_prohibited},
    {"adm-prohibited", reject_type::icmp6_adm_prohibited},
    {"icmp6-addr-unreachable", reject_type::icmp6_addr_unreachable},
    {"addr-unreach", reject_type::icmp6_addr_unreachable},
    {"icmp6-port-unreachable", reject_type::icmp6_port_unreachable},
    {"port-unreach", reject_type::icmp6_port_unreachable},
    {"tcp-reset", reject_type::tcp_reset},
    {"icmp6-policy-fail", reject_type::icmp6_policy_fail},
    {"policy-fail", reject_type::icmp6_policy_fail},
    {"icmp6-reject-route", reject_type::icmp6_reject_route},
    {"reject-route", reject_type::icmp6_reject_route},
};

constexpr view<spelling> spellings(family of) {
  if (of == family::ipv4) return ipv4_spellings;
  return ipv6_spellings;
}

inline constexpr value_form type_form{
    "type", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      for (const spelling& known : spellings(context.family)) {
        if (!forms::abbreviates(words[0], known.name)) continue;
        const auto type = static_cast<unsigned>(known.type);
        into.numbers = {{type, type}};
        return text();
      }
      return join("'", words[0], "' is no answer of REJECT over ", title_of(context.family), ": write ",
                  name_of(usual_reject_type(context.family)), " or another of its types");
    },
    [](const option& from, family, text& out) {
      out.append(name_of(static_cast<reject_type>(static_cast<unsigned>(from.numbers[0].low))));
    },
    [](const choice_source& choices, family in, option& into) {
      const auto known = spellings(in);
      const auto type = static_cast<unsigned>(known[static_cast<std::size_t>(choices.below(known.size()))].type);
      into.numbers = {{type, type}};
    }};

inline constexpr option_description table[] = {
    {.name = "--reject-with", .form = &type_form, .invertible = false, .meaning = "what the answer is"},
};
}  // namespace reject_option

namespace detail {
constexpr reject_type reject_answer(const sequence<option>& options, family of) {
  if (options.empty()) return usual_reject_type(of);
  return static_cast<reject_type>(static_cast<unsigned>(options[0].numbers[0].low));
}

constexpr text reject_check(const sequence<option>& options, const meaning_context& context) {
  if (context.table != "filter") return "REJECT works in the filter table alone: drop here, or reject there";
  if (reject_answer(options, context.family) == reject_type::tcp_reset && !context.protocol.is_just(protocol::tcp))
    return "--reject-with tcp-reset needs -p tcp in the same rule";
  return {};
}

constexpr void reject_normalise(sequence<option>& options, const meaning_context& context) {
  if (!options.empty()) return;
  const auto usual = static_cast<unsigned>(usual_reject_type(context.family));
  options.push_back({reject_option::reject_with, false, {{usual, usual}}, {}});
}

constexpr effect reject_meaning(const sequence<option>& options, const meaning_context& context) {
  return {.what = effect::kind::reject, .answer = reject_answer(options, context.family)};
}
}  // namespace detail

/// `-j REJECT`: its options, and what a use of it means.
inline constexpr target_extension reject_target{.name = "REJECT",
                                                .options = reject_option::table,
                                                .check = detail::reject_check,
                                                .normalise = detail::reject_normalise,
                                                .meaning = detail::reject_meaning};

}  // namespace cordon
