#include <cordon/match/connlimit.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
packet cut(protocol of, unsigned bytes) {
  packet made;
  made.protocol = of;
  made.transport = static_cast<transport_part>(bytes);
  return made;
}
}  // namespace

TEST_CASE("-m connlimit drops packets that are cut off before what tells connections apart") {
  CHECK(decides(connlimit_match, "--connlimit-upto 5", cut(protocol::udplite, 0)) == "drop");
  CHECK(decides(connlimit_match, "--connlimit-above 5", cut(protocol::tcp, 3)) == "drop");
  CHECK(decides(connlimit_match, "--connlimit-upto 5", cut(protocol::tcp, 4)) == "unknown");
  CHECK(decides(connlimit_match, "--connlimit-upto 5", cut(protocol::icmp, 7)) == "drop");
  CHECK(decides(connlimit_match, "--connlimit-upto 5", cut(protocol::icmp, 8)) == "unknown");
  CHECK(decides(connlimit_match, "--connlimit-upto 5", cut(static_cast<protocol>(253), 0)) == "unknown");
  CHECK(decides(connlimit_match, "--connlimit-upto 5", cut(protocol::icmpv6, 0)) == "drop");
}

TEST_CASE("-m connlimit drops IPv6 packets of headers alone") {
  packet empty = cut(static_cast<protocol>(59), 20);
  empty.family = family::ipv6;
  CHECK(decides(connlimit_match, "--connlimit-upto 5", empty, {.family = family::ipv6}) == "drop");
  empty.family = family::ipv4;
  CHECK(decides(connlimit_match, "--connlimit-upto 5", empty) == "unknown");
}

TEST_CASE("-m connlimit drops GRE of version 1 that does not carry PPP") {
  packet gre = cut(static_cast<protocol>(47), 20);
  gre.first_word = 0x3001;
  gre.second_word = 0x880b;
  CHECK(decides(connlimit_match, "--connlimit-upto 5", gre) == "unknown");
  gre.second_word = 0x0800;
  CHECK(decides(connlimit_match, "--connlimit-upto 5", gre) == "drop");
  gre.first_word = 0x3000;
  CHECK(decides(connlimit_match, "--connlimit-upto 5", gre) == "unknown");
}

TEST_CASE("whether -m connlimit drops a DCCP packet that is cut off depends on the kernel") {
  const match_meaning meaning =
      meaning_of(connlimit_match, read_use(connlimit_match, "--connlimit-upto 5", {}).options, {});
  CHECK(evaluate(meaning.drops, cut(protocol::dccp, 3)) == truth::unknown);
  CHECK(evaluate(meaning.drops, cut(protocol::dccp, 4)) == truth::no);
}

TEST_CASE("-m connlimit is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--connlimit-above 5 --connlimit-upto 3", nullptr},
      {"--connlimit-above 5 --connlimit-mask 0", "--connlimit-above 5 --connlimit-mask 0 --connlimit-saddr"},
      {"--connlimit-mask 24", nullptr},
      {"--connlimit-above 5 --connlimit-saddr --connlimit-daddr", nullptr},
      {"--connlimit-upto -1", nullptr},
      {"--connlimit-above -1", nullptr},
      {"--connlimit-upto 1 --conlimit-above 1", nullptr},
      {"--connlimit-above 10 --connlimit-saddr --connlimit-daddr", nullptr},
      {"", nullptr},
      {"--connlimit-upto 5 --connlimit-mask 24 --connlimit-daddr",
       "--connlimit-upto 5 --connlimit-mask 24 --connlimit-daddr", just(protocol::tcp)},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(connlimit_match, cases, {.family = in, .backend = of});
  const saved_case cases_2[] = {
      {"! --connlimit-above 5", "--connlimit-upto 5 --connlimit-mask 32 --connlimit-saddr"},
      {"! --connlimit-upto 5", "--connlimit-above 5 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 0x10", "--connlimit-above 16 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 5 --connlimit-mask 33", "--connlimit-above 5 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 5 --connlimit-mask 255.255.0.0", "--connlimit-above 5 --connlimit-mask 16 --connlimit-saddr"},
      {"--connlimit-upto 0", "--connlimit-upto 0 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-upto 4294967295 --connlimit-mask 32 --connlimit-saddr",
       "--connlimit-upto 4294967295 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-upto 4294967296 --connlimit-mask 32 --connlimit-saddr", nullptr},
      {"--connlimit-above 0", "--connlimit-above 0 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 4294967295 --connlimit-mask 32 --connlimit-saddr",
       "--connlimit-above 4294967295 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 4294967296 --connlimit-mask 32 --connlimit-saddr", nullptr},
      {"--connlimit-above 10 --connlimit-saddr", "--connlimit-above 10 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 10 --connlimit-daddr", "--connlimit-above 10 --connlimit-mask 32 --connlimit-daddr"},
      {"--connlimit-above 10 --connlimit-mask 32 --connlimit-saddr",
       "--connlimit-above 10 --connlimit-mask 32 --connlimit-saddr"},
      {"--connlimit-above 10 --connlimit-mask 32 --connlimit-daddr",
       "--connlimit-above 10 --connlimit-mask 32 --connlimit-daddr"},
      {"--connlimit-above 5", "--connlimit-above 5 --connlimit-mask 32 --connlimit-saddr"},
  };
  for (const backend of : both_backends_tested)
    check_saved(connlimit_match, cases_2, {.family = family::ipv4, .backend = of});
  const saved_case cases_3[] = {
      {"! --connlimit-above 5", "--connlimit-upto 5 --connlimit-mask 128 --connlimit-saddr"},
      {"! --connlimit-upto 5", "--connlimit-above 5 --connlimit-mask 128 --connlimit-saddr"},
      {"--connlimit-above 0x10", "--connlimit-above 16 --connlimit-mask 128 --connlimit-saddr"},
      {"--connlimit-above 5 --connlimit-mask 64", "--connlimit-above 5 --connlimit-mask 64 --connlimit-saddr"},
      {"--connlimit-above 5", "--connlimit-above 5 --connlimit-mask 128 --connlimit-saddr"},
  };
  for (const backend of : both_backends_tested)
    check_saved(connlimit_match, cases_3, {.family = family::ipv6, .backend = of});
}

