#include <cordon/rule/predicate.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {

// Every third pair of ports: 0-1, 6-7, 12-13, ...
sequence<range> every_third_pair(unsigned count) {
  sequence<range> made;
  for (unsigned i = 0; i < count; ++i) made.push_back({6 * i, 6 * i + 1});
  return made;
}

truth of_port(const predicate& condition, unsigned port, unsigned source = 0) {
  packet about;
  about.second_word = static_cast<std::uint16_t>(port);
  about.first_word = static_cast<std::uint16_t>(source);
  return evaluate(condition, about, 0, [](const atom&) { return truth::unknown; }, settled_from(condition));
}

}  // namespace

TEST_CASE("any_of holds in its ranges and nowhere else, however many there are") {
  for (const unsigned count : {0U, 1U, 2U, 16U, 17U, 1000U}) {
    const predicate any = predicate::any_of(field::second_word, every_third_pair(count));
    const predicate none = !any;
    for (unsigned port = 0; port < 6 * count + 6; ++port) {
      const bool inside = port % 6 < 2 && port / 6 < count;
      if (of_port(any, port) == truth_of(inside) && of_port(none, port) == truth_of(!inside)) continue;
      CAPTURE(count, port);
      FAIL("a port on the wrong side");
    }
  }
}

TEST_CASE("any_of with a narrower condition for each range asks the one of its range") {
  const sequence<range> ranges = every_third_pair(200);
  const predicate any = predicate::any_of(field::second_word, ranges, [](std::size_t i, predicate& within) {
    if (i % 2 == 0) within = is(field::first_word, i);
    if (i == 7) within.negate();
    if (i == 9) within = unknown("nine", /*stateful=*/false);
  });
  CHECK(of_port(any, 6 * 10, 10) == truth::yes);
  CHECK(of_port(any, 6 * 10, 11) == truth::no);
  CHECK(of_port(any, 6 * 11, 10) == truth::yes);
  CHECK(of_port(any, 6 * 7, 7) == truth::no);
  CHECK(of_port(any, 6 * 9, 9) == truth::unknown);
  CHECK(of_port(any, 6 * 9 + 2, 9) == truth::no);
}

TEST_CASE("a rewritten expression leaves out no more than it may where a test before something long is false") {
  const predicate any = is(field::protocol, 6) && predicate::any_of(field::second_word, every_third_pair(100));
  // Another field, and a test that is decided: the expression gets shorter.
  const predicate changed = any.rewritten([](const predicate_step& test) {
    if (test.field == field::protocol) return predicate();
    predicate_step other = test;
    if (test.a == 60) return never();
    other.field = field::first_word;
    return predicate::of(other);
  });
  CHECK(of_port(changed, 5, 6) == truth::yes);
  CHECK(of_port(changed, 5, 60) == truth::no);
  CHECK(of_port(changed, 5, 66) == truth::yes);
  CHECK(of_port(changed, 6, 5) == truth::no);
  CHECK(of_port(with_value(any, field::protocol, 17), 6) == truth::no);
  CHECK(of_port(with_value(any, field::protocol, 6), 6) == truth::yes);
}

TEST_CASE("a field whose value is not known leaves the whole open, and nothing is skipped for it") {
  const predicate any = predicate::any_of(field::second_word, every_third_pair(100));
  CHECK(evaluate(any, packet{}, set_of(field::second_word)) == truth::unknown);
}
