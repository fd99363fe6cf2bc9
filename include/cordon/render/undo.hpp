// The shell script that takes a sandbox's chain and jump out again.
#pragma once

#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/prove/own_chain.hpp>
#include <cordon/render/script.hpp>
#include <cordon/rule/firewall.hpp>

namespace cordon {

namespace detail {
inline constexpr std::string_view release_form = R"sh(
release() {  # COMMAND: iptables or ip6tables
  $1 -w -S OUTPUT >/dev/null
  while $1 -w -S OUTPUT | grep -q -e '-j @CHAIN@$'; do
    $1 -w -D OUTPUT @JUMP@
  done
  $1 -w -S @CHAIN@ >/dev/null 2>&1 || return 0
  $1-restore -w --noflush <<'RULES'
*filter
-F @CHAIN@
-X @CHAIN@
COMMIT
RULES
}
)sh";
}  // namespace detail

/// A POSIX shell script that leaves what was there before `commands` ran; it may also be run where nothing is
/// installed. It takes out every jump of the policy's sandbox, then its chain; a chain that other rules lead
/// to stays as it is, and the script fails. Needs no proof: it makes no promise. Families that `host` does
/// not have are left out.
constexpr text undo_commands(const egress_policy& policy, const firewall& host = {}) {
  text out = join("#!/bin/sh\n# Takes out what confines ", detail::people_of(policy),
                  ". May be run where nothing is installed.\n", detail::script_settings,
                  detail::filled(detail::release_form, policy));
  for (const family of : both_families) {
    if (host.of(of).absent)
      out.append("\n# This host has no ").append(title_of(of)).append(".\n");
    else
      out.append(of == family::ipv4 ? "\nrelease \"${IPTABLES:-iptables}\"\n"
                                    : "\nrelease \"${IP6TABLES:-ip6tables}\"\n");
  }
  return out;
}

}  // namespace cordon
