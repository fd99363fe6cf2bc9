#include <cordon/classify/classifier.hpp>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/reader.hpp>

#include "../simulate/examples.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// Every way to look up that this machine has.
std::vector<vector_unit> units_here() {
  std::vector<vector_unit> all{vector_unit::none};
  if (best_vector_unit() != vector_unit::none) all.push_back(vector_unit::avx2);
  if (best_vector_unit() == vector_unit::avx512) all.push_back(vector_unit::avx512);
  return all;
}

bool is_as_simulated(const classification& answer, const outcome& expected) {
  if (answer.verdict != expected.verdict || answer.has_place != expected.decided_by.has_value()) return false;
  return !answer.has_place || (answer.at == expected.decided_by->at && answer.source == expected.decided_by->source &&
                               answer.in_match == expected.decided_by->in_match);
}

bool needs_simulator(const classifier& compiled, const packet& of) {
  return of.family == family::ipv4 ? compiled.v4().find(compiled.v4().key_of(of)) == 0
                                   : compiled.v6().find(compiled.v6().key_of(of)) == 0;
}

// How many packets were compared, and for how many of them the simulator was asked.
struct tally {
  unsigned asked = 0;
  unsigned all = 0;
};

// Compares all ways to look up with the simulator: packet by packet, and all at once.
template <class Draw>
bool all_agree(const firewall& rules, Draw draw, unsigned count, tally& counted) {
  std::vector<packet> packets;
  std::vector<outcome> expected;
  const program ready[] = {compile(rules, family::ipv4), compile(rules, family::ipv6)};
  const auto orders_of = [&](const program& one) {
    return other_orders(rules, one.family, hook::output, tables_of_open_way(one));
  };
  const sequence<other_order> others[] = {orders_of(ready[0]), orders_of(ready[1])};
  for (unsigned i = 0; i < count; ++i) {
    packets.push_back(draw());
    const int which = packets.back().family == family::ipv6 ? 1 : 0;
    expected.push_back(simulate(ready[which], others[which], packets.back()));
  }
  for (const vector_unit unit : units_here()) {
    const classifier compiled(rules, unit);
    std::vector<classification> answers(packets.size());
    compiled.classify(view<packet>(packets.data(), packets.size()), answers.data());
    for (unsigned i = 0; i < count; ++i) {
      if (!is_as_simulated(compiled.classify(packets[i]), expected[i]) || !is_as_simulated(answers[i], expected[i]))
        return false;
      ++counted.all;
      if (needs_simulator(compiled, packets[i])) ++counted.asked;
    }
  }
  return true;
}

firewall read(const std::string& rules, backend how = backend::nft) {
  auto made = read_ruleset(rules, {.family = family::ipv4, .backend = how});
  if (!made) FAIL(std::string(to_text(made.diagnostics()[0]).view()));
  firewall all;
  all.v4 = family_rules(std::move(*made));
  return all;
}

// Packets around the rules' edges, as a test without RapidCheck draws them.
class drawn_packets {
 public:
  drawn_packets(const firewall& rules, family of, std::uint64_t seed)
      : choices_(seed), around_(testing::edges::of_firewall(rules, of)) {}
  packet operator()() { return testing::draw_packet(choices_.source(), around_); }

 private:
  testing::random_choices choices_;
  testing::edges around_;
};

// A chain of many rules, which `rule(i)` writes.
template <class Rule>
std::string chain_of(unsigned count, const Rule& rule) {
  std::string all = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n";
  for (unsigned i = 0; i < count; ++i) all += "-A OUTPUT " + rule(i) + (i % 3 == 0 ? " -j DROP\n" : " -j ACCEPT\n");
  return all + "COMMIT\n";
}

std::string dotted(std::uint32_t address) {
  return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." +
         std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255);
}

}  // namespace

TEST_CASE("a compiled firewall says of every packet what the simulator says") {
  const auto hold = [](const char* says, const testing::firewall_setting& setting, double share_of_simulator) {
    tally counted;
    rc::prop(says, [&] {
      const firewall rules = *testing::firewalls(setting);
      const testing::packets_near packets(rules);
      RC_ASSERT(all_agree(rules, [&] { return *packets; }, 40, counted));
    });
    // If it were asked for most packets, little would have been compared here. Catch runs one property after the other.
    if (counted.all != 0) CHECK(counted.asked < share_of_simulator * counted.all);
  };
  hold("rules of all tables", {}, 0.4);
  hold("what no packet decides, and both back ends", {.with_opaque = true, .with_both_backends = true}, 0.7);
  hold("the filter table alone", {.tables = testing::only_filter, .most_rules = 20}, 0.4);
}

