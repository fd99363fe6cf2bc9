// What no packet decides is asked of the packet as it is by then, and of sets as they are by then. Simulator and prover share
// their meaning, so that a third is asked here: rules gone through one by one in worlds that answer such matches by a throw
// of dice for each name and each packet.
#include <cordon/prove/prove.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// What of a packet the rules here change.
struct sent_packet {
  unsigned address = 1;  // 10.0.0.1 or 10.0.0.2
  unsigned service = 0;  // TOS: 0 or 16
  unsigned mark = 0;
};

enum class asked_thing { nothing, bytes, program, members };
enum class deed { accept, drop, set_service, set_mark, lead_elsewhere, add };

struct drawn_rule {
  asked_thing asks = asked_thing::nothing;
  bool negated = false;
  unsigned name = 0;  // 0 or 1: of the match
  deed does = deed::accept;
  unsigned value = 0;  // 0 or 1: of the target

  std::string text() const {
    const std::string number = std::to_string(name);
    const std::string negation = negated ? " !" : "";
    std::string line = "-A OUTPUT";
    if (asks == asked_thing::bytes) line += " -m u32" + negation + " --u32 0x0>>0x10&0xff=0x" + number;
    if (asks == asked_thing::program) line += " -m u32" + negation + " --u32 0x4&0xff=0x" + number;
    if (asks == asked_thing::members) line += " -m set" + negation + " --match-set set" + number + " dst";
    switch (does) {
      case deed::accept: return line + " -j ACCEPT\n";
      case deed::drop: return line + " -j DROP\n";
      case deed::set_service: return line + " -j TOS --set-tos " + std::to_string(16 * value) + "\n";
      case deed::set_mark: return line + " -j MARK --set-mark " + std::to_string(value) + "\n";
      case deed::lead_elsewhere: return line + " -j DNAT --to-destination 10.0.0." + std::to_string(1 + value) + "\n";
      case deed::add: return line + " -j SET --add-set set" + std::to_string(value) + " dst\n";
    }
    return {};
  }
};

using drawn_table = std::vector<drawn_rule>;

// Answers by dice, the same for the same asked_thing.
class thrown_answers {
 public:
  bool holds(const drawn_rule& one, const sent_packet& now) {
    switch (one.asks) {
      case asked_thing::nothing: return true;
      case asked_thing::bytes: return thrown(one.name, now) != one.negated;
      case asked_thing::program: return thrown(2 + one.name, now) != one.negated;
      case asked_thing::members: return member(one.name, now.address) != one.negated;
    }
    return false;
  }
  void add(unsigned set, unsigned address) { members_[2 * set + address] = true; }

 private:
  bool thrown(unsigned name, const sent_packet& now) {
    return answer(bytes_, 6 * name + 2 * (now.service != 0 ? 1 : 0) + now.address);
  }
  bool member(unsigned set, unsigned address) { return answer(members_, 2 * set + address); }
  static bool answer(std::map<unsigned, bool>& known, unsigned of) {
    const auto found = known.find(of);
    return found != known.end() ? found->second : known[of] = *rc::gen::arbitrary<bool>();
  }

  std::map<unsigned, bool> bytes_;
  std::map<unsigned, bool> members_;
};

// Whether a packet gets out of mangle, nat and filter, whose policies are ACCEPT, ACCEPT and DROP.
bool gets_out(const drawn_table (&tables)[3], sent_packet now, thrown_answers& in) {
  for (const drawn_table& table : tables) {
    bool is_decided = false;
    for (const drawn_rule& one : table) {
      if (!in.holds(one, now)) continue;
      if (one.does == deed::drop) return false;
      if (one.does == deed::set_service) now.service = 16 * one.value;
      if (one.does == deed::set_mark) now.mark = one.value;
      if (one.does == deed::add) in.add(one.value, now.address);
      if (one.does == deed::lead_elsewhere) now.address = 1 + one.value;
      is_decided = one.does == deed::accept || one.does == deed::lead_elsewhere;
      if (is_decided) break;
    }
    if (!is_decided && &table == &tables[2]) return false;
  }
  return true;
}

drawn_table rules_of(std::initializer_list<deed> deeds) {
  drawn_table made(*rc::gen::inRange<std::size_t>(0, 4));
  for (drawn_rule& one : made)
    one = {*rc::gen::element(asked_thing::nothing, asked_thing::bytes, asked_thing::program, asked_thing::members),
           *rc::gen::arbitrary<bool>(), *rc::gen::inRange(0U, 2U), *rc::gen::elementOf(std::vector(deeds)),
           *rc::gen::inRange(0U, 2U)};
  return made;
}

std::string text_of(const drawn_table (&tables)[3]) {
  std::string text = ":OUTPUT DROP\n";
  for (const drawn_rule& one : tables[2]) text += one.text();
  text += "COMMIT\n*nat\n:OUTPUT ACCEPT\n";
  for (const drawn_rule& one : tables[1]) text += one.text();
  text += "COMMIT\n*mangle\n:OUTPUT ACCEPT\n";
  for (const drawn_rule& one : tables[0]) text += one.text();
  return text;
}

}  // namespace

