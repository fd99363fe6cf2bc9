#include <cordon/prove/goal.hpp>

#include <bitset>

#include <cordon/packet/packet.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

using namespace cordon;

namespace {

// Ports 0 to 7, and all others as one: what targets do in these tests keeps to the lowest three bits.
constexpr unsigned others = 8;
using ports = std::bitset<others + 1>;

// What a target makes of ports, by the words of its documentation.
ports after(const ports& before, const alteration& change, const packet& sent) {
  if (change.what == alteration::kind::unknown) return ports().set();
  ports made;
  if (change.what == alteration::kind::one_of) {
    for (uint128 port = change.values.low; port <= change.values.high; ++port) made.set(static_cast<std::size_t>(port));
    return made;
  }
  const uint128 from = value_of(sent, change.from) & change.from_mask;
  for (unsigned port = 0; port < others; ++port)
    if (before.test(port)) made.set(static_cast<std::size_t>(((port & change.keep) ^ from ^ change.flip) & 0xffff));
  if (before.test(others)) {
    if (change.keep == 0)
      made.set(static_cast<std::size_t>((from ^ change.flip) & 0xffff));
    else
      made.set();
  }
  return made;
}

alteration drawn_change() {
  const auto port = [] { return uint128(*rc::gen::inRange(0U, others)); };
  switch (*rc::gen::inRange(0, 6)) {
    case 0: return set_to(field::second_word, port());
    case 1: return set_bits(field::second_word, port(), port());
    case 2: return make_unknown(field::second_word);
    case 3: return {.field = field::second_word, .from = field::first_word, .from_mask = port(), .flip = port()};
    default: {
      const uint128 one = port();
      const uint128 other = port();
      return set_to_one_of(field::second_word, one < other ? one : other, one < other ? other : one);
    }
  }
}

// What the rules of one side do, and where that leads a packet.
struct side {
  environment now = {};
  bool only_plain = true;  // the port is a constant, one of a range, or as sent
  bool only_bits = true;   // the port is made of the bits that were sent, and of constants
  ports possible = {};
};

side drawn_side(const packet& sent) {
  side made;
  made.possible.set(sent.second_word);
  const int count = *rc::gen::inRange(0, 3);
  for (int i = 0; i < count; ++i) {
    const alteration change = drawn_change();
    made.now.apply(change, family::ipv4);
    made.possible = after(made.possible, change, sent);
    const bool is_bits = change.what == alteration::kind::bits && change.from_mask == 0;
    made.only_plain = change.what == alteration::kind::one_of || (is_bits && change.keep == 0);
    made.only_bits &= is_bits;
  }
  return made;
}

}  // namespace

TEST_CASE("Two packets go to the same place surely, surely not, or nobody knows") {
  rc::prop("as every port that they can have been given", [] {
    packet sent;
    sent.protocol = protocol::tcp;
    sent.first_word = *rc::gen::inRange<std::uint16_t>(0, others);
    sent.second_word = *rc::gen::inRange<std::uint16_t>(0, others);
    const side a = drawn_side(sent);
    const side b = drawn_side(sent);

    const predicate same = goes_to_same(a.now, b.now, family::ipv4);
    const truth answer = evaluate(same, sent);
    RC_TAG(answer == truth::yes ? "yes" : answer == truth::no ? "no" : "unknown");
    const ports both = a.possible & b.possible;
    const bool one_each = a.possible.count() == 1 && b.possible.count() == 1 && !both.test(others);
    if (answer == truth::yes) RC_ASSERT(a.now == b.now || (one_each && both.any()));
    if (answer == truth::no) RC_ASSERT(both.none());
    // It says no less than can be known, but where a port comes from another field or is not modelled.
    if (answer == truth::unknown && a.only_plain && b.only_plain) RC_ASSERT(both.any() && !one_each);
    if (a.only_bits && b.only_bits) RC_ASSERT(answer != truth::unknown);
    RC_ASSERT(answer == evaluate(goes_to_same(b.now, a.now, family::ipv4), sent));
  });
}