TEST_CASE("the simulator's own examples come out the same") {
  for (const sequence<example>& examples :
       {chain_examples(), table_examples(), drop_in_match_examples(), unknown_examples(), change_examples()})
    for (const example& one : examples) {
      if (one.not_known != 0) continue;
      INFO(one.says);
      tally counted;
      CHECK(all_agree(one.rules, [&] { return one.sent; }, 1, counted));
    }
}

TEST_CASE("rules too many for one cluster are shared out, and the first still decides") {
  testing::random_choices choices(7);
  const auto below = [&](std::uint64_t bound) { return choices.source().below(bound); };
  const auto network = [&] {
    const unsigned bits = std::initializer_list<unsigned>{8, 16, 24, 28, 32, 32}.begin()[below(6)];
    return dotted(static_cast<std::uint32_t>(10U << 24 | below(1 << 20) << 4) &
                  ~static_cast<std::uint32_t>(low_bits(32 - bits))) +
           "/" + std::to_string(bits);
  };
  const auto write = [&](unsigned) {
    std::string words;
    if (below(3) != 0) words += "-s " + network() + " ";
    if (below(3) != 0) words += "-d " + network() + " ";
    words += "-p tcp -m tcp --dport " + std::to_string(below(500));
    if (below(4) == 0) words += " -m owner --uid-owner " + std::to_string(1000 + below(3));
    if (below(8) == 0) words += " -m mark --mark 0x" + std::to_string(below(4)) + "/0x5";
    return words;
  };
  const firewall rules = read(chain_of(2500, write));
  tally counted;
  CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, 1), 1500, counted));
  CHECK(counted.asked == 0);
}

TEST_CASE("many rules about few addresses are one share of several clusters, in which places are no rules") {
  const auto write = [](unsigned i) {
    return "-d 10.0.0." + std::to_string(i % 3) + "/32 -p udp -m udp --dport " + std::to_string(i);
  };
  const firewall rules = read(chain_of(1200, write));
  tally counted;
  CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, 4), 700, counted));
  CHECK(counted.asked == 0);
}

TEST_CASE("ports of many kinds are groups of their own, and users of all numbers are told apart") {
  const auto write = [](unsigned i) {
    return "-p tcp -m tcp --sport " + std::to_string(40 * i + 7) + " --dport " + std::to_string(60 * i % 65521) +
           ":65535" + " -m owner --uid-owner " + std::to_string(4000000 * i);
  };
  const firewall rules = read(chain_of(900, write));
  tally counted;
  CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, 2), 1500, counted));
  CHECK(counted.asked == 0);
}

TEST_CASE("more rules than a block that fit one address are read block by block") {
  const auto write = [](unsigned i) {
    return "-p udp -m udp --dport " + std::to_string(i) + ":" + std::to_string(3 * i) + " -m length --length " +
           std::to_string(i) + ":65535";
  };
  const firewall rules = read(chain_of(1700, write));
  tally counted;
  CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, 3), 700, counted));
  CHECK(counted.asked == 0);
}

TEST_CASE("rules of few addresses, ports, users and marks are joined, and the first still decides") {
  testing::random_choices choices(8);
  const auto below = [&](std::uint64_t bound) { return choices.source().below(bound); };
  const auto write = [&](unsigned i) {
    std::string words;
    if (below(4) != 0) words += "-s 10.0." + std::to_string(below(12)) + ".0/24 ";
    if (below(4) != 0) words += "-d 10.1." + std::to_string(below(12)) + ".0/24 ";
    if (below(4) != 0) words += "-p tcp -m tcp --dport " + std::to_string(below(9)) + " ";
    if (below(2) == 0) words += "-m owner --uid-owner " + std::to_string(1000 + below(4)) + " ";
    if (below(2) == 0) words += "-m mark --mark 0x" + std::to_string(below(4)) + "/0x5 ";
    // What asks nothing comes late, or it would hide most of the others.
    return words.empty() || i < 600 ? words + "-o eth" + std::to_string(below(2)) : words;
  };
  const firewall rules = read(chain_of(800, write));
  tally counted;
  CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, 6), 1500, counted));
  CHECK(counted.asked == 0);
}

TEST_CASE("addresses that stand close together by the thousand are told apart") {
  for (const unsigned distance : {37U, 2311U, 65537U}) {
    const auto write = [&](unsigned i) {
      const std::string side = i % 3 == 0 ? "-s " : "-d ";
      return side + dotted((10U << 24) + i * distance) + "/" + (i % 7 == 0 ? "31" : "32");
    };
    const firewall rules = read(chain_of(3000, write));
    tally counted;
    CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, 7 + distance), 1500, counted));
    CHECK(counted.asked == 0);
  }
}

