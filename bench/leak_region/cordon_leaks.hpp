// Ours: the packets of the sandbox that its rules let out against the policy, as an exact set.
#pragma once

#include <stdexcept>

#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/prove.hpp>

#include "../question.hpp"

namespace cordon::bench {

/// As `prove` decides, up to the exact set of what leaks: its words and boxes are for people.
class cordon_leaks {
 public:
  explicit cordon_leaks(const question& asked) : rules_(compile(asked.rules, family::ipv4)), space_(layout_of(asked)) {
    const diagram exist = space_.set_of(can_exist(fields_tested(rules_)));
    decider walk(rules_, space_, detail_of_decision::fate, exist);
    const diagram let_out = walk.decide();
    leaking_ = walk.let_out(detail::forbidden_part(space_, walk, rules_, let_out, asked.policy));
    if (walk.too_large()) throw std::runtime_error("too large");
  }

  bool is_empty() const { return leaking_ == no_packet; }
  bool contains(const five_values& of) const { return space_.value_at(leaking_, packet_of(of)) != 0; }

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
