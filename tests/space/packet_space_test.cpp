#include <cordon/space/packet_space.hpp>

#include <string>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "random_predicates.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

packet_space space_for(const sequence<predicate>& predicates, const packet_domain& domain) {
  layout levels(domain);
  for (const predicate& one : predicates) levels.observe(one);
  levels.finish();
  return packet_space(std::move(levels));
}

testing::edges edges_of(const sequence<predicate>& predicates, family in) {
  testing::edges around(in);
  for (const predicate& one : predicates) around.observe(one);
  around.finish();
  return around;
}

rc::Gen<sequence<predicate>> some_predicates(family in) {
  return testing::generator(
      [in](const choice_source& choices) {
        sequence<predicate> made;
        for (std::uint64_t left = 1 + choices.below(4); left > 0; --left) made.push_back(draw_predicate(choices, in));
        return made;
      },
      [](const sequence<predicate>& now) {
        sequence<sequence<predicate>> fewer;
        for (std::size_t i = 0; i < now.size() && now.size() > 1; ++i)
          fewer.push_back(testing::detail::without(now, i, 1));
        return fewer;
      });
}

}  // namespace

TEST_CASE("what the layout has not observed can be asked where its cells can be cut, and what was asked before stays") {
  int cut = 0;
  rc::prop("for random predicates", [&] {
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    const sequence<predicate> before = *some_predicates(in);
    sequence<predicate> later = *some_predicates(in);
    testing::random_choices numbers(*rc::gen::arbitrary<std::uint64_t>());
    for (const predicate& one : before)  // and intervals of what has levels
      for (const predicate_step& test : one.steps()) {
        const range domain = domain_of(test.field, in);
        const uint128 low = testing::draw_number(numbers.source(), domain);
        later.push_back(between(test.field, low, testing::draw_number(numbers.source(), {low, domain.high})));
      }
    layout levels(packet_domain::all(in));
    for (const predicate& one : before) levels.observe(one);
    levels.finish(*rc::gen::inRange<std::uint32_t>(1, 9));
    packet_space space(std::move(levels));
    sequence<predicate> all;
    sequence<diagram> sets;
    const auto ask = [&](const predicate& one) {
      all.push_back(one);
      sets.push_back(space.set_of(one));
    };
    for (const predicate& one : before) ask(one);
    for (const predicate& one : later) {
      if (!space.cut(one)) continue;
      ++cut;
      ask(one);
    }
    for (const predicate& one : before) ask(one);
    for (std::size_t i = 0; i < before.size(); ++i) RC_ASSERT(sets[i] == sets[sets.size() - before.size() + i]);
    const testing::edges around = edges_of(all, in);
    testing::random_choices choices(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 50; ++i) {
      const packet sent = testing::draw_packet(choices.source(), around);
      RC_LOG() << testing::shown(sent) << "\n";
      for (std::size_t k = 0; k < sets.size(); ++k)
        RC_ASSERT((space.value_at(sets[k], sent) != 0) == (evaluate(all[k], sent) == truth::yes));
    }
  });
  CHECK(cut > 20);
}

TEST_CASE("an interval that no rule named before is cut out of a cell with spare ones, until there are none left") {
  layout levels(packet_domain::all(family::ipv4));
  levels.observe(between(field::destination, 1000, 1999));
  levels.finish(3);
  packet_space space(std::move(levels));
  const diagram before = space.set_of(between(field::destination, 1000, 1999));
  REQUIRE(space.cut(between(field::destination, 1200, 1299)));
  const diagram part = space.set_of(between(field::destination, 1200, 1299));
  CHECK(part != no_packet);
  CHECK(part != before);
  CHECK(space.store().includes(before, part));
  CHECK(space.set_of(between(field::destination, 1000, 1999)) == before);
  CHECK_FALSE(space.cut(between(field::source, 1, 2)));      // no level
  CHECK_FALSE(space.cut(masked(field::destination, 1, 1)));  // no bits
  int more = 0;
  while (more < 10 && space.cut(between(field::destination, 1210U + 7U * static_cast<unsigned>(more), 1299))) ++more;
  CHECK(more < 10);
}

