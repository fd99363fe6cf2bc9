// Ours: the packets of the sandbox that one of two versions lets out and the other stops, as an exact set.
#pragma once

#include <stdexcept>

#include <cordon/prove/difference.hpp>

#include "../question.hpp"

namespace cordon::bench {

/// As `differences` decides, up to the exact sets: its words and boxes are for people.
class cordon_difference {
 public:
  cordon_difference(const firewall& before, const firewall& after, const egress_policy& policy)
      : before_(before, family::ipv4),
        after_(after, family::ipv4),
        packets_(asked(policy)),
        space_(packets_.levels({&before_.decides, &after_.decides})) {
    const diagram exist = detail::packets_of_changed_rules(space_, before_, after_, space_.set_of(packets_.exist));
    decider was(before_.decides, space_, detail_of_decision::fate, exist);
    const diagram decided_before = was.decide();
    decider is(after_.decides, space_, detail_of_decision::fate, exist);
    const diagram decided_after = is.decide();
    const detail::differing_packets found = detail::compare(space_, was, decided_before, is, decided_after);
    if (was.too_large() || is.too_large()) throw std::runtime_error("too large");
    differing_ = space_.store().either(found.let_out, found.stopped);
  }

  bool is_empty() const { return differing_ == no_packet; }
  bool contains(const five_values& of) const { return space_.value_at(differing_, packet_of(of)) != 0; }

 private:
  detail::asked_packets asked(const egress_policy& policy) const {
    return {policy, family::ipv4, fields_tested(before_.decides) | fields_tested(after_.decides)};
  }

  detail::compared_side before_;
  detail::compared_side after_;
  detail::asked_packets packets_;
  packet_space space_;
  diagram differing_ = no_packet;
};

}  // namespace cordon::bench
