// A host that exists in a test alone: what each command prints there.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <cordon/live/command_output.hpp>
#include <cordon/live/read_live.hpp>

namespace cordon::test {

/// Answers commands like a shell on a host of which a test tells the programs; all others are not installed.
struct pretended_host {
  std::map<std::string, command_output, std::less<>> programs;

  command_output operator()(std::string_view command) const {
    const auto known = programs.find(command);
    return known == programs.end() ? command_output{} : known->second;
  }
  pretended_host& prints(std::string_view command, std::string_view what) {
    programs[std::string(command)] = {0, what};
    return *this;
  }
  pretended_host& fails(std::string_view command, int status = 1) {
    programs[std::string(command)] = {status, {}};
    return *this;
  }
  pretended_host& lacks(std::string_view command) {
    programs.erase(std::string(command));
    return *this;
  }
};

inline constexpr std::string_view keeps_1001 =
    "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\nCOMMIT\n";

/// All programs are there, both families keep uid 1001 in by rules of iptables-nft, and there is nothing
/// else.
inline pretended_host kept_host() {
  pretended_host made;
  made.prints("iptables-nft-save", keeps_1001).prints("ip6tables-nft-save", keeps_1001);
  made.prints("iptables-legacy-save", "").prints("ip6tables-legacy-save", "");
  made.prints("nft --debug=netlink list ruleset", "").prints("ipset save", "").prints("ip -o addr", "");
  made.prints(local_routes_command, "");
  return made;
}

}  // namespace cordon::test
