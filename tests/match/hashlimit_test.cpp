#include <cordon/match/hashlimit.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m hashlimit is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--hashlimit 5/min --hashlimit-name foo", "--hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-upto 60/min --hashlimit-name foo",
       "--hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name foo --hashlimit-htable-expire 60000"},
      {"! --hashlimit-upto 5/min --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 5 --hashlimit-name foo", "--hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 5/min --hashlimit-upto 3/min --hashlimit-name foo", nullptr},
      {"--hashlimit-above 5/min --hashlimit-mode srcip,dstip,srcport,dstport --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip,srcport,dstip,dstport --hashlimit-name "
       "foo"},
      {"--hashlimit-above 5/min --hashlimit-mode src --hashlimit-name foo", nullptr},
      {"--hashlimit-above 5/min --hashlimit-mode srcip,dstip --hashlimit-srcmask 24 --hashlimit-dstmask 16 "
       "--hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip,dstip --hashlimit-name foo "
       "--hashlimit-srcmask 24 --hashlimit-dstmask 16"},
      {"--hashlimit-above 5/min --hashlimit-htable-size 100 --hashlimit-htable-max 200 --hashlimit-htable-expire "
       "300 --hashlimit-htable-gcinterval 400 --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-name foo --hashlimit-htable-size 100 "
       "--hashlimit-htable-max 200 --hashlimit-htable-gcinterval 400 --hashlimit-htable-expire 300"},
      {"--hashlimit-above 5/min --hashlimit-htable-expire 60000 --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 5/sec --hashlimit-htable-expire 1000 --hashlimit-name foo",
       "--hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 5/min --hashlimit-burst 0 --hashlimit-name foo", nullptr},
      {"--hashlimit-above 5/min --hashlimit-burst 1000001 --hashlimit-name foo", nullptr},
      {"--hashlimit-above 1000001/s --hashlimit-name foo", nullptr},
      {"--hashlimit-above 600000/s --hashlimit-name foo",
       "--hashlimit-above 1000000/sec --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 24/day --hashlimit-name foo",
       "--hashlimit-above 1/hour --hashlimit-burst 5 --hashlimit-name foo --hashlimit-htable-expire 86400000"},
      {"--hashlimit-above 0/s --hashlimit-name foo", nullptr},
      {"--hashlimit-above 1024kb/s --hashlimit-name foo", "--hashlimit-above 1mb/s --hashlimit-name foo"},
      {"--hashlimit-above 500b/s --hashlimit-name foo", "--hashlimit-above 496b/s --hashlimit-name foo"},
      {"--hashlimit-above 1000kb/s --hashlimit-burst 2mb --hashlimit-name foo",
       "--hashlimit-above 1000kb/s --hashlimit-burst 2mb --hashlimit-name foo"},
      {"--hashlimit-above 10mb/s --hashlimit-burst 5 --hashlimit-name foo", nullptr},
      {"--hashlimit-above 10mb/s --hashlimit-name foo", "--hashlimit-above 10mb/s --hashlimit-name foo"},
      {"--hashlimit-above 10mb/min --hashlimit-name foo",
       "--hashlimit-above 10/min --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 5/s --hashlimit-burst 5kb --hashlimit-name foo",
       "--hashlimit-above 5/sec --hashlimit-burst 5120 --hashlimit-name foo"},
      {"--hashlimit-above 10gb/s --hashlimit-name foo", "--hashlimit-above 0b/s --hashlimit-name foo"},
      {"--hashlimit-above 5000mb/s --hashlimit-name foo", "--hashlimit-above 5286113568b/s --hashlimit-name foo"},
      {"--hashlimit-upto 5/min --hashlimit-rate-match --hashlimit-name foo2",
       "--hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name foo2 --hashlimit-htable-expire 60000 "
       "--hashlimit-rate-match --hashlimit-rate-interval 60"},
      {"--hashlimit-upto 40mb/s --hashlimit-mode srcip --hashlimit-name rate2 --hashlimit-rate-match "
       "--hashlimit-rate-interval 10",
       "--hashlimit-upto 40mb/s --hashlimit-mode srcip --hashlimit-name rate2 --hashlimit-rate-match "
       "--hashlimit-rate-interval 10"},
      {"--hashlimit-upto 1000/min --hashlimit-name rate7 --hashlimit-rate-match",
       "--hashlimit-upto 1000/sec --hashlimit-burst 5 --hashlimit-name rate7 --hashlimit-htable-expire 60000 "
       "--hashlimit-rate-match --hashlimit-rate-interval 60"},
      {"--hashlimit-above 5/min --hashlimit-rate-interval 5 --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-name foo"},
      {"--hashlimit-above 5/min", nullptr},
      {"--hashlimit-name foo", nullptr},
      {"--hashlimit-above 5/min --hashlimit-name \"\"", nullptr},
      {"--hashlimit-above 5/min --hashlimit-name \"a b\"",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-name a b"},
      {"--hashlimit-above 5/min --hashlimit-name a/b", nullptr},
      {"--hashlimit-above 5/min --hashlimit-name ..", nullptr},
      {"--hashlimit-upto 512kb/s --hashlimit-burst 1kb --hashlimit-name f2", nullptr},
      {"--hashlimit-upto 512kb/s --hashlimit-burst 600kb --hashlimit-name f2",
       "--hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-name f2"},
      {"--hashlimit-upto 512kb/s --hashlimit-burst 3mb --hashlimit-name f2",
       "--hashlimit-upto 512kb/s --hashlimit-burst 3mb --hashlimit-name f2"},
      {"--hashlimit-upto 512kb/s --hashlimit-burst 5000mb --hashlimit-name f2",
       "--hashlimit-upto 512kb/s --hashlimit-burst 904mb --hashlimit-name f2"},
      {"--hashlimit-upto 5/s --hashlimit-burst 1mb --hashlimit-name f2", nullptr},
      {"--hashlimit-upto 512KB/s --hashlimit-name f2",
       "--hashlimit-upto 512/sec --hashlimit-burst 5 --hashlimit-name f2"},
      {"--hashlimit-upto 512k/s --hashlimit-name f2",
       "--hashlimit-upto 512/sec --hashlimit-burst 5 --hashlimit-name f2"},
      {"--hashlimit-upto 512kb --hashlimit-name f2",
       "--hashlimit-upto 512/sec --hashlimit-burst 5 --hashlimit-name f2"},
      {"--hashlimit-upto 512kb/sec --hashlimit-name f2", "--hashlimit-upto 512kb/s --hashlimit-name f2"},
      {"--hashlimit-upto 15b/s --hashlimit-name f2", "--hashlimit-upto 0b/s --hashlimit-name f2"},
      {"--hashlimit-upto 0b/s --hashlimit-name f2", nullptr},
      {"--hashlimit-upto 512kb/s --hashlimit-htable-expire 15000 --hashlimit-name f3",
       "--hashlimit-upto 512kb/s --hashlimit-name f3"},
      {"--hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-htable-expire 15000 --hashlimit-name f3",
       "--hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-name f3 --hashlimit-htable-expire 15000"},
      {"--hashlimit-upto 5/s --hashlimit-mode srcip,,dstip --hashlimit-name f4",
       "--hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstip --hashlimit-name f4"},
      {"--hashlimit-upto 5/s --hashlimit-mode \"\" --hashlimit-name f4",
       "--hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name f4"},
      {"--hashlimit-upto 5/s --hashlimit-srcmask 24 --hashlimit-htable-size 5 --hashlimit-name f5 "
       "--hashlimit-dstmask 0",
       "--hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name f5 --hashlimit-htable-size 5 "
       "--hashlimit-srcmask 24 --hashlimit-dstmask 0"},
      {"--hashlimit-upto 5/s --hashlimit-htable-max 0 --hashlimit-htable-size 0 --hashlimit-name f6",
       "--hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name f6"},
      {"--hashlimit-upto 5/s --hashlimit-htable-gcinterval 0 --hashlimit-name f6", nullptr},
      {"--hashlimit-upto 5/s --hashlimit-htable-expire 0 --hashlimit-name f6", nullptr},
      {"--hashlimit-upto 5/s --hashlimit-rate-interval 0 --hashlimit-name f6", nullptr},
      {"--hashlimit-upto 1/day --hashlimit-burst 1000000 --hashlimit-name f7", nullptr},
      {"--hashlimit-upto 1/day --hashlimit-burst 2 --hashlimit-name g1", nullptr},
      {"--hashlimit-upto 1/day --hashlimit-burst 3 --hashlimit-name g1",
       "--hashlimit-upto 1/day --hashlimit-burst 3 --hashlimit-name g1"},
      {"--hashlimit-above 1/sec --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-above 1/sec --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-above 1000000/sec --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-above 1000000/sec --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-above 1/min --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-above 1/min --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-above 1/hour --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-above 1/hour --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-above 1/day --hashlimit-burst 1 --hashlimit-name mini1",
       "--hashlimit-above 1/day --hashlimit-burst 1 --hashlimit-name mini1"},
      {"--hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-upto 1000000/sec --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-upto 1000000/sec --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-upto 1/min --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-upto 1/min --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-upto 1/hour --hashlimit-burst 5 --hashlimit-name mini1",
       "--hashlimit-upto 1/hour --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-upto 1/day --hashlimit-burst 1 --hashlimit-name mini1",
       "--hashlimit-upto 1/day --hashlimit-burst 1 --hashlimit-name mini1"},
      {"--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-name mini1 --hashlimit-htable-expire 2000",
       "--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-name mini1 --hashlimit-htable-expire 2000"},
      {"--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name mini1 "
       "--hashlimit-htable-expire 2000",
       "--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name mini1 "
       "--hashlimit-htable-expire 2000"},
      {"--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name mini1 "
       "--hashlimit-htable-expire 2000",
       "--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name mini1 "
       "--hashlimit-htable-expire 2000"},
      {"--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name mini1 "
       "--hashlimit-htable-max 2000 --hashlimit-htable-expire 2000",
       "--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name mini1 "
       "--hashlimit-htable-max 2000 --hashlimit-htable-expire 2000"},
      {"--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name mini1 "
       "--hashlimit-htable-max 2000 --hashlimit-htable-gcinterval 60000 --hashlimit-htable-expire 2000",
       "--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name mini1 "
       "--hashlimit-htable-max 2000 --hashlimit-htable-gcinterval 60000 --hashlimit-htable-expire 2000"},
      {"--hashlimit-upto 1/sec --hashlimit-name mini1",
       "--hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name mini1"},
      {"--hashlimit-upto 4kb/s --hashlimit-burst 400kb --hashlimit-name mini5",
       "--hashlimit-upto 4kb/s --hashlimit-burst 400kb --hashlimit-name mini5"},
      {"--hashlimit-upto 10mb/s --hashlimit-name mini6", "--hashlimit-upto 10mb/s --hashlimit-name mini6"},
      {"--hashlimit-upto 123456b/s --hashlimit-burst 1mb --hashlimit-name mini7",
       "--hashlimit-upto 123456b/s --hashlimit-burst 1mb --hashlimit-name mini7"},
      {"--hashlimit-name mini1", nullptr},
      {"--hashlimit-upto 1/sec", nullptr},
      {"", nullptr},
      {"--hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name syn-flood",
       "--hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name syn-flood"},
      {"--hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name rate1 "
       "--hashlimit-rate-match",
       "--hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name rate1 "
       "--hashlimit-rate-match"},
      {"--hashlimit-upto 40mb/s --hashlimit-mode srcip --hashlimit-name rate2 --hashlimit-rate-match",
       "--hashlimit-upto 40mb/s --hashlimit-mode srcip --hashlimit-name rate2 --hashlimit-rate-match"},
      {"--hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name rate3 "
       "--hashlimit-rate-match --hashlimit-rate-interval 10",
       "--hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name rate3 "
       "--hashlimit-rate-match --hashlimit-rate-interval 10"},
      {"--hashlimit-upto 40mb/s --hashlimit-mode srcip --hashlimit-name rate4 --hashlimit-rate-match "
       "--hashlimit-rate-interval 10",
       "--hashlimit-upto 40mb/s --hashlimit-mode srcip --hashlimit-name rate4 --hashlimit-rate-match "
       "--hashlimit-rate-interval 10"},
      {"--hashlimit-upto 5/min --hashlimit-name foo --hashlimit-mode dstip",
       "--hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-mode dstip --hashlimit-name foo"},
      {"--hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-name bar",
       "--hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-name bar"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(hashlimit_match, cases, {.family = in, .backend = of});
  const saved_case cases_2[] = {
      {"--hashlimit-above 5/min --hashlimit-mode srcip --hashlimit-srcmask 32 --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name foo"},
      {"--hashlimit-above 5/min --hashlimit-mode srcip --hashlimit-srcmask 33 --hashlimit-name foo", nullptr},
      {"--hashlimit-above 5/min --hashlimit-mode srcip --hashlimit-srcmask 255.255.0.0 --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name foo "
       "--hashlimit-srcmask 16"},
  };
  for (const backend of : both_backends_tested)
    check_saved(hashlimit_match, cases_2, {.family = family::ipv4, .backend = of});
  const saved_case cases_3[] = {
      {"--hashlimit-above 5/min --hashlimit-mode srcip --hashlimit-srcmask 32 --hashlimit-name foo",
       "--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name foo "
       "--hashlimit-srcmask 32"},
  };
  for (const backend of : both_backends_tested)
    check_saved(hashlimit_match, cases_3, {.family = family::ipv6, .backend = of});
}

TEST_CASE(
    "-m hashlimit may drop packets that are cut off before their ports, whatever its own mode: tables are shared") {
  const auto drops = [](std::string_view line, const packet& about) {
    const use made = read_use(hashlimit_match, line, {});
    REQUIRE(made.refused.empty());
    return evaluate(meaning_of(hashlimit_match, made.options, {}).drops, about);
  };
  packet cut;
  cut.protocol = protocol::udp;
  cut.transport = static_cast<transport_part>(3);
  for (const char* const mode : {"", " --hashlimit-mode srcport", " --hashlimit-mode srcip"}) {
    const std::string line = std::string("--hashlimit-upto 5/min --hashlimit-name a") + mode;
    CHECK(drops(line, cut) == truth::unknown);
    packet enough = cut;
    enough.transport = static_cast<transport_part>(4);
    CHECK(drops(line, enough) == truth::no);
    packet without_ports = cut;
    without_ports.protocol = protocol::icmp;
    CHECK(drops(line, without_ports) == truth::no);
  }
}

TEST_CASE("what a hashlimit table that counts by ports drops, on every packet") {
  std::vector<uint128> sizes;
  for (unsigned one = 0; one <= 22; ++one) sizes.push_back(one);
  for (const family in : both_families_tested) {
    const use made = read_use(hashlimit_match, "--hashlimit-upto 5/min --hashlimit-name a", {.family = in});
    const match_meaning meaning = meaning_of(hashlimit_match, made.options, {.family = in});
    CHECK(evaluate(meaning.holds, packet{}, 0, [](const atom&) { return truth::yes; }) == truth::yes);
    CHECK(evaluate(meaning.holds, packet{}, 0, [](const atom&) { return truth::no; }) == truth::no);
    REQUIRE(meaning.holds.atoms().size() == 1);
    CHECK(meaning.holds.atoms()[0].name.view().starts_with("hashlimit"));
    for (const packet& sent : mixed_packets(
             in, {{field::protocol, around({6, 17, 33, 50, 51, 59, 132, 136})}, {field::transport, sizes}}, 4000)) {
      const auto bytes = static_cast<unsigned>(sent.transport);
      bool lacks = false;
      switch (number_of(sent.protocol)) {
        case 6:
        case 17:
        case 33:
        case 50:
        case 132:
        case 136: lacks = bytes < 4; break;
        case 51: lacks = in == family::ipv6 || bytes < 8; break;
        case 59: lacks = in == family::ipv6; break;
        default: break;
      }
      // How the table counts, the first of the rules that share it says.
      const truth dropped = evaluate(meaning.drops, sent);
      if (dropped == (lacks ? truth::unknown : truth::no)) continue;
      CAPTURE(sent);
      REQUIRE(dropped == (lacks ? truth::unknown : truth::no));
    }
  }
}
