#include <cordon/match/set.hpp>

#include <cordon/text/ipset_text.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m set is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--match-set s3 dst,dst,src ! --update-counters ! --update-subcounters --packets-eq 5 --bytes-lt 7",
       "--match-set s3 dst,dst,src ! --update-counters ! --update-subcounters --packets-eq 5 --bytes-lt 7"},
      {"--match-set s4 dst,src,dst,src,dst,src,src", nullptr},
      {"--match-set s4 dst --packets-lt 5 --packets-gt 3", nullptr},
      {"--set s4 dst", "--match-set s4 dst"},
      {"", nullptr},
      {"--match-set s4", nullptr},
      {"--return-nomatch --match-set s4 dst", "--match-set s4 dst --return-nomatch"},
      {"--match-set s4 dst ! --packets-gt 5", nullptr},
      {"--match-set s4 dst --update-counters", "--match-set s4 dst"},
      {"--match-set s4 \"\"", nullptr},
      {"--match-set s4 dst", "--match-set s4 dst"},
      {"! --match-set s4 src", "! --match-set s4 src"},
      {"--match-set sp dst,dst", "--match-set sp dst,dst"},
      {"--match-set s4 dst --return-nomatch ! --update-counters --packets-gt 5",
       "--match-set s4 dst --return-nomatch ! --update-counters --packets-gt 5"},
  };
  for (const backend of : both_backends_tested) check_saved(set_match, cases, {.family = family::ipv4, .backend = of});
}

namespace {

// What the set match says of a packet on a host with these sets.
std::string set_decides(const char* sets, std::string_view words, const packet& about, family in = family::ipv4) {
  host_facts known;
  auto read = read_sets(sets);
  REQUIRE(read);
  known.sets = std::move(*read);
  return decides(set_match, words, about, {.family = in, .host = &known});
}

packet to_host(unsigned last, unsigned port = 80, protocol of = protocol::tcp) {
  packet made;
  made.destination = 0x0a000000 + last;
  made.source = 0x0a000063;
  made.protocol = of;
  made.second_word = static_cast<std::uint16_t>(port);
  made.out = "eth0";
  return made;
}

}  // namespace

TEST_CASE("a set that is not given, or not modelled, is one stateless atom by its name and directions") {
  CHECK(set_decides("", "--match-set s dst", to_host(1)) == "unknown");
  CHECK(set_decides("create s hash:mac\n", "--match-set s dst", to_host(1)) == "unknown");
  const auto meaning = meaning_of(set_match, read_use(set_match, "! --match-set s dst", {}).options, {});
  REQUIRE(meaning.holds.atoms().size() == 1);
  CHECK_FALSE(meaning.holds.atoms()[0].stateful);
}

TEST_CASE("a set that some rule changes is an atom, however it was given") {
  host_facts known;
  auto read = read_sets("create s hash:ip\nadd s 10.0.0.1\n");
  REQUIRE(read);
  known.sets = std::move(*read);
  const sequence<std::string_view> changing = {"s"};
  CHECK(decides(set_match, "--match-set s dst", to_host(1), {.host = &known}) == "yes");
  CHECK(decides(set_match, "--match-set s dst", to_host(1), {.host = &known, .changing_sets = &changing}) == "unknown");
}

TEST_CASE("a set that a packet may change on its way may hold it at one rule and not at the next") {
  const auto is_stateful = [](const char* words, const meaning_context& context) {
    return meaning_of(set_match, read_use(set_match, words, {}).options, context).holds.atoms()[0].stateful;
  };
  const sequence<std::string_view> changing = {"s"};
  CHECK_FALSE(is_stateful("--match-set s dst", {}));
  CHECK(is_stateful("--match-set s dst", {.changing_sets = &changing}));
  // A list that is not known may hold it.
  CHECK(is_stateful("--match-set other dst", {.changing_sets = &changing}));
  host_facts known;
  auto read = read_sets("create other hash:mac\n");
  REQUIRE(read);
  known.sets = std::move(*read);
  CHECK_FALSE(is_stateful("--match-set other dst", {.host = &known, .changing_sets = &changing}));
}

