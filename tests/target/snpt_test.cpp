#include <cordon/target/snpt.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("SNPT exchanges prefixes of at most 64 bits, in mangle alone, never in OUTPUT") {
  const meaning_context rule{.family = family::ipv6, .table = "mangle"};
  const saved_case cases[] = {
      {"--src-pfx dead::/64 --dst-pfx 1c3::/64", "--src-pfx dead::/64 --dst-pfx 1c3::/64"},
      {"--src-pfx dead::/65 --dst-pfx 1c3::/64", nullptr},
      {"--src-pfx dead::/64", nullptr},
  };
  check_saved(snpt_target, cases, rule);
  CHECK_FALSE(contains(valid_hooks(snpt_target, {}, rule), hook::output));
}

TEST_CASE("what SNPT does to a packet, behind OUTPUT alone, is unknown") {
  const meaning_context rule{.family = family::ipv6, .table = "mangle"};
  const use made = read_use(snpt_target, "--src-pfx dead::/64 --dst-pfx 1c3::/64", rule);
  REQUIRE(made.refused.empty());
  CHECK(meaning_of(snpt_target, made.options, rule) == effect{.what = effect::kind::unknown});
}
