#include <cordon/target/netmap.hpp>

#include <algorithm>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j NETMAP is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--to 1.2.3.0/24", "--to 1.2.3.0/24"},
      {"--to 1.2.3.4", "--to 1.2.3.4/32"},
      {"--to 1.2.3.4/24", "--to 1.2.3.0/24"},
      {"--to 1.2.3.4/255.255.0.0", "--to 1.2.0.0/16"},
      {"--to 1.2.3.4/255.0.255.0", "--to 1.2.3.4/32"},
      {"--to 10.1/16", "--to 10.0.0.0/16"},
      {"", nullptr},
      {"--to 0.0.0.0/0", "--to 0.0.0.0/0"},
  };
  for (const backend of : both_backends_tested)
    check_saved(netmap_target, cases, {.family = family::ipv4, .backend = of, .table = "nat"});
  const saved_case cases_2[] = {
      {"--to dead::/64", "--to dead::/64"},
      {"--to dead::beef", "--to dead::beef/128"},
      {"--to dead::beef/64", "--to dead::/64"},
  };
  for (const backend of : both_backends_tested)
    check_saved(netmap_target, cases_2, {.family = family::ipv6, .backend = of, .table = "nat"});
}

TEST_CASE("NETMAP exchanges the network and keeps the host") {
  const meaning_context rule{.table = "nat"};
  const effect does = meaning_of(netmap_target, read_use(netmap_target, "--to 10.1.0.0/16", rule).options, rule);
  const alteration change = set_bits(field::destination, ipv4_address(10, 1, 0, 0).bits, prefix_mask(family::ipv4, 16));
  CHECK(std::count(does.changes.begin(), does.changes.end(), change) == 1);
}
