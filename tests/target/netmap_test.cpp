#include <cordon/target/netmap.hpp>

#include <string>

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

TEST_CASE("NETMAP exchanges the network and keeps the host, and the connection what stood there") {
  struct {
    family in;
    const char* to;
    const char* network;
    unsigned length;
  } const cases[] = {{family::ipv4, "10.1.0.0/16", "10.1.0.0", 16},
                     {family::ipv4, "10.1.2.3", "10.1.2.3", 32},
                     {family::ipv4, "0.0.0.0/0", "0.0.0.0", 0},
                     {family::ipv6, "fd09:1::/64", "fd09:1::", 64},
                     {family::ipv6, "fd09::1", "fd09::1", 128}};
  for (const auto& one : cases) {
    CAPTURE(one.to);
    const unsigned width = one.in == family::ipv4 ? 32 : 128;
    const meaning_context rule{.family = one.in, .table = "nat"};
    const use made = read_use(netmap_target, std::string("--to ") + one.to, rule);
    REQUIRE(made.refused.empty());
    effect wanted{.what = effect::kind::accept};
    wanted.changes = {
        alteration{.field = field::original_destination, .from = field::destination, .from_mask = low_bits(width)},
        alteration{.field = field::original_destination_port, .from = field::second_word, .from_mask = 0xffff},
        set_bits(field::nat_status, 2, 2),
        set_bits(field::destination, read_address(one.network)->bits, low_bits(width) & ~low_bits(width - one.length))};
    CHECK(meaning_of(netmap_target, made.options, rule) == wanted);
  }
}
