#include <cordon/target/redirect.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j REDIRECT is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--to-ports 80", "--to-ports 80", just(protocol::tcp)},
      {"--to-ports 90-80", nullptr, just(protocol::tcp)},
      {"--to-ports 80-80", "--to-ports 80", just(protocol::tcp)},
      {"--to-ports 0", "--to-ports 0", just(protocol::tcp)},
      {"--to-ports 65536", nullptr, just(protocol::tcp)},
      {"--to-ports http", "--to-ports 80", just(protocol::tcp)},
      {"--to-ports http-https", nullptr, just(protocol::tcp)},
      {"--to-ports 80:90", nullptr, just(protocol::tcp)},
      {"--to-ports 80,90", nullptr, just(protocol::tcp)},
      {"--random", "--random"},
      {"", ""},
      {"", "", just(protocol::icmp)},
      {"--to-ports 0-65535", "--to-ports 0-65535", just(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(redirect_target, cases, {.family = family::ipv4, .backend = of, .table = "nat"});
  const saved_case cases_2[] = {
      {"--to-ports 80-90", "--to-ports 80-90", just(protocol::tcp)},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(redirect_target, cases_2, {.family = in, .backend = of, .table = "nat"});
  const saved_case cases_3[] = {
      {"", "", just(protocol::icmpv6)},
  };
  for (const backend of : both_backends_tested)
    check_saved(redirect_target, cases_3, {.family = family::ipv6, .backend = of, .table = "nat"});
}

TEST_CASE("REDIRECT sends to the loopback address of the family, and the connection keeps what stood there") {
  for (const family in : both_families_tested) {
    meaning_context rule{.family = in, .protocol = just(protocol::udp), .table = "nat"};
    const auto does = [&](const char* words) {
      return meaning_of(redirect_target, read_use(redirect_target, words, rule).options, rule);
    };
    const auto redirected = [&](sequence<alteration> port) {
      const uint128 loopback = in == family::ipv4 ? ipv4_address(127, 0, 0, 1).bits : uint128{1};
      effect made{.what = effect::kind::accept};
      made.changes = {
          alteration{.field = field::original_destination,
                     .from = field::destination,
                     .from_mask = low_bits(address_width(in))},
          alteration{.field = field::original_destination_port, .from = field::second_word, .from_mask = 0xffff},
          set_bits(field::nat_status, 2, 2), set_to(field::destination, loopback)};
      made.changes.append(port);
      return made;
    };
    CHECK(does("") == redirected({}));
    CHECK(does("--to-ports 53") == redirected({set_to(field::second_word, 53)}));
    CHECK(does("--to-ports 53-60") == redirected({set_to_one_of(field::second_word, 53, 60)}));
    // Whether a port of DCCP is rewritten hangs on the kernel's age.
    rule.protocol = just(protocol::dccp);
    CHECK(does("--to-ports 53") == redirected({make_unknown(field::second_word)}));
    CHECK(does("--to-ports 53-60") == redirected({make_unknown(field::second_word)}));
  }
}
