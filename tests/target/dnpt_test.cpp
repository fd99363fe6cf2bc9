#include <cordon/target/dnpt.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j DNPT is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--src-pfx dead::/64 --dst-pfx 1c3::/64", "--src-pfx dead::/64 --dst-pfx 1c3::/64"},
      {"--src-pfx dead::1/64 --dst-pfx 1c3::/48", nullptr},
      {"--src-pfx dead::/65 --dst-pfx 1c3::/64", nullptr},
      {"--src-pfx dead::beef --dst-pfx 1c3::/64", nullptr},
      {"--src-pfx dead::/64", nullptr},
      {"--dst-pfx dead::/64", nullptr},
      {"", nullptr},
  };
  for (const backend of : both_backends_tested)
    check_saved(dnpt_target, cases, {.family = family::ipv6, .backend = of, .table = "mangle"});
}

TEST_CASE("where DNPT leads to is unknown, and nothing else changes") {
  const meaning_context rule{.family = family::ipv6, .table = "mangle"};
  const use made = read_use(dnpt_target, "--src-pfx fd09::/64 --dst-pfx fd0a::/64", rule);
  REQUIRE(made.refused.empty());
  CHECK(changes_of(meaning_of(dnpt_target, made.options, rule)) == sequence{make_unknown(field::destination)});
}
