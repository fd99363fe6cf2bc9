// What was found in rules: one sentence about a place in them, and what to do. Made by lint/, and of leaks by render/; printed
// by render/.
#pragma once

#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// Something in the rules that one would not expect there.
struct finding {
  std::string_view id = {};                       ///< what kind it is: stays the same from version to version
  cordon::severity severity = severity::warning;  ///< error: against the policy; warning: likely a mistake; note
  rule_place at = {};                             ///< number 0: the chain as a whole; without a chain: the file
  text says = {};                                 ///< one sentence, without a full stop
  text todo = {};                                 ///< what to do about it
};

}  // namespace cordon
