#include <cordon/target/ttl.hpp>
#include <cordon/text/reader.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j TTL is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ttl-set 5", "--ttl-set 5"},
      {"--ttl-set 0", "--ttl-set 0"},
      {"--ttl-inc 0", nullptr},
      {"--ttl-inc 255", "--ttl-inc 255"},
      {"--ttl-dec 256", nullptr},
      {"--ttl-dec 1 --ttl-inc 1", nullptr},
      {"", nullptr},
      {"--ttl-set 42", "--ttl-set 42"},
      {"--ttl-inc 1", "--ttl-inc 1"},
      {"--ttl-dec 1", "--ttl-dec 1"},
      {"--ttl-set 256", nullptr},
      {"--ttl-dec 0", nullptr},
      {"--ttl-set --ttl-inc 1", nullptr},
  };
  for (const backend of : both_backends_tested)
    check_saved(ttl_target, cases, {.family = family::ipv4, .backend = of, .table = "mangle"});
}

TEST_CASE("TTL sets the hops, or moves them within 0 to 255") {
  const auto changes = [](const char* words) {
    return changes_of(meaning_of(ttl_target, read_use(ttl_target, words, {.table = "mangle"}).options, {}));
  };
  CHECK(changes("--ttl-set 5") == sequence{set_to(field::hops, 5)});
  CHECK(changes("--ttl-dec 1") == sequence{set_to_one_of(field::hops, 0, 254)});
  CHECK(changes("--ttl-inc 3") == sequence{set_to_one_of(field::hops, 3, 255)});
}

TEST_CASE("-j TTL is of IPv4 alone") {
  const auto read = read_ruleset("*mangle\n-A OUTPUT -j TTL --ttl-set 5\nCOMMIT\n", {.family = family::ipv6});
  REQUIRE(!read);
  CHECK(read.diagnostics()[0].message.view() == "the target 'TTL' is of IPv4 alone");
}