TEST_CASE("the ports behind an authentication header are one question for each set that is asked, and each direction") {
  host_facts known;
  auto read =
      read_sets("create a hash:ip,port family inet6\nadd a ::1,80\ncreate b hash:ip,port family inet6\nadd b ::1,81\n");
  REQUIRE(read);
  known.sets = std::move(*read);
  const auto asked = [&](const char* words) {
    return meaning_of(set_match, read_use(set_match, words, {.family = family::ipv6}).options,
                      {.family = family::ipv6, .host = &known})
        .holds.atoms()[0]
        .name;
  };
  CHECK(asked("--match-set a dst,dst") == asked("! --match-set a dst,dst"));
  CHECK(asked("--match-set a dst,dst") != asked("--match-set b dst,dst"));
  CHECK(asked("--match-set a dst,dst") != asked("--match-set a dst,src"));
}

TEST_CASE("the directions of -m set choose the addresses, and too few of them match nothing") {
  constexpr const char* sets = "create s hash:ip\nadd s 10.0.0.1\ncreate p hash:ip,port\nadd p 10.0.0.1,tcp:80\n";
  CHECK(set_decides(sets, "--match-set s dst", to_host(1)) == "yes");
  CHECK(set_decides(sets, "--match-set s dst", to_host(2)) == "no");
  CHECK(set_decides(sets, "--match-set s src", to_host(1)) == "no");
  CHECK(set_decides(sets, "--match-set s dst,src", to_host(1)) == "yes");
  CHECK(set_decides(sets, "! --match-set s dst", to_host(1)) == "no");
  CHECK(set_decides(sets, "--match-set p dst,dst", to_host(1)) == "yes");
  CHECK(set_decides(sets, "--match-set p dst,src", to_host(1)) == "no");
  CHECK(set_decides(sets, "--match-set p dst", to_host(1)) == "no");
  CHECK(set_decides(sets, "--match-set s dst", to_host(1), family::ipv6) == "no");
}

TEST_CASE("the longest network decides, and --return-nomatch asks for the exceptions") {
  constexpr const char* sets = "create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/24 nomatch\nadd s 10.0.0.8/29\n";
  CHECK(set_decides(sets, "--match-set s dst", to_host(1)) == "no");
  CHECK(set_decides(sets, "--match-set s dst", to_host(9)) == "yes");
  CHECK(set_decides(sets, "--match-set s dst", to_host(256)) == "yes");
  CHECK(set_decides(sets, "--match-set s dst --return-nomatch", to_host(1)) == "yes");
  CHECK(set_decides(sets, "--match-set s dst --return-nomatch", to_host(9)) == "no");
}

TEST_CASE("a packet whose ports cannot be read is in no set of ports") {
  constexpr const char* sets =
      "create p hash:ip,port\nadd p 10.0.0.1,tcp:80\nadd p 10.0.0.1,gre:0\nadd p 10.0.0.1,icmp:8/0\n";
  packet cut = to_host(1);
  CHECK(set_decides(sets, "--match-set p dst,dst", cut) == "yes");
  cut.transport = static_cast<transport_part>(19);
  CHECK(set_decides(sets, "--match-set p dst,dst", cut) == "no");
  cut.transport = transport_part::later_fragment;
  CHECK(set_decides(sets, "--match-set p dst,dst", cut) == "no");
  packet tunnel = to_host(1, 80, static_cast<protocol>(47));
  tunnel.transport = transport_part::later_fragment;
  CHECK(set_decides(sets, "--match-set p dst,dst", tunnel) == "yes");
  packet ping = to_host(1, 0, protocol::icmp);
  ping.first_word = 8 << 8;
  CHECK(set_decides(sets, "--match-set p dst,dst", ping) == "yes");
  ping.first_word = 0;
  CHECK(set_decides(sets, "--match-set p dst,dst", ping) == "no");
}

