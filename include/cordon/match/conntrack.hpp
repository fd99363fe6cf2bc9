// -m conntrack: what the kernel knows of the packet's connection (net/netfilter/xt_conntrack.c, conntrack_mt).
//
// Most of what it asks the packet's own header says: the first packet of a connection, and each later one that
// travels the same way, comes from the original source, and so on. Fields of their own stand in only for what
// translation has changed and for related packets.
//
// The state is tested first. A packet without a connection (INVALID, UNTRACKED) then fits whatever the other options
// say, if there was a --ctstate, and fits nothing, not even what is inverted, if there was none.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/host_network.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace conntrack_option {
enum : std::uint8_t {
  state,
  protocol,
  original_source,
  original_destination,
  reply_source,
  reply_destination,
  original_source_port,
  original_destination_port,
  reply_source_port,
  reply_destination_port,
  status,
  expires,
  direction,
};

inline constexpr value_form states_form{
    "state[,state...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      return connection_states::read(words[0], /*translations=*/true, into);
    },
    [](const option& from, family, text& out) { connection_states::write(from, out); },
    [](const choice_source& choices, family, option& into) { connection_states::draw(choices, true, into); }};

inline constexpr value_form protocol_form{
    "protocol", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const bool any = equal_ignoring_case(words[0], "all");
      const auto number = read_protocol(words[0]);
      if (!any && !number) return join("'", words[0], "' is no protocol: write a name or a number of 0 to 255");
      const unsigned value = any ? 0U : number_of(*number);
      into.numbers = {{value, value}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family, option& into) {
      constexpr std::uint8_t protocols[] = {0, 1, 6, 17, 58, 132, 255};
      const unsigned value = protocols[choices.below(7)];
      into.numbers = {{value, value}};
    }};

struct status_name {
  std::string_view name;
  unsigned bit;
};

// The bits of nf_conntrack_common.h (IPS_EXPECTED and so on); NONE is no bit at all.
inline constexpr status_name statuses[] = {
    {"NONE", 0}, {"EXPECTED", 1}, {"SEEN_REPLY", 2}, {"ASSURED", 4}, {"CONFIRMED", 8}};

inline constexpr value_form status_form{
    "status[,status...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      unsigned bits = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        const status_name* found = nullptr;
        for (const status_name& known : statuses)
          if (!item.empty() && found == nullptr && forms::abbreviates(item, known.name)) found = &known;
        if (found == nullptr)
          return join("'", item, "' is no status: write NONE, EXPECTED, SEEN_REPLY, ASSURED or CONFIRMED");
        bits |= found->bit;
      }
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (const status_name& known : statuses) {
        if (known.bit == 0 ? from.numbers[0].low != 0 : (from.numbers[0].low & known.bit) == 0) continue;
        if (!first) out.append(',');
        out.append(known.name);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = choices.below(16);
      into.numbers = {{bits, bits}};
    }};

inline constexpr value_form direction_form{
    "ORIGINAL|REPLY", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const bool reply = equal_ignoring_case(words[0], "REPLY");
      if (!reply && !equal_ignoring_case(words[0], "ORIGINAL"))
        return join("'", words[0], "' is neither ORIGINAL nor REPLY");
      into.numbers = {{reply, reply}};
      return text();
    },
    [](const option& from, family, text& out) { out.append(from.numbers[0].low == 0 ? "ORIGINAL" : "REPLY"); },
    [](const choice_source& choices, family, option& into) {
      const uint128 reply = choices.below(2);
      into.numbers = {{reply, reply}};
    }};

