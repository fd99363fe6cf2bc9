// As it was when the API was reached from inside: the second rule was meant for DNS.
#include "rules.hpp"

installed_rules rules_for(const settings& of) {
  const std::string owner = " -m owner --uid-owner " + std::to_string(of.sandbox_uid);
  return {.iptables =
              {
                  "-A OUTPUT -d 127.0.0.1 -p tcp --dport " + std::to_string(of.proxy_port) + owner + " -j ACCEPT",
                  "-A OUTPUT -o lo" + owner + " -j ACCEPT",
                  "-A OUTPUT" + owner + " -j REJECT --reject-with icmp-net-unreachable",
              },
          .ip6tables = {}};
}
