// -m connlimit: how many connections a host has (net/netfilter/xt_connlimit.c, connlimit_mt). An atom; but a packet
// that is cut off before what tells connections apart is dropped at once (nf_ct_get_tuplepr fails).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace connlimit_option {
enum : std::uint8_t { upto, above, mask, of_source, of_destination };

// A prefix length, or a mask. iptables counts one that is no prefix as the whole address.
inline constexpr value_form mask_form{
    "prefix", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const unsigned width = address_width(context.family);
      auto length = read_c_number(words[0], width);
      if (!length) {
        const auto dotted = read_host_address(words[0], context.family);
        if (!dotted) return join("'", words[0], "' is no prefix length: write 0 to ", decimal(width));
        length = prefix_length(context.family, *dotted).value_or(width);
      }
      into.numbers = {{*length, *length}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family in, option& into) {
      const uint128 length = choices.below(address_width(in) + 1);
      into.numbers = {{length, length}};
    }};

inline constexpr option_description table[] = {
    {.name = "--connlimit-upto", .form = &forms::number<0, 0xffffffff>, .meaning = "so many or fewer"},
    {.name = "--connlimit-above", .form = &forms::number<0, 0xffffffff>, .meaning = "more than so many"},
    {.name = "--connlimit-mask", .form = &mask_form, .invertible = false, .meaning = "hosts are one under this prefix"},
    {.name = "--connlimit-saddr", .form = &forms::nothing, .invertible = false, .meaning = "the source counts"},
    {.name = "--connlimit-daddr", .form = &forms::nothing, .invertible = false, .meaning = "the destination counts"},
};
}  // namespace connlimit_option

namespace detail {
constexpr text connlimit_check(const sequence<option>& options, const meaning_context&) {
  using namespace connlimit_option;
  if (count_of(options, {upto, above}) != 1)
    return "-m connlimit needs exactly one of --connlimit-upto and --connlimit-above";
  if (count_of(options, {of_source, of_destination}) > 1)
    return "--connlimit-saddr and --connlimit-daddr cannot stand together";
  return {};
}

constexpr void connlimit_normalise(sequence<option>& options, const meaning_context& context) {
  using namespace connlimit_option;
  for (option& one : options) {
    if (one.index > above || !one.inverted) continue;
    one.index = one.index == upto ? above : upto;
    one.inverted = false;
  }
  const unsigned width = address_width(context.family);
  if (find_option(options, mask) == nullptr) options.push_back({mask, false, {{width, width}}, {}});
  if (count_of(options, {of_source, of_destination}) == 0) options.push_back({of_source, false, {}, {}});
}

constexpr match_meaning connlimit_meaning(const sequence<option>& options, const meaning_context& context) {
  match_meaning made = opaque("connlimit", connlimit_option::table, options, context, /*stateful=*/true);
  predicate has_ports = never();
  for (const protocol one : {protocol::tcp, protocol::udp, protocol::sctp, protocol::udplite})
    has_ports |= is(field::protocol, number_of(one));
  // Linux 6.16 lost its tracker for DCCP.
  has_ports |= is(field::protocol, number_of(protocol::dccp)) &&
               unknown("the kernel tells DCCP connections apart by ports", /*stateful=*/false);
  made.drops = has_ports && is_cut_before(4);
  if (context.family == family::ipv6) {
    made.drops |= is(field::protocol, 59);  // nothing follows the headers
    // nf_tables does not look behind an authentication header, this match does.
    made.drops |= is(field::protocol, number_of(protocol::ah)) && unknown("connlimit behind ah", /*stateful=*/false);
  }
  made.drops |= between(field::transport, static_cast<unsigned>(transport_part::fragment_at_8),
                        static_cast<unsigned>(transport_part::later_fragment));
  // GRE of version 1 that does not carry PPP (gre_pkt_to_tuple).
  made.drops |=
      is(field::protocol, 47) && carries(8) && masked(field::first_word, 7, 1) && !is(field::second_word, 0x880b);
  // Whichever family the packet is of (nf_ct_get_tuple in net/netfilter/nf_conntrack_core.c).
  for (const protocol one : {protocol::icmp, protocol::icmpv6})
    made.drops |= is(field::protocol, number_of(one)) && is_cut_before(8);
  return made;
}
}  // namespace detail

/// `-m connlimit`: its options, and what a use of it means.
inline constexpr match_extension connlimit_match{.name = "connlimit",
                                                 .options = connlimit_option::table,
                                                 .check = detail::connlimit_check,
                                                 .normalise = detail::connlimit_normalise,
                                                 .meaning = detail::connlimit_meaning};

}  // namespace cordon