TEST_CASE("what no packet decides is asked of packets and sets as they are by then") {
  rc::prop("in no world does a packet fare otherwise than prover and simulator think possible", [] {
    for (int again = 0; again < 40; ++again) {
      const drawn_table tables[3] = {
          rules_of({deed::drop, deed::accept, deed::set_service, deed::set_service, deed::set_mark, deed::add}),
          rules_of({deed::accept, deed::lead_elsewhere, deed::lead_elsewhere}),
          rules_of({deed::drop, deed::accept, deed::accept, deed::add})};
      const std::string text = text_of(tables);
      RC_LOG() << text;
      const firewall live = host_with(text);
      const program rules = compile(live, family::ipv4);
      layout levels(packet_domain::all(rules.family));
      observe(levels, rules);
      levels.finish();
      packet_space space(levels);
      decider walk(rules, space);
      const diagram out = space.store().as_set(walk.decide());
      RC_ASSERT_FALSE(walk.too_large());
      const diagram surely = space.surely(out);
      const diagram perhaps = space.possibly(out);
      for (const unsigned address : {1U, 2U})
        for (const unsigned service : {0U, 16U}) {
          packet sent;
          sent.destination = 0x0a000000U + address;
          sent.traffic_class = static_cast<std::uint8_t>(service);
          const verdict_set simulated = simulate(rules, sent).possible;
          for (int one = 0; one < 4; ++one) {
            thrown_answers in;
            const bool fares = gets_out(tables, {address, service, 0}, in);
            RC_ASSERT((fares ? space.value_at(perhaps, sent) != 0 : space.value_at(surely, sent) == 0));
            RC_ASSERT((fares ? simulated.may_accept() : simulated.may_stop()));
          }
        }
    }
  });
}

TEST_CASE(
    "a rule that drops does not answer for one that accepts the same words, once the packet or the set is another") {
  const auto judged = [](const std::string& lines) {
    return prove(host_with(lines), sandbox(uid{1001})).of(family::ipv4).answer;
  };
  const auto judged_of = [&](const std::string& match, const std::string& change) {
    return judged(":OUTPUT DROP\n-A OUTPUT " + match + " -j ACCEPT\nCOMMIT\n*raw\n-A OUTPUT " + match + " -j DROP\n" +
                  change);
  };
  const std::string service = "COMMIT\n*mangle\n-A OUTPUT -j TOS --set-tos 16\n";
  const std::string mark = "COMMIT\n*mangle\n-A OUTPUT -j MARK --set-mark 16\n";
  const std::string elsewhere = "COMMIT\n*nat\n-A OUTPUT -j DNAT --to-destination 10.0.0.1\n";
  const std::string addition = "COMMIT\n*mangle\n-A OUTPUT -j SET --add-set other dst\n";
  struct match_case {
    const char* text;
    ///@{
    /// Whether the match may look at it.
    bool service, mark, address, sets;
    ///@}
  };
  for (const match_case& one : {match_case{"-m u32 --u32 0x0>>0x10&0xff=0x10", true, false, true, false},
                                match_case{"-m policy --dir out --pol ipsec", true, true, true, false},
                                match_case{"-m addrtype --dst-type LOCAL", false, false, true, false},
                                match_case{"-m set --match-set some dst", false, false, true, true},
                                match_case{"-m set --match-set some dst,dst", false, true, true, true},
                                match_case{"-m cgroup --cgroup 1", false, false, false, false}}) {
    CAPTURE(one.text);
    CHECK(judged_of(one.text, "") == answer::proved);
    CHECK((judged_of(one.text, service) == answer::unknown) == one.service);
    CHECK((judged_of(one.text, mark) == answer::unknown) == one.mark);
    CHECK((judged_of(one.text, elsewhere) == answer::unknown) == one.address);
    CHECK((judged_of(one.text, addition) == answer::unknown) == one.sets);
  }
}

TEST_CASE(
    "a rule that drops does not answer for one that accepts the same words, where what they ask for changes by itself") {
  for (const char* const match :
       {"-m string --string word --algo bm", "-m bpf --bytecode \"1,6 0 0 1\"", "-m u32 --u32 0x1c=0x1",
        "-m time --timestart 01:00", "-m cpu --cpu 0", "-m statistic --mode random --probability 0.5"}) {
    CAPTURE(match);
    const std::string rule = std::string("-A OUTPUT ") + match;
    CHECK(prove(host_with(":OUTPUT DROP\n" + rule + " -j DROP\n" + rule + " -j ACCEPT\n"), sandbox(uid{1001}))
              .of(family::ipv4)
              .answer == answer::unknown);
  }
}

TEST_CASE("of what raw sees behind CT two questions have two answers") {
  const firewall live = host_with(
      ":OUTPUT ACCEPT\nCOMMIT\n*raw\n:OUTPUT DROP\n-A OUTPUT -j CT --zone 1\n"
      "-A OUTPUT -m conntrack --ctstate INVALID -j DROP\n-A OUTPUT -m conntrack --ctstate NEW -j ACCEPT\n");
  CHECK(prove(live, sandbox(uid{1001})).of(family::ipv4).answer != answer::proved);
}
