// What the service loads when it starts, as the commands that it runs.
#pragma once

#include <string>
#include <vector>

struct settings {
  unsigned sandbox_uid = 1001;
  unsigned proxy_port = 18443;
};

/// Lines as `iptables` and `ip6tables` take them, in the order in which they are appended.
struct installed_rules {
  std::vector<std::string> iptables;
  std::vector<std::string> ip6tables;
};

installed_rules rules_for(const settings& of);
