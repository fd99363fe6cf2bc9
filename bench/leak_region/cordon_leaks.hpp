// Ours: the packets of the sandbox that its rules let out against the policy, as an exact set.
#pragma once

#include <stdexcept>

#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/text/reader.hpp>

#include "buddy_leaks.hpp"
#include "../rule_set.hpp"

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

/// As `prove` decides, up to the exact set of what leaks: its words and boxes are for people.
class cordon_leaks {
 public:
  explicit cordon_leaks(const question& asked)
      : rules_(compile(asked.rules, family::ipv4)), space_(layout_of(asked)) {
    const diagram exist = space_.set_of(can_exist(fields_tested(rules_)));
    decider walk(rules_, space_, detail_of_decision::fate, exist);
    const diagram let_out = walk.decide();
    leaking_ = walk.let_out(detail::forbidden_part(space_, walk, let_out, asked.policy));
    if (walk.too_large()) throw std::runtime_error("too large");
  }

  bool is_empty() const { return leaking_ == no_packet; }
  bool contains(const five_values& of) const {
    packet sent;
    sent.family = family::ipv4;
    sent.owner = {socket_kind::user, 1001, 1001};
    sent.out = interface_name("eth0");
    sent.protocol = static_cast<protocol>(static_cast<std::uint8_t>(of.protocol));
    sent.source = of.source;
    sent.destination = of.destination;
    sent.first_word = static_cast<std::uint16_t>(of.source_port);
    sent.second_word = static_cast<std::uint16_t>(of.destination_port);
    return space_.value_at(leaking_, sent) != 0;
  }

 private:
  layout layout_of(const question& asked) const {
    layout made = detail::layout_for(packets_of(asked.policy, family::ipv4), rules_, asked.policy);
    made.finish();
    return made;
  }

  program rules_;
  packet_space space_;
  diagram leaking_ = no_packet;
};

}  // namespace cordon::bench
