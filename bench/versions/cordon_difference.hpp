// Ours: the packets of the sandbox that one of two versions lets out and the other stops, as an exact set.
#pragma once

#include <stdexcept>

#include <cordon/prove/asked_packets.hpp>
#include <cordon/prove/compared_sides.hpp>
#include <cordon/prove/differing_packets.hpp>

#include "../question.hpp"

namespace cordon::bench {

/// As `differences` decides, up to the exact sets: its words and boxes are for people.
class cordon_difference {
 public:
  cordon_difference(const firewall& before, const firewall& after, const egress_policy& policy)
      : sides_(compared(before, after)),
        packets_(asked(policy)),
        space_(packets_.levels({&sides_.before.decides, &sides_.after.decides})) {
    const diagram exist =
        detail::packets_of_changed_rules(space_, sides_.before, sides_.after, space_.set_of(packets_.exist));
    decider walk_before(sides_.before.decides, space_, detail_of_decision::fate, exist);
    const diagram decided_before = walk_before.decide();
    decider walk_after(sides_.after.decides, space_, detail_of_decision::fate, exist);
    const diagram decided_after = walk_after.decide();
    const detail::differing_packets found =
        detail::compare(space_, walk_before, decided_before, walk_after, decided_after);
    if (walk_before.too_large() || walk_after.too_large()) throw std::runtime_error("too large");
    differing_ = space_.store().either(found.let_out, found.stopped);
  }

  bool is_empty() const { return differing_ == no_packet; }
  bool contains(const five_values& of) const { return space_.value_at(differing_, packet_of(of)) != 0; }

 private:
  static detail::compared_sides compared(const firewall& before, const firewall& after) {
    detail::compared_sides made{{before, family::ipv4}, {after, family::ipv4}};
    detail::keep_what_is_asked(made);
    return made;
  }
  detail::asked_packets asked(const egress_policy& policy) const {
    return {policy, family::ipv4, fields_tested(sides_.before.decides) | fields_tested(sides_.after.decides)};
  }

  detail::compared_sides sides_;
  detail::asked_packets packets_;
  packet_space space_;
  diagram differing_ = no_packet;
};

}  // namespace cordon::bench
