#include "rules.hpp"

namespace {

std::string chain_of(const sandboxed& one) { return "SANDBOX-" + std::to_string(one.user); }

// One chain for each sandbox, which its packets alone come into and do not leave.
std::string rules_for(const std::vector<sandboxed>& all, bool with_proxy) {
  std::string chains;
  std::string jumps;
  std::string rules;
  for (const sandboxed& one : all) {
    chains += ":" + chain_of(one) + " - [0:0]\n";
    jumps += "-A OUTPUT -m owner --uid-owner " + std::to_string(one.user) + " -j " + chain_of(one) + "\n";
    if (with_proxy)
      rules += "-A " + chain_of(one) + " -d 127.0.0.1 -o lo -p tcp --dport " + std::to_string(one.proxy_port) +
               " -j ACCEPT\n";
    rules += "-A " + chain_of(one) + " -j REJECT\n";
  }
  return "*filter\n" + chains + jumps + rules + "COMMIT\n";
}

}  // namespace

std::string ipv4_rules(const std::vector<sandboxed>& all) { return rules_for(all, true); }
std::string ipv6_rules(const std::vector<sandboxed>& all) { return rules_for(all, false); }
