// Making what differs small enough to be read.
#pragma once

#include <functional>

#include <cordon/rule/firewall.hpp>

#include "wire_packet.hpp"

namespace cordon::kernel {

/// Rules and a packet of which the kernel and the model say different things.
struct difference {
  ruleset rules;
  wire_packet packet;
};

/// The smallest that was found by leaving out and simplifying, as long as `differs` says that it still does. Asks at most
/// `most_tries` times, since each time costs a namespace.
difference shrink(difference from, family of, const std::function<bool(const difference&)>& differs,
                  unsigned most_tries);

}  // namespace cordon::kernel
