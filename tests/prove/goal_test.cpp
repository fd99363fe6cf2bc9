#include <cordon/prove/goal.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

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

// Every change of the destination port that a target can make, with ports and masks from 0 to 7.
std::vector<alteration> all_changes() {
  std::vector<alteration> made{make_unknown(field::second_word)};
  for (unsigned one = 0; one < others; ++one) {
    made.push_back(set_to(field::second_word, one));
    for (unsigned other = 0; other < others; ++other) {
      made.push_back(set_bits(field::second_word, one, other));
      made.push_back({.field = field::second_word, .from = field::first_word, .from_mask = one, .flip = other});
      if (one < other) made.push_back(set_to_one_of(field::second_word, one, other));
    }
  }
  return made;
}

// What the rules of one side do, and where that leads a packet.
struct side {
  environment now = {};
  bool only_plain = true;  // the port is a constant, one of a range, or as sent
  bool only_bits = true;   // the port is made of the bits that were sent, and of constants
  ports possible = {};
};

side after(const packet& sent, const std::vector<alteration>& changes) {
  side made;
  made.possible.set(sent.second_word);
  for (const alteration& change : changes) {
    made.now.apply(change, family::ipv4);
    made.possible = after(made.possible, change, sent);
    const bool is_bits = change.what == alteration::kind::bits && change.from_mask == 0;
    made.only_plain = change.what == alteration::kind::one_of || (is_bits && change.keep == 0);
    made.only_bits &= is_bits;
  }
  return made;
}

// Whether `goes_to_same` says of one packet what can be known.
bool is_right(const packet& sent, const side& a, const side& b) {
  const truth answer = evaluate(goes_to_same(a.now, b.now, family::ipv4), sent);
  const ports both = a.possible & b.possible;
  const bool one_each = a.possible.count() == 1 && b.possible.count() == 1 && !both.test(others);
  if (answer == truth::yes) return a.now == b.now || (one_each && both.any());
  if (answer == truth::no) return both.none();
  // It says no less than can be known, but where a port comes from another field or is not modelled.
  if (a.only_bits && b.only_bits) return false;
  return !(a.only_plain && b.only_plain) || (both.any() && !one_each);
}

packet sent_to(std::uint16_t port, std::uint16_t from) {
  packet made;
  made.protocol = protocol::tcp;
  made.first_word = from;
  made.second_word = port;
  return made;
}

}  // namespace

TEST_CASE(
    "whether two packets go to the same place is said as their ports say it, after every change of one side or both") {
  const std::vector<alteration> all = all_changes();
  for (std::uint16_t port = 0; port < others; ++port) {
    const packet sent = sent_to(port, 5);
    std::vector<side> sides{after(sent, {})};
    for (const alteration& one : all) sides.push_back(after(sent, {one}));
    for (std::size_t i = 0; i < sides.size(); ++i)
      for (std::size_t j = 0; j < sides.size(); ++j)
        if (!is_right(sent, sides[i], sides[j])) FAIL("port " << port << ", changes " << i << " and " << j);
  }
}

TEST_CASE("whether two packets go to the same place is said as their ports say it, after several changes") {
  rc::prop("of each side", [] {
    const std::vector<alteration> all = all_changes();
    const auto change = rc::gen::elementOf(all);
    const packet sent =
        sent_to(*rc::gen::inRange<std::uint16_t>(0, others), *rc::gen::inRange<std::uint16_t>(0, others));
    const side a = after(sent, {*change, *change});
    const side b = after(sent, {*change, *change});
    RC_ASSERT(is_right(sent, a, b));
    RC_ASSERT(is_right(sent, b, a));
  });
}
