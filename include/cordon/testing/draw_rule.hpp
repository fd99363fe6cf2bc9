// Rules at random, as iptables accepts them: the uses of matches and targets are drawn from the tables of their
// extensions, so one that is added is drawn too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/list.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/draw_packet.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::testing {

/// Where a rule is drawn for.
struct rule_setting {
  cordon::family family = family::ipv4;    ///< which one
  cordon::backend backend = backend::nft;  ///< which one
  table_name table = table_name::filter;   ///< in which it is to stand
  bool in_user_chain = false;              ///< which no packet enters but by a jump
  /// The chains that it may jump to: the rules in them must not lead back.
  view<chain_name> chains = {};
  /// Whether it may hold what no packet decides: options of that kind, and extensions that cordon does not know.
  bool with_opaque = false;
  std::uint32_t most_matches = 3;    ///< of 0 to so many, beside those of the IP header
  std::uint32_t accepts_one_in = 2;  ///< of so many rules that neither jump nor only count one accepts
  /// What is known of the host: matches that ask for it are decided by it, and drawn without `with_opaque` too. Null: nothing.
  const host_facts* host = nullptr;
};

namespace detail {

/// A use of an extension that is not modelled, as the reader keeps it.
struct unknown_use {
  std::string_view name;
  std::string_view words;
  maybe<table_name> table = no_value;  ///< the only one that allows it
};

inline constexpr unknown_use unknown_matches[] = {
    {"limit", "--limit 1/sec"},
    {"statistic", "--mode random --probability 0.50000000000"},
    {"u32", "--u32 0x0&0xf0=0x40"},
    {"string", "--string GET --algo bm"},
    {"time", "--timestart 01:00:00 --timestop 02:00:00"},
};
inline constexpr unknown_use unknown_targets[] = {
    {"NFQUEUE", "--queue-num 0"},
    {"CT", "--notrack", table_name::raw},
    {"TOS", "--set-tos 0x10/0x3f", table_name::mangle},
    {"MARK", "--set-xmark 0x1/0xffffffff", table_name::mangle},
};

inline constexpr std::string_view ipv4_networks[] = {"127.0.0.1",  "127.0.0.0/8",  "127.0.0.53",
                                                     "10.9.0.1",   "10.9.0.2",     "10.9.0.0/24",
                                                     "10.0.0.0/8", "192.0.2.0/24", "224.0.0.0/4"};
inline constexpr std::string_view ipv6_networks[] = {
    "::1", "fd09::1", "fd09::2", "fd09::/64", "fc00::/7", "2001:db8::/32", "fe80::/10", "ff00::/8", "::ffff:0:0/96"};
inline constexpr std::string_view interfaces[] = {"lo", "lo", "eth0", "eth+", "l+", "v0", "wlan0"};
inline constexpr protocol protocols[] = {protocol::tcp,
                                         protocol::tcp,
                                         protocol::tcp,
                                         protocol::udp,
                                         protocol::udp,
                                         protocol::icmp,
                                         protocol::icmpv6,
                                         protocol::sctp,
                                         protocol::dccp,
                                         protocol::udplite,
                                         static_cast<protocol>(47),
                                         static_cast<protocol>(255)};

constexpr network draw_network(const choice_source& choices, family in) {
  network made;
  if (in == family::ipv4)
    made = *read_network(draw_one(choices, ipv4_networks));
  else
    made = *read_network(draw_one(choices, ipv6_networks));
  if (choices.one_in(6)) {
    const auto length = static_cast<unsigned>(1 + choices.below(address_width(in)));
    made.mask = prefix_mask(in, length);
  } else if (choices.one_in(6)) {
    // A mask with a hole, which may reach to its end.
    const auto hole = static_cast<unsigned>(1 + choices.below(8));
    made.mask ^= made.mask & (low_bits(hole) << choices.below(address_width(in) - hole));
  }
  made.base.bits = (made.base.bits | (choices.one_in(4) ? choices.below(4) : 0)) & made.mask;
  return made;
}

constexpr interface_match draw_interface_match(const choice_source& choices) {
  interface_match made{true, choices.one_in(4), false, {}};
  std::string_view written = draw_one(choices, interfaces);
  made.prefix = written.ends_with('+');
  if (made.prefix) written.remove_suffix(1);
  made.name = interface_name(written);
  return made;
}

constexpr void put_in_order(sequence<option>& options) {
  for (std::size_t i = 1; i < options.size(); ++i)
    for (std::size_t k = i; k > 0 && options[k].index < options[k - 1].index; --k)
      std::swap(options[k], options[k - 1]);
}

/// Options of an extension that it accepts, in the form that iptables-save prints; nothing if eight tries find none.
template <class Extension>
constexpr maybe<sequence<option>> draw_options(const choice_source& choices, const Extension& of,
                                               const meaning_context& context) {
  for (int tries = 8; tries > 0; --tries) {
    sequence<option> made;
    // Some options are taken together with others alone.
    const std::uint64_t wanted = of.options.empty() ? 0 : choices.below(choices.one_in(8) ? of.options.size() + 1 : 3);
    std::uint64_t missing = wanted;
    for (std::size_t i = 0; i < of.options.size(); ++i) {
      const std::uint64_t left = of.options.size() - i;
      const bool chosen = choices.below(left) < missing;
      if (chosen && missing > 0) --missing;
      if (!chosen && of.options[i].least_count == 0) continue;
      option one{static_cast<std::uint8_t>(i), of.options[i].invertible && choices.one_in(3), {}, {}};
      of.options[i].form->draw(choices, context.family, one);
      made.push_back(std::move(one));
    }
    if (of.check != nullptr && !of.check(made, context).empty()) continue;
    if (!contains(valid_hooks(of, made, context), hook::output)) continue;
    if (of.normalise != nullptr) of.normalise(made, context);
    put_in_order(made);
    // What says nothing goes, and some of it was all that made the use a valid one.
    if (of.check != nullptr && !of.check(made, context).empty()) continue;
    bool twice = false;
    for (std::size_t i = 1; i < made.size(); ++i) twice = twice || made[i].index == made[i - 1].index;
    if (!twice) return made;
  }
  return no_value;
}

template <class Extension>
constexpr bool exists_for(const Extension& of, family in) {
  return in == family::ipv4 ? of.ipv4 : of.ipv6;
}

/// A use of a match; nothing if it accepts none that was tried, or if what it says is opaque and must not be.
constexpr maybe<match> draw_match(const choice_source& choices, const match_extension& of,
                                  const meaning_context& context, bool with_opaque) {
  maybe<sequence<option>> options = draw_options(choices, of, context);
  if (!options) return no_value;
  if (!with_opaque) {
    const match_meaning meaning = of.meaning(*options, context);
    if (!meaning.holds.atoms().empty() || !meaning.drops.atoms().empty()) return no_value;
  }
  // What iptables-save would not show again is another rule once it is saved.
  if (of.saved != nullptr) {
    sequence<option> shown = *options;
    if (!of.saved(shown, context) || shown != *options) return no_value;
  }
  return match{&of, of.name, std::move(*options), {}};
}

constexpr void draw_matches(const choice_source& choices, const rule_setting& where, rule& into) {
  const auto extensions = all_match_extensions();
  for (std::uint64_t left = choices.below(where.most_matches + 1); left > 0; --left) {
    if (where.with_opaque && choices.one_in(6)) {
      const unknown_use& use = draw_one(choices, unknown_matches);
      if (find_match_extension(use.name, where.family) == nullptr)
        into.matches.push_back({nullptr, use.name, {}, text(use.words)});
      continue;
    }
    const match_extension& chosen = *draw_one(choices, extensions);
    if (!exists_for(chosen, where.family)) continue;
    const bool is_there =
        cordon::detail::any_of(into.matches, [&](const match& other) { return other.extension == &chosen; });
    if (is_there) continue;
    // A match of one protocol brings its -p along where the rule has said nothing that depends on another.
    const protocol_match before = into.protocol;
    if (chosen.implied_by != 0 && into.matches.empty())
      into.protocol = {true, false, static_cast<protocol>(chosen.implied_by)};
    maybe<match> made =
        draw_match(choices, chosen, {where.family, where.backend, into.protocol, name_of(where.table), where.host},
                   where.with_opaque);
    if (made)
      into.matches.push_back(std::move(*made));
    else
      into.protocol = before;
  }
}

constexpr target plain_target(const target_extension& of) { return {target::kind::extension, &of, of.name, {}, {}}; }

constexpr target draw_target(const choice_source& choices, const rule_setting& where, const protocol_match& protocol) {
  if (!where.chains.empty() && choices.one_in(3)) {
    const chain_name& to = draw_one(choices, where.chains);
    return {choices.one_in(4) ? target::kind::go_to : target::kind::jump, nullptr, text(to.view()), {}, {}};
  }
  if (where.with_opaque && choices.one_in(12)) {
    const unknown_use& use = draw_one(choices, unknown_targets);
    if ((!use.table || *use.table == where.table) && find_target_extension(use.name, where.family) == nullptr)
      return {target::kind::unknown, nullptr, use.name, {}, text(use.words)};
  }
  if (choices.one_in(12)) return {};
  if (choices.one_in(where.accepts_one_in)) return plain_target(accept_target);
  const meaning_context context{where.family, where.backend, protocol, name_of(where.table), where.host};
  const auto extensions = all_target_extensions();
  for (int tries = 4; tries > 0; --tries) {
    const target_extension& chosen = *draw_one(choices, extensions);
    if (!exists_for(chosen, where.family)) continue;
    maybe<sequence<option>> options = draw_options(choices, chosen, context);
    if (!options) continue;
    const effect::kind does = chosen.meaning(*options, context).what;
    if (!where.with_opaque && (does == effect::kind::unknown || does == effect::kind::queue)) continue;
    return {target::kind::extension, &chosen, chosen.name, std::move(*options), {}};
  }
  return plain_target(accept_target);
}

}  // namespace detail

/// A rule that iptables accepts in OUTPUT, or in a user chain that is called from there, as far as the extensions know, and
/// that iptables-save prints as it is.
constexpr rule draw_rule(const choice_source& choices, const rule_setting& where) {
  rule made;
  if (choices.one_in(6)) made.source = {true, choices.one_in(4), detail::draw_network(choices, where.family)};
  if (choices.one_in(2)) made.destination = {true, choices.one_in(4), detail::draw_network(choices, where.family)};
  if (where.in_user_chain && choices.one_in(20)) made.in = detail::draw_interface_match(choices);
  if (choices.one_in(4)) made.out = detail::draw_interface_match(choices);
  if (choices.one_in(2)) made.protocol = {true, choices.one_in(6), draw_one(choices, detail::protocols)};
  if (where.family == family::ipv4 && choices.one_in(16))
    made.fragment = choices.one_in(2) ? fragment_match::later : fragment_match::not_later;
  detail::draw_matches(choices, where, made);
  made.target = detail::draw_target(choices, where, made.protocol);
  return made;
}

}  // namespace cordon::testing
