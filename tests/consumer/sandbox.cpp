#include "sandbox.hpp"

using namespace cordon;

egress_policy sandbox_policy() {
  return sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443).may_reach(udp | tcp, "127.0.0.53"_ip, 53);
}
