#include <cordon/target/masquerade.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j MASQUERADE is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"", ""},
      {"--random", "--random"},
      {"--random-fully", "--random-fully"},
      {"--random --random-fully", "--random --random-fully"},
      {"--to-ports 80", "--to-ports 80", just(protocol::tcp)},
      {"--to-ports 80-90 --random", "--to-ports 80-90 --random", just(protocol::tcp)},
      {"--to-ports 80", nullptr},
      {"--to-ports 90-80", nullptr, just(protocol::tcp)},
      {"--to-ports http", "--to-ports 80", just(protocol::tcp)},
      {"--to-ports 80-80", "--to-ports 80", just(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(masquerade_target, cases, {.family = family::ipv4, .backend = of, .table = "nat"});
}

TEST_CASE("MASQUERADE gives the packet the address of an interface, which no rule says: what it does is unknown") {
  const meaning_context rule{.protocol = just(protocol::tcp), .table = "nat"};
  const use made = read_use(masquerade_target, "--to-ports 80-90", rule);
  REQUIRE(made.refused.empty());
  CHECK(meaning_of(masquerade_target, made.options, rule) == effect{.what = effect::kind::unknown});
}
