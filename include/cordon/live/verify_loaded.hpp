// Whether the rules that a host has now keep a policy: they are read back from the kernel and proved. For
// programs that load rules and then start what the rules are to confine.
//
// That a command which loads rules succeeded says little: it may have loaded one family, somebody may have
// put a rule above them, and what counts is what the kernel holds. Nothing is proved that was not read.
#pragma once

#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/live/native_chains.hpp>
#include <cordon/live/read_live.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/report.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// What `verify_loaded` is told beside the policy.
struct verify_options {
  live_options live = {};  ///< what of the host is read
  /// The host has no rules in nft's own language, so nft need not be installed. Else a host without nft is
  /// never proved.
  bool without_nft = false;
};

/// What `verify_loaded` answers.
struct verification {
  /// Whether all rules were read.
  bool was_read = false;
  firewall rules = {};             ///< that were read
  cordon::proof proof = {};        ///< of them; says nothing if they were not read
  sequence<diagnostic> said = {};  ///< why they were not read (an error), or what there is to say of them

  /// Whether the host keeps the policy, as it is now: only if its rules were read, and let no packet of the
  /// sandbox out but to its endpoints.
  constexpr bool proved() const { return was_read && proof.proved() && !proof.is_empty(); }
};

/// Reads back the rules that the host has now, and proves that they keep the policy. `run` runs the commands,
/// as for `read_live`. It holds for the moment in which the rules were read: who may change them later may
/// change that.
template <class Run>
constexpr verification verify_loaded(const egress_policy& policy, const Run& run, const verify_options& options = {}) {
  verification made;
  if (policy.at != hook::output) {
    made.said.push_back(
        {{},
         {},
         severity::error,
         "rules of nft's own are looked for where a host sends: only a policy for OUTPUT can be verified"});
    return made;
  }
  auto host = read_live(run, options.live);
  made.said = host.diagnostics();
  if (!host) return made;
  made.rules = std::move(host->rules);
  if (!host->nft_was_read && !options.without_nft) {
    made.said.push_back(
        {{},
         {},
         severity::error,
         "whether nft's own rules drop or rewrite packets is not known: install nft (Debian: nftables), or "
         "say that there are none"});
    return made;
  }
  made.was_read = true;
  made.proof = prove(made.rules, policy);
  doubt_for(made.proof, host->native_chains);
  return made;
}

/// Why a host is proved to keep its policy, or why not, in lines of text.
constexpr text write_report(const verification& of) {
  text out = to_text(of.said);
  if (of.was_read) out.append(write_report(of.proof, {.rules = &of.rules}));
  return out;
}

}  // namespace cordon
