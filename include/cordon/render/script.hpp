// What the shell scripts that are rendered have in common: their words must mean the same to a shell as to
// iptables.
#pragma once

#include <string_view>

#include <cordon/base/contract.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/own_chain.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/writer.hpp>

namespace cordon::detail {

/// Whether every word stands for itself in a command, without quotes.
constexpr bool is_plain_to_a_shell(std::string_view words) {
  for (const char c : words)
    if (!is_digit(c) && (to_lower(c) < 'a' || to_lower(c) > 'z') && c != '-' && c != ' ') return false;
  return !words.empty();
}

/// "user 1001", "users 1000 to 1999 with group 33", "every user".
constexpr text people_of(const egress_policy& policy) {
  text out;
  const auto append = [&](std::string_view what, const auto& ids) {
    out.append(what).append(ids.low == ids.high ? " " : "s ").append_number(ids.low);
    if (ids.low != ids.high) out.append(" to ").append_number(ids.high);
  };
  if (policy.user) append("user", *policy.user);
  if (policy.group) {
    if (policy.user) out.append(" with ");
    append("group", *policy.group);
  }
  if (out.empty()) out = "every user";
  return out;
}

/// The jump as words of a command. Both families and back ends have the same: it is an owner and a chain of
/// our own naming, which a shell leaves as they are.
constexpr text jump_command(const egress_policy& policy) {
  const text line = write_rule(own_jump(policy), family::ipv4, "OUTPUT");
  const text words(line.view().substr(std::string_view("-A OUTPUT ").size()));
  require(is_plain_to_a_shell(words), "a word of the jump means something to a shell");
  return words;
}

/// The script of that form, in which @JUMP@ and @CHAIN@ stand for the sandbox's own.
constexpr text filled(std::string_view form, const egress_policy& policy) {
  const text jump = jump_command(policy);
  const chain_name chain = own_chain_name(policy);
  text out;
  while (true) {
    const auto at = form.find('@');
    out.append(form.substr(0, at));
    if (at == std::string_view::npos) return out;
    const auto end = form.find('@', at + 1);
    out.append(form.substr(at, end - at + 1) == "@JUMP@" ? jump.view() : chain.view());
    form.remove_prefix(end + 1);
  }
}

/// The beginning of a script. Which iptables it uses can be said as a command with words before it.
constexpr std::string_view script_settings =
    "set -eu\n"
    "set -f  # $IPTABLES may be several words, as in 'ip netns exec NAME iptables'\n";

}  // namespace cordon::detail
