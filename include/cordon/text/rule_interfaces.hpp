// The interface behind -i and -o.
#pragma once

#include <string_view>

#include <cordon/base/bytes.hpp>
#include <cordon/base/text.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon {

/// Reads a name of at most 15 characters, or with a `+` at its end the beginning of names. Returns what is wrong with it,
/// or an empty text. iptables takes blanks and quotes here too, and then prints what it cannot read itself: they are
/// refused.
constexpr text read_rule_interface(std::string_view written, bool inverted, interface_match& into) {
  if (written.empty()) return "an interface's name is missing here: write one, or '+' for any";
  if (!interface_name::fits(written))
    return join("the interface name '", written, "' is too long: 15 characters, a '+' included, are the most");
  for (const char c : written)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\\' || c == 0x7f)
      return join("'", written, "' is no interface name: it holds a blank or a quote");
  const bool prefix = written.back() == '+';
  into = {true, inverted, prefix, interface_name(prefix ? written.substr(0, written.size() - 1) : written)};
  return {};
}

}  // namespace cordon
