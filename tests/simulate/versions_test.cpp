#include <cordon/simulate/versions.hpp>

#include <rapidcheck.h>

#include <cordon/rule/environment.hpp>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;
using cordon::detail::packet_versions;
using cordon::detail::version_set;

namespace {
constexpr field some_fields[] = {field::mark, field::connection_mark, field::second_word};

template <class T>
T pick(std::initializer_list<T> from) {
  return *rc::gen::elementOf(sequence<T>(from));
}
field pick_field() { return pick({some_fields[0], some_fields[1], some_fields[2]}); }

predicate random_predicate(unsigned depth) {
  if (depth == 0 || pick({0, 1, 2}) == 0) {
    const unsigned low = pick({0U, 1U, 2U, 3U});
    switch (pick({0, 1, 2, 3})) {
      case 0: return between(pick_field(), low, pick({3U, 4U, 100U}));
      case 1: return masked(pick_field(), low | 4, pick({0U, 4U}));
      case 2: return unknown("newest", true);
      default: return is(pick_field(), low);
    }
  }
  switch (pick({0, 1, 2, 3, 4})) {
    case 0: return random_predicate(depth - 1) || random_predicate(depth - 1);
    case 1: return !random_predicate(depth - 1);
    default: return random_predicate(depth - 1) && random_predicate(depth - 1);
  }
}

alteration random_change() {
  alteration made = set_bits(pick_field(), pick({0U, 1U, 5U, 7U}), pick({0U, 1U, 7U, 0xffffU}));
  switch (pick({0, 1, 2, 3})) {
    case 0: return make_unknown(made.field);
    case 1: return set_to_one_of(made.field, pick({0U, 1U}), pick({1U, 3U}));
    case 2:
      made.from = pick_field();
      made.from_mask = pick({1U, 7U, 0xffffU});
      made.keep &= ~made.from_mask;
      break;
    default: break;
  }
  return made;
}

packet random_packet() {
  packet made = to_loopback();
  for (const field which : some_fields) set_value(made, which, pick({0U, 1U, 2U, 3U, 5U}));
  return made;
}

constexpr auto no_atom_is_known = [](const atom&) { return truth::unknown; };
}  // namespace

TEST_CASE("a condition that is settled early has the same truth") {
  CHECK(rc::check([] {
    const predicate condition = random_predicate(4);
    const packet sent = random_packet();
    const field_set open = pick({field_set{0}, set_of(field::mark)});
    RC_ASSERT(evaluate(condition, sent, open, no_atom_is_known, settled_from(condition)) ==
              evaluate(condition, sent, open));
  }));
}

TEST_CASE("a condition is settled behind its last disjunction or negation that is not inside a conjunct") {
  const predicate a = is(field::mark, 1);
  CHECK(settled_from(a) == 0);
  CHECK(settled_from(a && a && a) == 0);
  CHECK(settled_from(a && (a || a)) == 0);
  CHECK(settled_from(a && !a) == 0);
  CHECK(settled_from(!a && a) == 1);
  CHECK(settled_from((a || a) && a) == 2);
  CHECK(settled_from((a && a) || a) == 4);
}

TEST_CASE("a packet that was changed answers as the question put back to what was sent") {
  CHECK(rc::check([] {
    const packet sent = random_packet();
    const program rules;
    packet_versions versions(rules, sent, 0);
    version_set now = 1;
    environment same;
    for (unsigned steps = pick({0U, 1U, 2U, 3U}); steps > 0; --steps) {
      // All changes of one target are made at once, each of another field.
      sequence<alteration> changes = {random_change()};
      const alteration other = random_change();
      if (other.field != changes[0].field) changes.push_back(other);
      const environment before = same;
      for (const alteration& change : changes) {
        environment alone = before;
        alone.apply(change, sent.family);
        same.take(change.field, alone, sent.family);
      }
      now = versions.changed(now, changes);
    }
    RC_ASSERT((now & (now - 1)) == 0);
    const predicate condition = random_predicate(2);
    const auto number = static_cast<std::size_t>(std::countr_zero(now));
    const truth was = evaluate(as_sent(condition, same, sent.family), sent);
    const truth is = versions.ask(condition, ~std::size_t{0}, number, no_atom_is_known);
    // Neither knows of two tests of one unknown value that they are about one value; each may see a little
    // more.
    RC_ASSERT(was == is || was == truth::unknown || is == truth::unknown);
    if (same.open_fields() == 0) RC_ASSERT(was == is);
  }));
}

