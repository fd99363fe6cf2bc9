#include <cordon/target/synproxy.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j SYNPROXY is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mss 1460 --wscale 7 --sack-perm --timestamp --ecn", "--sack-perm --timestamp --wscale 7 --mss 1460 --ecn",
       just(protocol::tcp)},
      {"--wscale 15", "--wscale 15", just(protocol::tcp)},
      {"--mss 65536", "--mss 0", just(protocol::tcp)},
      {"", nullptr, all_but(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(synproxy_target, cases, {.family = family::ipv4, .backend = of, .table = "mangle"});
}

TEST_CASE("what SYNPROXY does, which answers in a server's place, is unknown") {
  const meaning_context rule{.protocol = just(protocol::tcp), .table = "filter"};
  const use made = read_use(synproxy_target, "--mss 1460", rule);
  REQUIRE(made.refused.empty());
  CHECK(meaning_of(synproxy_target, made.options, rule) == effect{.what = effect::kind::unknown});
}
