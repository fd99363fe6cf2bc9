#include <cordon/target/reject.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context v4{};
constexpr meaning_context v6{.family = family::ipv6};
}  // namespace

TEST_CASE("the answer of REJECT is printed in full, the usual one where none is given") {
  CHECK(canonical(reject_target, "", v4) == "--reject-with icmp-port-unreachable");
  CHECK(canonical(reject_target, "", v6) == "--reject-with icmp6-port-unreachable");
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"icmp-net-unreachable", "icmp-net-unreachable"},
      {"net-unreach", "icmp-net-unreachable"},
      {"host-prohib", "icmp-host-prohibited"},
      {"admin-prohib", "icmp-admin-prohibited"},
      {"icmp-net", "icmp-net-unreachable"},
      {"icmp-host-p", "icmp-host-prohibited"},
      {"net", "icmp-net-unreachable"},
      {"\"\"", "icmp-net-unreachable"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(reject_target, std::string("--reject-with ") + one.written, v4) ==
          std::string("--reject-with ") + one.printed);
  }
  CHECK(canonical(reject_target, "--reject-with adm-prohibited", v6) == "--reject-with icmp6-adm-prohibited");
}

TEST_CASE("an answer of the other family, or none, is refused") {
  for (const char* const answer : {"icmp6-no-route", "echo-reply", "echoreply", "port-unreachable", "nope"}) {
    CAPTURE(answer);
    CHECK(is_refused(canonical(reject_target, std::string("--reject-with ") + answer, v4)));
  }
  CHECK(is_refused(canonical(reject_target, "--reject-with icmp-port-unreachable", v6)));
  CHECK(is_refused(canonical(reject_target, "--reject-with icmp6-beyond-scope", v6)));
}

TEST_CASE("tcp-reset needs -p tcp") {
  CHECK(is_refused(canonical(reject_target, "--reject-with tcp-reset", v4)));
  CHECK(is_refused(canonical(reject_target, "--reject-with tcp-reset", {.protocol = all_but(protocol::udp)})));
  const meaning_context of_tcp{.protocol = just(protocol::tcp)};
  CHECK(canonical(reject_target, "--reject-with tcp-reset", of_tcp) == "--reject-with tcp-reset");
  CHECK(canonical(reject_target, "--reject-with TCP-RST", of_tcp) == "--reject-with tcp-reset");
}

TEST_CASE("REJECT is of the filter table alone") {
  for (const char* const table : {"raw", "mangle", "nat", "security"})
    CHECK(is_refused(canonical(reject_target, "", {.table = table})));
}

TEST_CASE("REJECT drops the packet and names its answer") {
  const use made = read_use(reject_target, "--reject-with icmp-admin-prohibited", v4);
  const effect does = meaning_of(reject_target, made.options, v4);
  CHECK(does.what == effect::kind::reject);
  CHECK(does.answer == reject_type::icmp_admin_prohibited);
}