inline constexpr option_description table[] = {
    {.name = "--ctstate", .form = &states_form, .meaning = "the connection is in one of these states"},
    {.name = "--ctproto", .form = &protocol_form, .meaning = "the connection's protocol"},
    {.name = "--ctorigsrc", .form = &forms::host_network, .meaning = "who opened the connection"},
    {.name = "--ctorigdst", .form = &forms::host_network, .meaning = "where the connection was opened to"},
    {.name = "--ctreplsrc", .form = &forms::host_network, .meaning = "who answers"},
    {.name = "--ctrepldst", .form = &forms::host_network, .meaning = "where answers go to"},
    {.name = "--ctorigsrcport", .form = &forms::resolved_port_range, .meaning = "the opener's port"},
    {.name = "--ctorigdstport",
     .form = &forms::resolved_port_range,
     .meaning = "the port that the connection was opened to"},
    {.name = "--ctreplsrcport", .form = &forms::resolved_port_range, .meaning = "the port that answers come from"},
    {.name = "--ctrepldstport", .form = &forms::resolved_port_range, .meaning = "the port that answers go to"},
    {.name = "--ctstatus", .form = &status_form, .meaning = "the connection has one of these statuses"},
    {.name = "--ctexpire",
     .form = &forms::open_range<0xffffffff>,
     .meaning = "the seconds until the connection is forgotten"},
    {.name = "--ctdir",
     .form = &direction_form,
     .invertible = false,
     .meaning = "the packet's direction in the connection"},
};
}  // namespace conntrack_option

