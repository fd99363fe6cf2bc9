// A rule set as cordon's own: what its reader and `--allow` make of it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/text/reader.hpp>

#include "rule_set.hpp"

namespace cordon::bench {

struct question {
  firewall rules;
  egress_policy policy = sandbox(uid{1001});
};

inline question read_question(const rule_set& from) {
  question made;
  const auto read = read_ruleset(from.rules, {.family = family::ipv4, .file = from.name});
  if (!read) throw std::runtime_error(std::string(to_text(read.diagnostics()).view()));
  made.rules.v4 = *read;
  std::size_t at = 0;
  while (at < from.endpoints.size()) {
    const std::size_t end = from.endpoints.find('\n', at);
    const auto one = read_endpoint(std::string_view(from.endpoints).substr(at, end - at));
    if (!one) throw std::runtime_error(std::string(to_text(one.diagnostics()).view()));
    made.policy.allow(*one);
    at = end + 1;
  }
  return made;
}

/// The sandbox's packet with these values.
inline packet packet_of(const five_values& of) {
  packet made;
  made.family = family::ipv4;
  made.owner = {socket_kind::user, 1001, 1001};
  made.out = interface_name("eth0");
  made.protocol = static_cast<protocol>(static_cast<std::uint8_t>(of.protocol));
  made.source = of.source;
  made.destination = of.destination;
  made.first_word = static_cast<std::uint16_t>(of.source_port);
  made.second_word = static_cast<std::uint16_t>(of.destination_port);
  return made;
}

}  // namespace cordon::bench
