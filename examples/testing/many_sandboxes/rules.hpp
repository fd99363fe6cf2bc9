// A machine with many sandboxes: each has a user of its own, and a proxy of its own on 127.0.0.1.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sandboxed {
  std::uint32_t user = 0;
  std::uint16_t proxy_port = 0;
};

/// What `iptables-restore` and `ip6tables-restore` are given.
std::string ipv4_rules(const std::vector<sandboxed>& all);
std::string ipv6_rules(const std::vector<sandboxed>& all);