namespace detail {
constexpr text conntrack_check(const sequence<option>& options, const meaning_context&) {
  if (options.empty()) return "-m conntrack needs an option: --ctstate, for one";
  return {};
}

constexpr predicate in_state(connection_state of) { return is(field::state, static_cast<unsigned>(of)); }

/// Whether the packet travels as the first one of its connection did.
constexpr predicate is_original() { return in_state(connection_state::fresh) || is(field::connection_direction, 0); }

/// A test of one end of the connection, of which the packet's own header says more than connection tracking does:
/// what no translation changed (`translated`) is there, at `as_original` for packets of the first one's direction and
/// at `as_reply` for the others. A related packet may be about another connection; there only `tracked` says it.
struct connection_end {
  field tracked;
  field as_original;
  field as_reply;
  predicate translated = never();
};

constexpr connection_end end_of(std::uint8_t option) {
  using namespace conntrack_option;
  const predicate from_source = masked(field::nat_status, 1, 1);
  const predicate from_destination = masked(field::nat_status, 2, 2);
  switch (option) {
    case original_source: return {field::original_source, field::source, field::destination};
    case original_destination:
      return {field::original_destination, field::destination, field::source, from_destination};
    case reply_source: return {field::reply_source, field::destination, field::source};
    case reply_destination: return {field::reply_destination, field::source, field::destination, from_source};
    case original_source_port: return {field::original_source_port, field::first_word, field::second_word};
    case original_destination_port:
      return {field::original_destination_port, field::second_word, field::first_word, from_destination};
    case reply_source_port: return {field::reply_source_port, field::second_word, field::first_word};
    default: return {field::reply_destination_port, field::first_word, field::second_word, from_source};
  }
}

template <class Test>
constexpr predicate end_fits(std::uint8_t option, const Test& test) {
  const connection_end end = end_of(option);
  const predicate only_tracked = in_state(connection_state::related) || end.translated;
  return (only_tracked && test(end.tracked)) || (!only_tracked && is_original() && test(end.as_original)) ||
         (!only_tracked && !is_original() && test(end.as_reply));
}

constexpr predicate is_one_of(std::initializer_list<protocol> protocols) {
  predicate any = never();
  for (const protocol one : protocols) any |= is(field::protocol, number_of(one));
  return any;
}

/// A port of the connection (nf_ct_get_tuple in net/netfilter/nf_conntrack_core.c). Of most protocols connection tracking
/// knows none, and 0 stands in its place. ICMP has its identifier, type and code there, GRE its key, and behind an IPv6
/// authentication header anything may be; DCCP has lost its ports with Linux 6.16, which took its tracker away. What nat
/// makes of those in the first packet, no packet says.
constexpr predicate port_fits(std::uint8_t option, const range& ports) {
  const connection_end end = end_of(option);
  const auto test = [&](field which) { return between(which, ports.low, ports.high); };
  const predicate own = is_one_of({protocol::tcp, protocol::udp, protocol::sctp, protocol::udplite});
  const predicate tracked =
      !own && (in_state(connection_state::related) ||
               is_one_of({protocol::icmp, protocol::icmpv6, protocol::gre, protocol::dccp, protocol::ah}));
  // A translated destination may take another identifier or key with it, which is the source port of the answers.
  predicate by_nat = end.translated;
  if (option == conntrack_option::reply_source_port) by_nat = masked(field::nat_status, 2, 2);
  const predicate translated_now = in_state(connection_state::fresh) && by_nat;
  predicate fits = (own && end_fits(option, test)) || (tracked && !translated_now && test(end.tracked));
  if (!by_nat.is_never())
    fits |= tracked && translated_now &&
            unknown(join(conntrack_option::table[option].name, " ", decimal(ports.low), ":", decimal(ports.high),
                         " of what nat makes of ICMP, GRE and DCCP"),
                    /*stateful=*/false);
  if (ports.low == 0) fits |= !own && !tracked;
  return fits;
}

/// One of the statuses. A new connection has seen no reply, is not expected and not assured; an established one has
/// seen a reply and is confirmed.
constexpr predicate has_status(unsigned wanted) {
  const predicate fresh = in_state(connection_state::fresh);
  const predicate established = in_state(connection_state::established);
  const auto tracked = [](unsigned bit) { return masked(field::connection_status, bit, bit); };
  predicate holds = never();
  using namespace connection_status;
  if ((wanted & expected) != 0) holds |= !fresh && tracked(expected);
  if ((wanted & seen_reply) != 0) holds |= established || (!fresh && tracked(seen_reply));
  if ((wanted & assured) != 0) holds |= !fresh && tracked(assured);
  if ((wanted & confirmed) != 0) holds |= established || tracked(confirmed);
  return holds;
}

/// What one option other than --ctstate asks of a tracked packet.
constexpr predicate connection_fits(const option& one, family in) {
  using namespace conntrack_option;
  const range& numbers = one.numbers[0];
  switch (one.index) {
    case conntrack_option::protocol: {
      // nf_tables sees no further than an authentication header of IPv6; connection tracking does.
      predicate only_tracked = in_state(connection_state::related);
      if (in == family::ipv6) only_tracked |= is(field::protocol, number_of(cordon::protocol::ah));
      return (only_tracked && is(field::connection_protocol, numbers.low)) ||
             (!only_tracked && is(field::protocol, numbers.low));
    }
    case original_source:
    case original_destination:
    case reply_source:
    case reply_destination:
      return end_fits(one.index, [&](field which) { return address_under_mask(which, numbers.low, numbers.high, in); });
    case original_source_port:
    case original_destination_port:
    case reply_source_port:
    case reply_destination_port: return port_fits(one.index, numbers);
    case status: return has_status(static_cast<unsigned>(numbers.low));
    case expires: return between(field::connection_expires, numbers.low, numbers.high);
    default: return inverted_if(numbers.low != 0, is_original());
  }
}

constexpr match_meaning conntrack_meaning(const sequence<option>& options, const meaning_context& context) {
  predicate rest = always();
  for (const option& one : options)
    if (one.index != conntrack_option::state) rest &= inverted_if(one.inverted, connection_fits(one, context.family));
  const option* const state = find_option(options, conntrack_option::state);
  if (state == nullptr) return {connection_states::is_tracked() && rest};
  const predicate fits =
      inverted_if(state->inverted, connection_states::in_one_of(static_cast<unsigned>(state->numbers[0].low)));
  if (options.size() == 1) return {fits};
  return {fits && (!connection_states::is_tracked() || rest)};
}

// A mask that is no prefix is not shown.
constexpr bool conntrack_saved(sequence<option>& options, const meaning_context& context) {
  for (option& one : options)
    if (one.index >= conntrack_option::original_source && one.index <= conntrack_option::reply_destination)
      forms::forget_mask_with_holes(one, context.family);
  return true;
}
}  // namespace detail

/// `-m conntrack`: its options, and what a use of it means.
inline constexpr match_extension conntrack_match{.name = "conntrack",
                                                 .options = conntrack_option::table,
                                                 .check = detail::conntrack_check,
                                                 .meaning = detail::conntrack_meaning,
                                                 .saved = detail::conntrack_saved};

}  // namespace cordon
