#include <string>

#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/prove.hpp>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
std::string difference_on(std::string_view lines) {
  const egress_policy policy = sandbox(uid(1001)).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80);
  return string_of(difference_of(prove(host_with(lines), policy),
                                 prove(host_with(lines, family::ipv4, backend::legacy), policy)));
}
}  // namespace

TEST_CASE("rules on which both back ends agree have no difference") {
  CHECK(difference_on("-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j ACCEPT\n-A OUTPUT -j DROP\n").empty());
}

TEST_CASE("a rule that one back end takes for all packets and the other for none makes a difference") {
  // iptables-nft leaves out a port range that is everything, and with it the negation.
  CHECK(difference_on("-A OUTPUT -p tcp -m tcp ! --dport 0:65535 -j ACCEPT\n-A OUTPUT -j DROP\n") == "proved for IPv4");
}
