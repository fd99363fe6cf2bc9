// The rules as a shell script for both families that may be run again and again.
#pragma once

#include <string_view>

#include <cordon/base/contract.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proved_firewall.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/render/script.hpp>

namespace cordon {

namespace detail {
inline constexpr std::string_view confine_form = R"sh(
confine() {  # COMMAND: iptables or ip6tables; what its -restore reads is on standard input
  $1-restore -w --noflush
  $1 -w -C OUTPUT @JUMP@ 2>/dev/null ||
    $1 -w -I OUTPUT 1 @JUMP@
  # The jump may stand below other rules, or twice. Each of these changes is made at once.
  $1-restore -w --noflush <<'RULES'
*filter
-D OUTPUT @JUMP@
-I OUTPUT 1 @JUMP@
COMMIT
RULES
  while [ "$($1 -w -S OUTPUT | grep -c -e '-j @CHAIN@$')" -gt 1 ] &&
    $1-restore -w --noflush 2>/dev/null <<'RULES'
*filter
-D OUTPUT @JUMP@
-D OUTPUT @JUMP@
-I OUTPUT 1 @JUMP@
COMMIT
RULES
  do :; done
}
)sh";
}  // namespace detail

/// A POSIX shell script that installs the sandbox's chain and jump, or renews them, for the families that the
/// host has. It calls `${IPTABLES:-iptables}`, `${IP6TABLES:-ip6tables}` and their `-restore`, and fails if
/// one of them does. The chain is refilled at once, the jump ends up first in OUTPUT and there once, and at
/// no moment does OUTPUT hold less than before.
constexpr text commands(const enforced_firewall& rules) {
  const egress_policy& policy = rules.policy();
  text out = join("#!/bin/sh\n# Confines what ", detail::people_of(policy), " may send. May be run again and again.\n");
  for (const endpoint& one : policy) {
    out.append("# Allowed: ");
    append_printable(out, to_text(one));
    out.append('\n');
  }
  out.append(detail::script_settings);
  out.append(detail::filled(detail::confine_form, policy));
  for (const family of : both_families) {
    if (!rules.has(of)) {
      out.append("\n# This host has no ").append(title_of(of)).append(".\n");
      continue;
    }
    const installation& part = rules.of(of);
    const text chain = detail::own_chain_lines(part);
    require(detail::do_install(part, chain, detail::jump_lines(part, part.jumps_there)),
            "what was written does not read back as the rules that were proved");
    out.append(of == family::ipv4 ? "\nconfine \"${IPTABLES:-iptables}\"" : "\nconfine \"${IP6TABLES:-ip6tables}\"");
    out.append(" <<'RULES'\n*filter\n").append(chain).append("COMMIT\nRULES\n");
  }
  return out;
}

}  // namespace cordon
