// Both families. By lo alone, so that later fragments, which have no ports, do not get out by the wire.
#include "rules.hpp"

installed_rules rules_for(const settings& of) {
  const std::string owner = " -m owner --uid-owner " + std::to_string(of.sandbox_uid);
  return {.iptables =
              {
                  "-A OUTPUT -o lo -d 127.0.0.1 -p tcp --dport " + std::to_string(of.proxy_port) + owner + " -j ACCEPT",
                  "-A OUTPUT -o lo -d 127.0.0.53 -p udp --dport 53" + owner + " -j ACCEPT",
                  "-A OUTPUT -o lo -d 127.0.0.53 -p tcp --dport 53" + owner + " -j ACCEPT",
                  "-A OUTPUT" + owner + " -j REJECT --reject-with icmp-net-unreachable",
              },
          .ip6tables = {
              "-A OUTPUT" + owner + " -j REJECT",
          }};
}