TEST_CASE("the longest network decides in hash:net,iface, whichever interface it is for") {
  constexpr const char* sets =
      "create s hash:net,iface\nadd s 10.0.0.0/8,eth0\nadd s 10.0.0.0/24,eth1\nadd s 11.0.0.0/8,eth wildcard\n";
  CHECK(set_decides(sets, "--match-set s dst,dst", to_host(256)) == "yes");
  CHECK(set_decides(sets, "--match-set s dst,dst", to_host(1)) == "no");
  CHECK(set_decides(sets, "--match-set s dst,dst", to_host(0x1000000)) == "yes");
  CHECK(set_decides(sets, "--match-set s dst,src", to_host(256)) == "no");
}

TEST_CASE("a list holds what one of its sets holds, and a set in it that is not given is unknown") {
  constexpr const char* sets =
      "create a hash:ip\nadd a 10.0.0.1\ncreate b bitmap:port range 0-100\nadd b 53\ncreate l list:set\nadd l a\nadd l b\nadd l c\n";
  CHECK(set_decides(sets, "--match-set l dst", to_host(1)) == "yes");
  CHECK(set_decides(sets, "--match-set l dst", to_host(2, 53, protocol::udp)) == "yes");
  CHECK(set_decides(sets, "--match-set l dst", to_host(2, 53, protocol::sctp)) == "unknown");
}

TEST_CASE("a set of a hundred thousand addresses is one long predicate of which a packet is compared with few tests") {
  host_facts known;
  known.sets.push_back({.name = "s", .kind = set_kind::hash_ip});
  for (unsigned i = 0; i < 100000; ++i) known.sets[0].members.push_back({.addresses = {2 * i, 2 * i}});
  const auto meaning = meaning_of(set_match, read_use(set_match, "--match-set s dst", {}).options, {.host = &known});
  CHECK(meaning.holds.steps().size() > 100000);
  packet any;
  for (const unsigned address : {0U, 1U, 77777U, 100000U, 199998U, 199999U, 200000U, 4000000000U}) {
    any.destination = address;
    CAPTURE(address);
    CHECK((evaluate(meaning.holds, any) == truth::yes) == (address < 200000 && address % 2 == 0));
  }
  for (unsigned address = 0; address < 200100; ++address) {
    any.destination = address;
    const truth wanted = truth_of(address < 200000 && address % 2 == 0);
    if (evaluate(meaning.holds, any) == wanted && evaluate(meaning.drops, any) == truth::no) continue;
    CAPTURE(address);
    REQUIRE(evaluate(meaning.holds, any) == wanted);
    REQUIRE(evaluate(meaning.drops, any) == truth::no);
  }
}

TEST_CASE("counters are asked of a set that has them, each time anew") {
  constexpr const char* sets = "create s hash:ip\nadd s 10.0.0.1\ncreate c hash:ip counters\nadd c 10.0.0.1\n";
  CHECK(set_decides(sets, "--match-set s dst --packets-gt 5", to_host(1)) == "yes");
  CHECK(set_decides(sets, "--match-set c dst --packets-gt 5", to_host(1)) == "unknown");
  CHECK(set_decides(sets, "! --match-set c dst --packets-gt 5", to_host(2)) == "yes");
}

namespace {

// Holds what the set match says of every packet, on a host with these sets, against what is expected: now, or once entries
// that expire may be gone.
template <class Expected>
void check_sets(const char* sets, const std::vector<const char*>& words, const Expected& expected, bool later = false) {
  host_facts known;
  auto read = read_sets(sets);
  REQUIRE(read);
  known.sets = std::move(*read);
  constexpr uint128 net = 0x0a000000;
  std::vector<uint128> addresses = around({net, net + 8, net + 16, net + 256, net + 0x1000000, net + 0x2000000});
  addresses.insert(addresses.end(), {net + 1, net + 1, net + 1, net + 2, 0, 0xffffffff});
  std::vector<uint128> interfaces;
  for (const char* const name : {"eth0", "eth1", "eth", "lo", "eti", "eth10"}) {
    const uint128 number = number_of(interface_name(name));
    interfaces.push_back(number);
    interfaces.push_back((number - 1) & ~uint128{0xff});  // the last name before
  }
  const std::vector<packet> packets =
      mixed_packets(family::ipv4,
                    {{field::source, addresses},
                     {field::destination, addresses},
                     {field::protocol, {6, 6, 6, 17, 17, 1, 1, 47, 46, 48, 132, 5, 7, 0, 2, 16, 18}},
                     {field::first_word, {79, 80, 81, 53, 0x7ff, 0x800, 0x801, 0}},
                     {field::second_word, {79, 80, 81, 52, 53, 54, 0}},
                     {field::out, interfaces},
                     every_part()},
                    30000);
  for (const char* const use : words)
    for (const bool inverted : {false, true})
      check_each(
          set_match, std::string(inverted ? "! " : "") + "--match-set " + use,
          {.host = &known, .entries_expire = later}, packets,
          [&](const packet& sent) {
            const truth holds = expected(std::string(use), sent);
            return inverted ? !holds : holds;
          },
          /*may_fare_alike=*/true);
}

// Whether the packet has so many bytes of a header of that protocol, as get_port wants them (ip_set_getport.c).
bool has_header(const packet& sent, unsigned protocol, unsigned bytes) {
  const auto there = header_bytes(sent);
  return number_of(sent.protocol) == protocol && there && *there >= bytes;
}

}  // namespace