TEST_CASE("IPv6 addresses are told apart to the last bit") {
  std::string rules = "*filter\n:OUTPUT DROP [0:0]\n";
  for (unsigned i = 0; i < 1500; ++i)
    rules += "-A OUTPUT -s fd00::" + std::to_string(i % 77) + ":0/" + std::to_string(100 + i % 29) +
             " -d 2001:db8::" + std::to_string(i) + "/128 -j " + (i % 2 == 0 ? "ACCEPT" : "DROP") + "\n";
  auto made = read_ruleset(rules + "COMMIT\n", {.family = family::ipv6, .backend = backend::nft});
  REQUIRE(made);
  firewall all;
  all.v6 = family_rules(std::move(*made));
  tally counted;
  CHECK(all_agree(all, drawn_packets(all, family::ipv6, 4), 1500, counted));
  CHECK(counted.asked == 0);
}

TEST_CASE("chains that call chains 2^n times take no longer than their bound, and what is behind it is simulated") {
  std::string chains = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  std::string rules = "-A OUTPUT -p udp -j DROP\n-A OUTPUT -j C10\n";
  for (unsigned i = 10; i < 40; ++i) {
    const std::string name = "C" + std::to_string(i);
    chains += ":" + name + " - [0:0]\n";
    const std::string next = i == 39 ? "-p tcp -m tcp --dport 1 -j ACCEPT\n" : "-j C" + std::to_string(i + 1) + "\n";
    for (const char* const condition : {" -o lo ", " -o eth0 "}) rules += "-A " + name + condition + next;
  }
  const firewall made = read(chains + rules + "COMMIT\n", backend::legacy);
  const classifier compiled(made);
  packet sent;
  sent.protocol = protocol::udp;
  CHECK(compiled.classify(sent).at == program_place{0, compiled.v4().program().tables[0].start, 0});
  CHECK_FALSE(needs_simulator(compiled, sent));
  CHECK(compiled.bytes() < std::size_t{1} << 28);
}

TEST_CASE("a packet with values that no field holds is the simulator's") {
  const firewall rules = read(chain_of(3, [](unsigned i) { return "-d 10.0.0." + std::to_string(i); }));
  packet far;
  far.destination = (uint128{1} << 32) | 0x0a000001;
  packet odd;
  odd.transport = static_cast<transport_part>(77);
  tally counted;
  CHECK(all_agree(rules, [&] { return far; }, 1, counted));
  CHECK(all_agree(rules, [&] { return odd; }, 1, counted));
}

TEST_CASE("keys are found alike one by one and in any number at once") {
  const firewall rules = read(chain_of(
      300, [](unsigned i) { return "-d 10.0." + std::to_string(i % 256) + ".0/" + std::to_string(20 + i % 13); }));
  drawn_packets draw(rules, family::ipv4, 5);
  for (const vector_unit unit : units_here()) {
    const classifier compiled(rules, unit);
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<packet_key<std::uint32_t>> keys;
      for (std::size_t i = 0; i < count; ++i) keys.push_back(compiled.v4().key_of(draw()));
      std::vector<std::uint32_t> numbers(count + 1, 12345678);
      compiled.v4().find(keys.data(), count, numbers.data());
      for (std::size_t i = 0; i < count; ++i) CHECK(numbers[i] == compiled.v4().find(keys[i]));
      CHECK(numbers[count] == 12345678);
    }
  }
}

TEST_CASE("threads share a classifier") {
  const firewall rules = read(chain_of(200, [](unsigned i) { return "-p tcp -m tcp --dport " + std::to_string(i); }));
  const classifier compiled(rules);
  bool agree[2] = {true, true};
  const auto ask = [&](unsigned which) {
    for (unsigned i = 0; i < 20000; ++i) {
      packet sent;
      sent.second_word = static_cast<std::uint16_t>((i + 100 * which) % 300);
      const std::uint32_t expected = sent.second_word < 200 ? sent.second_word : 200;
      agree[which] = agree[which] && compiled.classify(sent).at.step == expected;
    }
  };
  std::thread other(ask, 1);
  ask(0);
  other.join();
  CHECK(agree[0]);
  CHECK(agree[1]);
}

TEST_CASE("ClassBench's rule sets come out as simulated") {
  const std::filesystem::path folder = "../shared/classbench";
  if (!std::filesystem::is_directory(folder)) {
    WARN("there is no ../shared/classbench, so none of its rule sets is asked");
    return;
  }
  unsigned sets = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".v4") continue;
    INFO(file.path().string());
    std::ifstream in(file.path());
    const firewall rules = read({std::istreambuf_iterator<char>(in), {}});
    tally counted;
    CHECK(all_agree(rules, drawn_packets(rules, family::ipv4, ++sets), 150, counted));
    CHECK(counted.asked == 0);
  }
  CHECK(sets > 0);
}
