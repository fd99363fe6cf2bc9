// What the incident's sandbox is to reach.
#pragma once

#include <cordon/packet/address.hpp>
#include <cordon/prove/policy.hpp>

namespace cordon::test {

inline constexpr egress_policy egress = sandbox(uid{1001})
                                            .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                            .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);

}  // namespace cordon::test