TEST_CASE("addresses of sets on every packet, against plain numbers") {
  check_sets("create s hash:ip\nadd s 10.0.0.1\n", {"s dst", "s src", "s dst,src"},
             [](const std::string& use, const packet& sent) {
               return truth_of((use == "s src" ? sent.source : sent.destination) == 0x0a000001);
             });
  check_sets("create c hash:ip counters\nadd c 10.0.0.1\n", {"c dst --packets-gt 5", "c dst"},
             [](const std::string& use, const packet& sent) {
               if (sent.destination != 0x0a000001) return truth::no;
               return use == "c dst" ? truth::yes : truth::unknown;
             });
  check_sets("create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/24 nomatch\nadd s 10.0.0.8/29\n",
             {"s dst", "s dst --return-nomatch"}, [](const std::string& use, const packet& sent) {
               const uint128 last = sent.destination - 0x0a000000;
               if (sent.destination < 0x0a000000 || last >= 0x1000000) return truth::no;
               const bool is_exception = last < 256 && (last < 8 || last > 15);
               return truth_of(is_exception == (use != "s dst"));
             });
  check_sets("create s hash:net,iface\nadd s 10.0.0.0/8,eth0\nadd s 10.0.0.0/24,eth1\nadd s 11.0.0.0/8,eth wildcard\n",
             {"s dst,dst"}, [](const std::string&, const packet& sent) {
               const uint128 last = sent.destination - 0x0a000000;
               if (sent.destination < 0x0a000000) return truth::no;
               if (last < 256) return truth_of(sent.out.view() == "eth1");
               if (last < 0x1000000) return truth_of(sent.out.view() == "eth0");
               return truth_of(last < 0x2000000 && sent.out.view().substr(0, 3) == "eth");
             });
}