TEST_CASE("-m connlimit drops later fragments, and what stands behind an authentication header may be dropped") {
  packet fragment = cut(protocol::udp, 20);
  fragment.transport = transport_part::later_fragment;
  CHECK(decides(connlimit_match, "--connlimit-upto 5", fragment) == "drop");
  packet hidden = cut(protocol::ah, 20);
  hidden.family = family::ipv6;
  const meaning_context v6{.family = family::ipv6};
  const match_meaning meaning =
      meaning_of(connlimit_match, read_use(connlimit_match, "--connlimit-upto 5", v6).options, v6);
  CHECK(evaluate(meaning.drops, hidden) == truth::unknown);
}

TEST_CASE("what connlimit drops, on every packet: what connection tracking finds no connection in") {
  std::vector<uint128> sizes;
  for (unsigned one = 0; one <= 22; ++one) sizes.push_back(one);
  std::vector<uint128> protocols = around({6, 17, 132, 136, 33, 59, 51, 47, 1, 58});
  for (const family in : both_families_tested) {
    const std::vector<packet> packets = mixed_packets(in,
                                                      {{field::protocol, protocols},
                                                       {field::transport, sizes},
                                                       {field::first_word, {0, 1, 1, 2, 3, 5, 9, 0x8001}},
                                                       {field::second_word, {0x880a, 0x880b, 0x880b, 0x880c, 0}}},
                                                      6000);
    const auto fate = [&](const packet& sent) -> std::string_view {
      const auto bytes = static_cast<unsigned>(sent.transport);
      if (bytes > 20) return "drop";
      switch (number_of(sent.protocol)) {
        case 6:
        case 17:
        case 132:
        case 136: return bytes < 4 ? "drop" : "unknown";
        case 1:
        case 58: return bytes < 8 ? "drop" : "unknown";
        case 47: return bytes >= 8 && (sent.first_word & 7) == 1 && sent.second_word != 0x880b ? "drop" : "unknown";
        case 59: return in == family::ipv6 ? "drop" : "unknown";
        // Whether DCCP has ports for connection tracking hangs on the kernel's age, and nothing can be read behind ah.
        case 33: return bytes < 4 ? "may drop" : "unknown";
        case 51: return in == family::ipv6 ? "may drop" : "unknown";
        default: return "unknown";
      }
    };
    for (const char* const words : {"--connlimit-upto 5", "--connlimit-above 5 --connlimit-daddr"})
      check_each(connlimit_match, words, {.family = in}, packets, fate);
    // If all that is open were so.
    const match_meaning meaning = meaning_of(
        connlimit_match, read_use(connlimit_match, "--connlimit-upto 5", {.family = in}).options, {.family = in});
    REQUIRE(meaning.holds.atoms().size() == 1);
    CHECK(meaning.holds.atoms()[0].name.view().starts_with("connlimit"));
    CHECK(meaning.holds.atoms()[0].stateful);
    for (const packet& sent : packets) {
      const truth dropped = evaluate(meaning.drops, sent, 0, [](const atom&) { return truth::yes; });
      const truth wanted = truth_of(fate(sent).ends_with("drop"));
      for (const truth open : {truth::no, truth::yes})
        if (evaluate(meaning.holds, sent, 0, [&](const atom&) { return open; }) != open) FAIL("holds otherwise");
      CAPTURE(sent);
      if (dropped != wanted) REQUIRE(dropped == wanted);
    }
  }
}
