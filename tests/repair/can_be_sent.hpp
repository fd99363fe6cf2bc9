// Which of the packets that are drawn a host can send: the generators know no connections.
#pragma once

#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::test {

/// Whether a host without NOTRACK rules can send it.
inline bool can_be_sent(const packet& one) {
  return one.state != connection_state::untracked && evaluate(can_exist(~field_set{0}), one) == truth::yes;
}

}  // namespace cordon::test