TEST_CASE("what entries that expire will decide on every packet is open, and nothing else is") {
  const auto check_later = [](const char* sets, const std::vector<const char*>& words, const auto& expected) {
    check_sets(sets, words, expected, /*later=*/true);
  };
  check_sets("create s hash:ip timeout 0\nadd s 10.0.0.1 timeout 5\n", {"s dst"},
             [](const std::string&, const packet& sent) { return truth_of(sent.destination == 0x0a000001); });
  check_later("create s hash:ip timeout 0\nadd s 10.0.0.1 timeout 5\nadd s 10.0.0.2\n", {"s dst"},
              [](const std::string&, const packet& sent) {
                return sent.destination == 0x0a000001 ? truth::unknown : truth_of(sent.destination == 0x0a000002);
              });
  // The network that expires is in one that does not: it decides nothing, unless it is an exception or has one.
  check_later("create s hash:net timeout 0\nadd s 10.0.0.0/8\nadd s 10.0.0.0/24 timeout 5\n",
              {"s dst", "s dst --return-nomatch"}, [](const std::string& use, const packet& sent) {
                return truth_of(use == "s dst" && sent.destination >= 0x0a000000 && sent.destination < 0x0b000000);
              });
  for (const char* const sets :
       {"create s hash:net timeout 0\nadd s 10.0.0.0/8\nadd s 10.0.0.0/24 nomatch timeout 5\n",
        "create s hash:net timeout 0\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16 nomatch\nadd s 10.0.0.0/24 timeout 5\n"})
    check_later(sets, {"s dst", "s dst --return-nomatch"}, [&](const std::string& use, const packet& sent) {
      const uint128 last = sent.destination - 0x0a000000;
      if (sent.destination < 0x0a000000 || last >= 0x1000000) return truth::no;
      if (last < 256) return truth::unknown;
      const bool is_exception = std::string_view(sets).find("/16") != std::string_view::npos && last < 0x10000;
      return truth_of(is_exception == (use != "s dst"));
    });
  // For an interface that the packet does not leave by, and it hides one for that.
  check_later("create s hash:net,iface timeout 0\nadd s 10.0.0.0/8,eth0\nadd s 10.0.0.0/24,eth1 timeout 5\n",
              {"s dst,dst", "s dst,src"}, [](const std::string& use, const packet& sent) {
                const uint128 last = sent.destination - 0x0a000000;
                if (sent.destination < 0x0a000000 || last >= 0x1000000 || use == "s dst,src") return truth::no;
                return last < 256 ? truth::unknown : truth_of(sent.out.view() == "eth0");
              });
  check_later("create p hash:ip,port timeout 0\nadd p 10.0.0.1,tcp:80 timeout 5\n", {"p dst,dst", "p dst"},
              [](const std::string& use, const packet& sent) {
                const bool is_it = sent.destination == 0x0a000001 && has_header(sent, 6, 20) && sent.second_word == 80;
                return use == "p dst,dst" && is_it ? truth::unknown : truth::no;
              });
}

TEST_CASE("ports of sets on every packet, whole or cut, against plain numbers") {
  check_sets("create p hash:ip,port\nadd p 10.0.0.1,tcp:80\n", {"p dst,dst", "p dst,src", "p src,dst"},
             [](const std::string& use, const packet& sent) {
               const uint128 address = use == "p src,dst" ? sent.source : sent.destination;
               const unsigned port = use == "p dst,src" ? sent.first_word : sent.second_word;
               return truth_of(address == 0x0a000001 && has_header(sent, 6, 20) && port == 80);
             });
  check_sets("create p hash:ip,port\nadd p 10.0.0.1,tcp:80\nadd p 10.0.0.1,gre:0\nadd p 10.0.0.1,icmp:8/0\n",
             {"p dst,dst", "p dst,src"}, [](const std::string& use, const packet& sent) {
               if (sent.destination != 0x0a000001) return truth::no;
               // GRE has no ports, and fits in pieces too.
               if (number_of(sent.protocol) == 47) return truth::yes;
               if (has_header(sent, 1, 8)) return truth_of(sent.first_word == 0x800);
               const unsigned port = use == "p dst,src" ? sent.first_word : sent.second_word;
               return truth_of(has_header(sent, 6, 20) && port == 80);
             });
  check_sets(
      "create a hash:ip\nadd a 10.0.0.1\ncreate b bitmap:port range 0-100\nadd b 53\n"
      "create l list:set\nadd l a\nadd l b\nadd l c\n",
      {"l dst"}, [](const std::string&, const packet& sent) {
        const bool has_port = has_header(sent, 6, 20) || has_header(sent, 17, 8);
        const bool holds = sent.destination == 0x0a000001 || (has_port && sent.second_word == 53);
        return holds ? truth::yes : truth::unknown;
      });
}

TEST_CASE("what a set that is not given holds is one question, asked of its negation too") {
  for (const truth holds : {truth::no, truth::yes}) {
    const auto answer = [&](const char* words) {
      const match_meaning made = meaning_of(set_match, read_use(set_match, words, {}).options, {});
      CHECK(made.drops == never());
      return evaluate(made.holds, packet{}, 0, [&](const atom& asked) {
        return asked.name.view().starts_with("set ") && !asked.stateful ? holds : truth::unknown;
      });
    };
    CHECK(answer("--match-set s dst") == holds);
    CHECK(answer("! --match-set s dst") == !holds);
  }
}
