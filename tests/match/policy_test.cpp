#include <cordon/match/policy.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m policy is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--dir out --pol ipsec --strict --reqid 1 --next --reqid 2 --next --proto ah",
       "--dir out --pol ipsec --strict --reqid 1 --next --reqid 2 --next --proto ah"},
      {"--dir out --pol ipsec --strict", nullptr},
      {"--dir out --pol ipsec --next --reqid 2", nullptr},
      {"--dir out --pol ipsec ! --reqid 2 ! --spi 5 ! --proto 50 ! --mode transport",
       "--dir out --pol ipsec ! --reqid 2 ! --spi 0x5 ! --proto esp ! --mode transport"},
      {"--dir out --pol none --reqid 2", "--dir out --pol none"},
      {"--dir out --pol none --strict --reqid 2", nullptr},
      {"--dir out", "--dir out --pol ipsec"},
      {"--pol none", nullptr},
      {"--dir OUT --pol NONE", nullptr},
      {"--dir out --pol ipsec --proto tcp", nullptr},
      {"--dir out --pol ipsec --strict --next --reqid 1", nullptr},
      {"--dir out --pol ipsec --strict --reqid 1 --reqid 2", nullptr},
      {"--dir out --pol ipsec --strict --reqid 1 --next", nullptr},
      {"--dir out --pol ipsec --strict --reqid 1 --next --reqid 2 --next --reqid 3 --next --reqid 4",
       "--dir out --pol ipsec --strict --reqid 1 --next --reqid 2 --next --reqid 3 --next --reqid 4"},
      {"--dir out --pol ipsec --strict --reqid 1 --next --reqid 2 --next --reqid 3 --next --reqid 4 --next "
       "--reqid 5",
       nullptr},
      {"--dir out --pol ipsec --mode foo", nullptr},
      {"--dir out --strict --pol ipsec --reqid 1", "--dir out --pol ipsec --strict --reqid 1"},
      {"--dir out --pol none", "--dir out --pol none"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(policy_match, cases, {.family = in, .backend = of});
  const saved_case cases_2[] = {
      {"--dir out --pol ipsec --reqid 5 --spi 0x10 --proto esp --mode tunnel --tunnel-src 1.2.3.4 --tunnel-dst "
       "5.6.7.0/24",
       "--dir out --pol ipsec --reqid 5 --spi 0x10 --proto esp --mode tunnel --tunnel-dst 5.6.7.0/24 --tunnel-src "
       "1.2.3.4"},
      {"--dir out --pol ipsec --mode transport --tunnel-src 1.2.3.4", nullptr},
      {"--dir out --pol ipsec --tunnel-src 1.2.3.4", nullptr},
      {"--dir out --pol ipsec --mode tunnel --tunnel-src 1.2.3.4/0",
       "--dir out --pol ipsec --mode tunnel --tunnel-src 1.2.3.4/0"},
      {"--dir out --pol ipsec --mode tunnel ! --tunnel-src 1.2.3.4/255.0.255.0",
       "--dir out --pol ipsec --mode tunnel ! --tunnel-src 1.2.3.4"},
      {"--dir out --pol ipsec ! --mode tunnel --tunnel-src 1.2.3.4", nullptr},
      {"--dir out --pol ipsec ! --mode transport --tunnel-src 1.2.3.4",
       "--dir out --pol ipsec ! --mode transport --tunnel-src 1.2.3.4"},
  };
  for (const backend of : both_backends_tested)
    check_saved(policy_match, cases_2, {.family = family::ipv4, .backend = of});
  const saved_case cases_3[] = {
      {"--dir out --pol ipsec --mode tunnel --tunnel-src fe80::1/64",
       "--dir out --pol ipsec --mode tunnel --tunnel-src fe80::1/64"},
  };
  for (const backend of : both_backends_tested)
    check_saved(policy_match, cases_3, {.family = family::ipv6, .backend = of});
}

TEST_CASE("without IPsec --pol none fits everything, and is unknown else") {
  const cordon::host_facts no_ipsec{.without_ipsec = true};
  const meaning_context without_ipsec{.host = &no_ipsec};
  CHECK(decides(policy_match, "--dir out --pol none", packet{}) == "unknown");
  CHECK(decides(policy_match, "--dir out --pol none", packet{}, without_ipsec) == "yes");
  CHECK(decides(policy_match, "--dir out --pol ipsec", packet{}, without_ipsec) == "no");
  CHECK(decides(policy_match, "--dir out --pol ipsec --strict ! --reqid 1", packet{}, without_ipsec) == "no");
}

TEST_CASE(
    "whether the packet goes through IPsec is the question, of --pol none the other way round, and nothing is dropped") {
  const auto answer = [](const char* words, truth through_ipsec) {
    const match_meaning made = meaning_of(policy_match, read_use(policy_match, words, {}).options, {});
    CHECK(made.drops == never());
    return evaluate(made.holds, packet{}, 0, [&](const atom&) { return through_ipsec; });
  };
  for (const truth through_ipsec : {truth::no, truth::yes}) {
    CHECK(answer("--dir out --pol none", through_ipsec) == !through_ipsec);
    CHECK(answer("--dir out --pol ipsec", through_ipsec) == through_ipsec);
    CHECK(answer("--dir out --pol ipsec --reqid 1", through_ipsec) == through_ipsec);
  }
}

TEST_CASE("--pol none and a bare --pol ipsec are one atom, elements make others") {
  const auto atoms_of = [](const char* words) {
    return meaning_of(policy_match, read_use(policy_match, words, {}).options, {}).holds.atoms();
  };
  CHECK(atoms_of("--dir out --pol none") == atoms_of("--dir out --pol ipsec"));
  CHECK(atoms_of("--dir out --pol ipsec --reqid 1") != atoms_of("--dir out --pol ipsec"));
  CHECK(atoms_of("--dir out --pol ipsec --reqid 1") != atoms_of("--dir out --pol ipsec ! --reqid 1"));
}

TEST_CASE("--dir in has no meaning in OUTPUT, --dir out none in INPUT") {
  const auto hooks_of = [](const char* words) {
    return valid_hooks(policy_match, read_use(policy_match, words, {}).options, {});
  };
  CHECK_FALSE(contains(hooks_of("--dir in --pol none"), hook::output));
  CHECK(contains(hooks_of("--dir in --pol none"), hook::forward));
  CHECK(contains(hooks_of("--dir out --pol none"), hook::output));
  CHECK_FALSE(contains(hooks_of("--dir out --pol none"), hook::input));
}
