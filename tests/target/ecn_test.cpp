#include <cordon/target/ecn.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j ECN is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ecn-tcp-remove", "--ecn-tcp-remove", just(protocol::tcp)},
      {"--ecn-tcp-remove", nullptr},
      {"--ecn-tcp-remove", nullptr, all_but(protocol::tcp)},
      {"--ecn-tcp-ece 1", "--ecn-tcp-ece 1", just(protocol::tcp)},
      {"--ecn-tcp-cwr 1 --ecn-ip-ect 2", "--ecn-tcp-cwr 1 --ecn-ip-ect 2", just(protocol::tcp)},
      {"--ecn-ip-ect 2", "--ecn-ip-ect 2"},
      {"--ecn-ip-ect 4", nullptr},
      {"", nullptr},
      {"", nullptr, just(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(ecn_target, cases, {.family = family::ipv4, .backend = of, .table = "mangle"});
}

TEST_CASE("ECN changes flags of TCP and bits of the traffic class") {
  const meaning_context rule{.protocol = just(protocol::tcp), .table = "mangle"};
  const auto changes = [&](const char* words) {
    return changes_of(meaning_of(ecn_target, read_use(ecn_target, words, rule).options, rule));
  };
  CHECK(changes("--ecn-tcp-remove") == sequence{set_bits(field::flags, 0, tcp_flag::ece | tcp_flag::cwr)});
  CHECK(changes("--ecn-ip-ect 2") == sequence{set_bits(field::traffic_class, 2, 3)});
  CHECK(changes("--ecn-tcp-cwr 1 --ecn-ip-ect 2") ==
        sequence{set_bits(field::traffic_class, 2, 3), set_bits(field::flags, tcp_flag::cwr, tcp_flag::cwr)});
}
