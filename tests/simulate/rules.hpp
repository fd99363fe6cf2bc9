// Rules built as values, for tests that need no text: `when_out("lo", drop())` is `-o lo -j DROP`.
#pragma once

#include <initializer_list>
#include <utility>

#include <cordon/rule/firewall.hpp>
#include <cordon/target/reject.hpp>
#include <cordon/target/standard.hpp>

namespace cordon::test {

constexpr rule with_target(target::kind what, const chain_name& name, const target_extension* extension = nullptr) {
  rule made;
  made.target.what = what;
  made.target.name = text(name.view());
  made.target.extension = extension;
  return made;
}

constexpr rule accept() { return with_target(target::kind::extension, "ACCEPT", &accept_target); }
constexpr rule drop() { return with_target(target::kind::extension, "DROP", &drop_target); }
constexpr rule give_back() { return with_target(target::kind::extension, "RETURN", &return_target); }
constexpr rule jump(const chain_name& to) { return with_target(target::kind::jump, to); }
constexpr rule go_to(const chain_name& to) { return with_target(target::kind::go_to, to); }
constexpr rule nothing() { return with_target(target::kind::none, ""); }
constexpr rule unknown_target() { return with_target(target::kind::unknown, "NEWEST"); }
/// -j REJECT --reject-with ...
constexpr rule reject(reject_type with) {
  rule made = with_target(target::kind::extension, "REJECT", &reject_target);
  option type;
  type.index = reject_option::reject_with;
  type.numbers = {{static_cast<unsigned>(with), static_cast<unsigned>(with)}};
  made.target.options.push_back(type);
  return made;
}

// Targets that change fields.
constexpr effect mark_meaning(const sequence<option>& options, const meaning_context&) {
  return {.changes = {set_bits(field::mark, options[0].numbers[0].low, options[0].numbers[0].high)}};
}
constexpr effect save_meaning(const sequence<option>&, const meaning_context&) {
  alteration saved = set_to(field::connection_mark, 0);
  saved.from = field::mark;
  saved.from_mask = 0xffffffff;
  return {.changes = {set_to(field::mark, 0), saved}};
}
constexpr effect send_to_meaning(const sequence<option>& options, const meaning_context&) {
  const range& ports = options[0].numbers[0];
  return {.what = effect::kind::accept,
          .changes = {set_to_one_of(field::second_word, ports.low, ports.high), set_to(field::nat_status, 2)}};
}
constexpr effect restore_meaning(const sequence<option>&, const meaning_context&) {
  alteration restored = set_to(field::mark, 0);
  restored.from = field::connection_mark;
  restored.from_mask = 0xffffffff;
  return {.changes = {restored}, .needs_connection = true};
}
inline constexpr target_extension restore_target_for_test{.name = "RESTORE", .meaning = restore_meaning};
inline constexpr target_extension mark_target_for_test{.name = "MARK", .meaning = mark_meaning};
inline constexpr target_extension save_target_for_test{.name = "SAVE", .meaning = save_meaning};
inline constexpr target_extension send_to_target_for_test{.name = "SENDTO", .meaning = send_to_meaning};

constexpr rule changing(const target_extension& by, std::uint32_t a = 0, std::uint32_t b = 0) {
  rule made = with_target(target::kind::extension, by.name, &by);
  made.target.options.resize(1);
  made.target.options[0].numbers = {{a, b}};
  return made;
}
/// Clears the bits of `mask` in the packet's mark, flips those of `value`, and goes on.
constexpr rule set_mark(std::uint32_t value, std::uint32_t mask = 0xffffffff) {
  return changing(mark_target_for_test, value, mask);
}
/// Gives the connection the packet's mark and the packet none, both at once.
constexpr rule save_mark() { return changing(save_target_for_test); }
/// Gives the packet its connection's mark, if it has a connection.
constexpr rule restore_mark() { return changing(restore_target_for_test); }
/// Gives the packet some destination port of `low` to `high`, and accepts it.
constexpr rule send_to(std::uint32_t low, std::uint32_t high) { return changing(send_to_target_for_test, low, high); }

/// Has the connection tracking pass the packet by, as NOTRACK does.
constexpr effect untrack_meaning(const sequence<option>&, const meaning_context&) {
  return {.changes = {set_to(field::state, static_cast<unsigned>(connection_state::untracked))}};
}
inline constexpr target_extension untrack_target_for_test{.name = "UNTRACK", .meaning = untrack_meaning};
constexpr rule untrack() { return changing(untrack_target_for_test); }

/// A match that no packet decides, with a fresh value each time.
constexpr rule perhaps(rule made, const char* words = "--often") {
  match one;
  one.name = "newest";
  one.words = words;
  made.matches.push_back(one);
  return made;
}

constexpr match_meaning weather_meaning(const sequence<option>& options, const meaning_context&) {
  predicate holds = unknown("-m weather --fine", /*stateful=*/false);
  if (options[0].inverted) holds.negate();
  return {holds};
}
inline constexpr match_extension weather_match{.name = "weather", .meaning = weather_meaning};

/// A match that no packet decides, but that has one value for a packet.
constexpr rule if_fine(rule made, bool inverted = false) {
  match one;
  one.extension = &weather_match;
  one.name = "weather";
  one.options.resize(1);
  one.options[0].inverted = inverted;
  made.matches.push_back(one);
  return made;
}

constexpr match_meaning state_is_meaning(const sequence<option>& options, const meaning_context&) {
  return {is(field::state, options[0].numbers[0].low)};
}
inline constexpr match_extension state_is_match{.name = "state-is", .meaning = state_is_meaning};
constexpr match_meaning mark_is_meaning(const sequence<option>& options, const meaning_context&) {
  return {is(field::mark, options[0].numbers[0].low)};
}
inline constexpr match_extension mark_is_match{.name = "mark-is", .meaning = mark_is_meaning};
constexpr match_meaning connection_mark_is_meaning(const sequence<option>& options, const meaning_context&) {
  return {is(field::connection_mark, options[0].numbers[0].low)};
}
inline constexpr match_extension connection_mark_is_match{.name = "connection-mark-is",
                                                          .meaning = connection_mark_is_meaning};
constexpr match_meaning port_below_meaning(const sequence<option>& options, const meaning_context&) {
  return {between(field::second_word, 0, options[0].numbers[0].low)};
}
inline constexpr match_extension port_below_match{.name = "port-up-to", .meaning = port_below_meaning};
constexpr match_meaning long_enough_meaning(const sequence<option>& options, const meaning_context&) {
  const uint128 bytes = options[0].numbers[0].low;
  return {between(field::transport, bytes, 20), between(field::transport, 0, bytes - 1)};
}
/// Holds for a header of at least so many bytes, and drops a shorter one: as matches of xtables do.
inline constexpr match_extension long_enough_match{.name = "long-enough", .meaning = long_enough_meaning};

constexpr rule when(const match_extension& which, unsigned value, rule made) {
  match one;
  one.extension = &which;
  one.name = which.name;
  one.options.resize(1);
  one.options[0].numbers = {{value, value}};
  made.matches.push_back(one);
  return made;
}
constexpr rule when_state(connection_state which, rule made) {
  return when(state_is_match, static_cast<unsigned>(which), std::move(made));
}
constexpr rule when_mark(unsigned value, rule made) { return when(mark_is_match, value, std::move(made)); }
constexpr rule when_connection_mark(unsigned value, rule made) {
  return when(connection_mark_is_match, value, std::move(made));
}
constexpr rule when_port_up_to(unsigned value, rule made) { return when(port_below_match, value, std::move(made)); }
constexpr rule when_long_enough(unsigned bytes, rule made) { return when(long_enough_match, bytes, std::move(made)); }
constexpr rule when_out(const interface_name& name, rule made) {
  made.out = {.given = true, .name = name};
  return made;
}
constexpr rule when_protocol(protocol which, rule made) {
  made.protocol = {true, false, which};
  return made;
}

constexpr chain user_chain(const chain_name& name, sequence<rule> rules) {
  return {.name = name, .rules = std::move(rules)};
}
constexpr chain output(sequence<rule> rules, chain_policy policy = chain_policy::accept) {
  return {.name = "OUTPUT", .policy = policy, .rules = std::move(rules)};
}

constexpr table make_table(table_name name, sequence<chain> chains) { return {name, std::move(chains)}; }
constexpr table filter(sequence<chain> chains) { return make_table(table_name::filter, std::move(chains)); }
constexpr table filter(sequence<rule> rules, chain_policy policy = chain_policy::accept) {
  return filter(sequence{output(std::move(rules), policy)});
}

/// A firewall with these tables for both families.
constexpr firewall firewall_of(sequence<table> tables, backend with = backend::nft) {
  firewall made;
  made.v4 = family_rules(ruleset{with, tables, {}});
  made.v6 = family_rules(ruleset{with, std::move(tables), {}});
  return made;
}

/// A TCP SYN to 127.0.0.1, port 8000.
constexpr packet to_loopback() {
  packet made;
  made.source = made.destination = ipv4_address(127, 0, 0, 1).bits;
  made.second_word = 8000;
  return made;
}
constexpr packet in_state(connection_state state) {
  packet made = to_loopback();
  made.state = state;
  return made;
}

}  // namespace cordon::test
