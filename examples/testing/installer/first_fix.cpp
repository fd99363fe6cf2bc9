// The fix that passed its review: the resolver alone, in place of all of lo. Nobody thought of ip6tables.
#include "rules.hpp"

installed_rules rules_for(const settings& of) {
  const std::string owner = " -m owner --uid-owner " + std::to_string(of.sandbox_uid);
  return {.iptables =
              {
                  "-A OUTPUT -d 127.0.0.1 -p tcp --dport " + std::to_string(of.proxy_port) + owner + " -j ACCEPT",
                  "-A OUTPUT -d 127.0.0.53 -p udp --dport 53" + owner + " -j ACCEPT",
                  "-A OUTPUT -d 127.0.0.53 -p tcp --dport 53" + owner + " -j ACCEPT",
                  "-A OUTPUT" + owner + " -j REJECT --reject-with icmp-net-unreachable",
              },
          .ip6tables = {}};
}
