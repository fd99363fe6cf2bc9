#include <cordon/target/hl.hpp>
#include <cordon/text/reader.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j HL is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--hl-set 5", "--hl-set 5"},     {"--hl-inc 0", nullptr},      {"--hl-dec 5 --hl-set 3", nullptr},
      {"--hl-set 42", "--hl-set 42"},   {"--hl-inc 1", "--hl-inc 1"}, {"--hl-dec 1", "--hl-dec 1"},
      {"--hl-set 256", nullptr},        {"--hl-dec 0", nullptr},      {"--hl-dec 1 --hl-inc 1", nullptr},
      {"--hl-set --hl-inc 1", nullptr},
  };
  for (const backend of : both_backends_tested)
    check_saved(hl_target, cases, {.family = family::ipv6, .backend = of, .table = "mangle"});
}

TEST_CASE("-j HL is of IPv6 alone") {
  const auto read = read_ruleset("*mangle\n-A OUTPUT -j HL --hl-set 5\nCOMMIT\n", {.family = family::ipv4});
  REQUIRE(!read);
  CHECK(read.diagnostics()[0].message.view() == "the target 'HL' is of IPv6 alone");
}

TEST_CASE("HL sets the hops, or moves them within 0 to 255") {
  const auto changes = [](const char* words) {
    const meaning_context rule{.family = family::ipv6, .table = "mangle"};
    return changes_of(meaning_of(hl_target, read_use(hl_target, words, rule).options, rule));
  };
  CHECK(changes("--hl-set 5") == sequence{set_to(field::hops, 5)});
  CHECK(changes("--hl-dec 1") == sequence{set_to_one_of(field::hops, 0, 254)});
  CHECK(changes("--hl-inc 3") == sequence{set_to_one_of(field::hops, 3, 255)});
}
