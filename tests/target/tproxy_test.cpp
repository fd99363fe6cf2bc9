#include <cordon/target/tproxy.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j TPROXY is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--on-port 5", "--on-port 5 --on-ip :: --tproxy-mark 0x0/0x0", just(protocol::tcp)},
      {"--on-port 5 --on-ip ::1", "--on-port 5 --on-ip ::1 --tproxy-mark 0x0/0x0", just(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(tproxy_target, cases, {.family = family::ipv6, .backend = of, .table = "mangle"});
  const saved_case cases_2[] = {
      {"--on-port 5 --tproxy-mark 1", "--on-port 5 --on-ip 0.0.0.0 --tproxy-mark 0x1/0xffffffff", just(protocol::tcp)},
      {"--on-port 5 --on-ip 127.0.0.1 --tproxy-mark 1/3", "--on-port 5 --on-ip 127.0.0.1 --tproxy-mark 0x1/0x3",
       just(protocol::udp)},
      {"--on-port 5", nullptr, just(protocol::icmp)},
      {"--on-port 65536", "--on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0", just(protocol::tcp)},
      {"--on-port http", "--on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0", just(protocol::tcp)},
      {"--on-port 12345 --on-ip 10.0.0.1 --tproxy-mark 0x23/0xff", nullptr},
      {"--on-port 12345 --on-ip 10.0.0.1 --tproxy-mark 0x23/0xff",
       "--on-port 12345 --on-ip 10.0.0.1 --tproxy-mark 0x23/0xff", just(protocol::udp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(tproxy_target, cases_2, {.family = family::ipv4, .backend = of, .table = "mangle"});
}

TEST_CASE("what TPROXY does to a packet, before it has come to a socket, is unknown") {
  const meaning_context rule{.protocol = just(protocol::tcp), .table = "mangle"};
  const use made = read_use(tproxy_target, "--on-port 5", rule);
  REQUIRE(made.refused.empty());
  CHECK(meaning_of(tproxy_target, made.options, rule) == effect{.what = effect::kind::unknown});
}
