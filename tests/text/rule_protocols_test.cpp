#include <cordon/text/rule_protocols.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {
// The protocol as iptables-save prints it, "any" where it prints none, or "refused".
std::string protocol_of(std::string_view written, bool inverted = false) {
  rule_protocol into;
  if (!read_rule_protocol(written, inverted, into).empty()) return "refused";
  if (!into.match.given) return "any";
  CHECK(into.match.inverted == inverted);
  return std::string(to_text(into.match.protocol).view());
}
}  // namespace

TEST_CASE("protocols are read by name in any case and by C number, and printed by name") {
  CHECK(protocol_of("tcp") == "tcp");
  CHECK(protocol_of("TCP") == "tcp");
  CHECK(protocol_of("6") == "tcp");
  CHECK(protocol_of("0x11") == "udp");
  CHECK(protocol_of("021") == "udp");
  CHECK(protocol_of("+6") == "tcp");
  CHECK(protocol_of("icmpv6") == "ipv6-icmp");
  CHECK(protocol_of("mh") == "mobility-header");
  CHECK(protocol_of("253") == "253");
  CHECK(protocol_of("255") == "255");
}

TEST_CASE("0, all, ip and hopopt are any protocol, and cannot be inverted") {
  for (const std::string_view any : {"0", "all", "ALL", "ip", "hopopt"}) {
    CAPTURE(any);
    CHECK(protocol_of(any) == "any");
    CHECK(protocol_of(any, true) == "refused");
  }
}

TEST_CASE("what is no protocol is refused") {
  CHECK(protocol_of("256") == "refused");
  CHECK(protocol_of("nope") == "refused");
  CHECK(protocol_of("") == "refused");
  CHECK(protocol_of("-6") == "refused");
}

TEST_CASE("the name under which a match of the protocol is looked for is the one that was written, or the number's") {
  rule_protocol into;
  REQUIRE(read_rule_protocol("mh", false, into).empty());
  CHECK(into.loadable == "mh");
  CHECK(into.name == "mobility-header");
  REQUIRE(read_rule_protocol("135", false, into).empty());
  CHECK(into.loadable == "mobility-header");
  REQUIRE(read_rule_protocol("253", false, into).empty());
  CHECK(into.loadable.empty());
}
