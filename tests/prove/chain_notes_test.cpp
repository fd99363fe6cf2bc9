#include <cordon/prove/chain_notes.hpp>

#include <string>
#include <vector>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// The first rules of the stretches of mangle's OUTPUT.
std::vector<unsigned> stretches_of(const std::string& rules) {
  const firewall live = host_with("COMMIT\n*mangle\n:OUTPUT ACCEPT\n:marking -\n" + rules);
  const program compiled = compile(live, family::ipv4);
  const program_table& mangle = compiled.tables.front();
  const detail::notes_of_table notes(mangle, family::ipv4);
  std::vector<unsigned> made;
  for (const detail::rule_stretch& one : notes[mangle.start].stretches) made.push_back(one.first);
  return made;
}

constexpr const char* sets_mark = "-A OUTPUT -p tcp -j MARK --set-mark 1\n";
constexpr const char* adds_a_bit = "-A OUTPUT -p udp -j MARK --or-mark 2\n";
constexpr const char* asks_for_mark = "-A OUTPUT -m mark --mark 1 -j DROP\n";

}  // namespace

TEST_CASE("rules are looked at together as long as none asks_for_mark for what another has changed") {
  using starts = std::vector<unsigned>;
  const auto all = [](auto... rules) { return stretches_of((std::string() + ... + rules)); };
  CHECK(all() == starts{0});
  CHECK(all(sets_mark, sets_mark, adds_a_bit) == starts{0});
  CHECK(all(asks_for_mark, asks_for_mark, sets_mark) == starts{0});
  CHECK(all(sets_mark, asks_for_mark, asks_for_mark, sets_mark, asks_for_mark) == starts{0, 1, 4});
  CHECK(all(sets_mark, "-A OUTPUT -m connmark --mark 1 -j DROP\n") == starts{0});
  CHECK(all(sets_mark, "-A OUTPUT -m u32 --u32 0=1 -j DROP\n") == starts{0});
  CHECK(all("-A OUTPUT -j TTL --ttl-set 1\n", "-A OUTPUT -m u32 --u32 0=1 -j DROP\n") == starts{0, 1});
  CHECK(all("-A marking -j MARK --set-mark 1\n-A OUTPUT -j marking\n", asks_for_mark) == starts{0, 1});
  CHECK(all("-A marking -m mark --mark 1 -j DROP\n", sets_mark, "-A OUTPUT -j marking\n") == starts{0, 1});
}