TEST_CASE("the packet as sent is version 0, and equal versions are one") {
  const program rules;
  const packet sent = to_loopback();
  packet_versions versions(rules, sent, 0);
  CHECK(versions.changed(1, {}) == 1);
  CHECK(versions.changed(1, {set_to(field::mark, 0)}) == 1);
  CHECK(versions.changed(1, {set_to(field::mark, 7)}) == 2);
  CHECK(versions.changed(1, {set_bits(field::mark, 7, 7)}) == 2);
  CHECK(versions.changed(2, {set_to(field::mark, 0)}) == 1);
  CHECK(versions.changed(3, {set_to(field::mark, 9)}) == 4);
  CHECK(versions.changed(1, {make_unknown(field::mark)}) == versions.changed(2, {make_unknown(field::mark)}));
}

TEST_CASE("a translation into what was there already leaves the connection untranslated") {
  const program rules;
  const packet sent = to_loopback();
  packet_versions versions(rules, sent, 0);
  const alteration translated = set_to(field::nat_status, 2);
  CHECK(versions.changed(1, {set_to(field::second_word, 8000), translated}) == 1);
  const auto of = [&](const alteration& port) { return versions.merged(versions.changed(1, {port, translated})); };
  CHECK(of(set_to(field::second_word, 8001)).now.nat_status == 2);
  CHECK(of(set_to_one_of(field::second_word, 8001, 8009)).now.nat_status == 2);
  CHECK(contains(of(set_to_one_of(field::second_word, 8000, 8009)).open, field::nat_status));
  CHECK(contains(of(make_unknown(field::second_word)).open, field::nat_status));
}

TEST_CASE("nat alone may give a message of ICMP another checksum") {
  const program rules;
  packet sent = to_loopback();
  sent.protocol = protocol::icmp;
  packet_versions versions(rules, sent, 0);
  CHECK(versions.merged(versions.changed(1, {set_to(field::mark, 7)})).open == 0);
  const version_set translated = versions.changed(1, {set_to(field::destination, 1), set_to(field::nat_status, 2)});
  CHECK(contains(versions.merged(translated).open, field::second_word));
}

TEST_CASE("merged versions know what they agree on") {
  const program rules;
  const packet sent = to_loopback();
  packet_versions versions(rules, sent, set_of(field::hops));
  const version_set changed = versions.changed(1, {set_to(field::mark, 7), set_to(field::traffic_class, 16)});
  CHECK(versions.merged(changed).now.mark == 7);
  CHECK(versions.merged(changed).open == set_of(field::hops));
  CHECK(versions.merged(changed | 1).open ==
        (set_of(field::hops) | set_of(field::mark) | set_of(field::traffic_class)));
  CHECK(versions.merged(changed | 1).now.second_word == 8000);
}

TEST_CASE("a merged version keeps a range only if all its versions have it") {
  const program rules;
  const packet sent = to_loopback();
  packet_versions versions(rules, sent, 0);
  const version_set ranged = versions.changed(1, {set_to_one_of(field::mark, 5, 9)});
  CHECK(versions.merged(ranged).choices == sequence{field_choice{field::mark, {5, 9}}});
  CHECK(versions.merged(ranged | 1).choices.empty());
  CHECK(versions.merged(ranged | 1).open == set_of(field::mark));
}

TEST_CASE("more than sixty-three versions become one that knows nothing of what targets change") {
  const firewall changing = firewall_of({filter({set_mark(1), drop()})});
  const program rules = compile(changing, family::ipv4);
  const packet sent = to_loopback();
  packet_versions versions(rules, sent, 0);
  version_set last = 0;
  for (unsigned mark = 1; mark <= 100; ++mark) {
    last = versions.changed(1, {set_to(field::mark, mark)});
    CHECK(last == version_set{1} << (mark < 63 ? mark : 63));
  }
  CHECK(versions.open(63) == set_of(field::mark));
  CHECK(versions.now(63).second_word == 8000);
}