TEST_CASE("a predicate holds for a packet exactly if the packet lies in its set") {
  rc::prop("whatever else the layout has observed", [] {
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    const sequence<predicate> predicates = *some_predicates(in);
    packet_space space = space_for(predicates, packet_domain::all(in));
    sequence<diagram> sets;
    for (const predicate& one : predicates) sets.push_back(space.set_of(one));
    const testing::edges around = edges_of(predicates, in);
    testing::random_choices choices(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 50; ++i) {
      const packet sent = testing::draw_packet(choices.source(), around);
      RC_LOG() << testing::shown(sent) << "\n";
      for (std::size_t k = 0; k < sets.size(); ++k)
        RC_ASSERT((space.value_at(sets[k], sent) != 0) == (evaluate(predicates[k], sent) == truth::yes));
    }
  });
  rc::prop("in the smaller domain of a sandbox too", [] {
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    const egress_policy policy = *testing::policies();
    sequence<predicate> predicates = *some_predicates(in);
    predicates.push_back(goes_to_any(policy, in));
    packet_space space = space_for(predicates, packets_of(policy, in));
    const testing::edges around = edges_of(predicates, in);
    testing::random_choices choices(*rc::gen::arbitrary<std::uint64_t>());
    for (const predicate& one : predicates) {
      const diagram set = space.set_of(one);
      for (int i = 0; i < 20; ++i) {
        const packet sent = testing::draw_packet(choices.source(), around, policy);
        RC_LOG() << testing::shown(sent) << "\n";
        RC_ASSERT((space.value_at(set, sent) != 0) == (evaluate(one, sent) == truth::yes));
      }
    }
  });
}

TEST_CASE("predicates that mean the same are the same set") {
  rc::prop("De Morgan, double negation, bounds", [] {
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    const sequence<predicate> predicates = *some_predicates(in);
    packet_space space = space_for(predicates, packet_domain::all(in));
    const predicate& a = predicates.front();
    const predicate& b = predicates.back();
    RC_ASSERT(space.set_of(!(a && b)) == space.set_of(!a || !b));
    RC_ASSERT(space.set_of(!!a) == space.set_of(a));
    RC_ASSERT(space.set_of(a && !a) == no_packet);
    RC_ASSERT(space.set_of(a || !a) == every_packet);
  });
}

TEST_CASE("an interval that is cut into runs of bits is still an interval") {
  // The masks cut the mark into bits and nibbles; the interval crosses all of them.
  const sequence<predicate> predicates = {masked(field::mark, 0x50, 0x10), masked(field::mark, 0xf00, 0x300),
                                          between(field::mark, 0x12, 0x10345)};
  packet_space space = space_for(predicates, packet_domain::all(family::ipv4));
  const diagram inside = space.set_of(predicates.back());
  packet sent;
  for (const std::uint32_t mark : {0U, 0x11U, 0x12U, 0x13U, 0x10344U, 0x10345U, 0x10346U, 0x10400U, 0xffffffffU}) {
    CAPTURE(mark);
    sent.mark = mark;
    CHECK((space.value_at(inside, sent) != 0) == (0x12 <= mark && mark <= 0x10345));
  }
}

TEST_CASE("a stateless atom is one level for each name, a stateful one a level each time") {
  packet_space space = space_for({}, packet_domain::all(family::ipv4));
  const atom time{"-m time", false};
  const atom other{"-m string", false};
  const atom limit{"-m limit", true};
  CHECK(space.set_of(time) == space.set_of(time));
  CHECK_FALSE(space.set_of(time) == space.set_of(other));
  CHECK_FALSE(space.set_of(limit) == space.set_of(limit));
  CHECK(space.atom_count() == 4);
  const predicate either = unknown("-m time", false) || !unknown("-m time", false);
  CHECK(space.set_of(either) == every_packet);
}
