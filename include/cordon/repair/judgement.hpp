// What changes of one family's rules come to: proved, open, and confined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/client.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/prove/witness.hpp>
#include <cordon/repair/confinement.hpp>
#include <cordon/repair/edit.hpp>
#include <cordon/repair/edit_lines.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon::detail {

/// What the prover says of changed rules; of leaks the first.
struct judged_edits {
  family_proof proof = {};
  sequence<endpoint_answer> endpoints = {};  ///< of the policy, all; those of the other family mean nothing
  std::uint64_t work = 0;                    ///< that it took, in steps of the diagrams

  constexpr bool is_open(std::size_t endpoint) const { return endpoints[endpoint].status == endpoint_status::open; }
};

class edit_judge {
 public:
  /// `host`, which has the family, and `policy` must outlive this.
  constexpr edit_judge(const firewall& host, const egress_policy& policy, family of)
      : policy_(&policy),
        family_(of),
        before_(alone(host, of)),
        original_(judge_rules(before_)),
        confined_(before_, policy, closed(), of) {}
  edit_judge(const edit_judge&) = delete;
  edit_judge& operator=(const edit_judge&) = delete;

  /// The rules before any change; there is a ruleset among them.
  constexpr const family_rules& before() const { return before_.of(family_); }
  constexpr const judged_edits& original() const { return original_; }
  /// The endpoints of the family that are not open before any change.
  constexpr sequence<endpoint> closed() const {
    sequence<endpoint> made;
    for (std::size_t i = 0; i < policy_->size(); ++i)
      if ((*policy_)[i].destination.base.family == family_ && !original_.is_open(i)) made.push_back((*policy_)[i]);
    return made;
  }
  constexpr firewall with(const sequence<rule_edit>& edits) const {
    const family other = other_than(family_);
    firewall made;
    made.host = before_.host;
    made.of(other) = before_.of(other);
    made.of(family_) = edited(before(), edits);
    return made;
  }

  constexpr judged_edits judge(const sequence<rule_edit>& edits) const { return judge_rules(with(edits)); }

  /// Whether nothing else changes (`confinement`).
  constexpr confinement::finding confined(const sequence<rule_edit>& edits) const {
    return confined_.find(with(edits));
  }

  /// Whether lines can say the changes, also where they are shown (`append_printable`), and what they come to is proved on the other back end too, where nothing tells on which
  /// one the host is.
  constexpr bool can_be_loaded(const sequence<rule_edit>& edits) const {
    firewall after = with(edits);
    const sequence<edit_line> lines = lines_of(edits, before(), family_);
    for (const edit_line& one : lines) {
      text shown;
      append_printable(shown, one.words);
      if (shown != one.words) return false;
    }
    if (!lines_lead_to(lines, before(), after.of(family_), family_)) return false;
    bool proved_there = true;
    for (std::size_t i = 0; i < before().rulesets.size(); ++i) {
      if (!before().rulesets[i].empty() || after.of(family_).rulesets[i].empty()) continue;
      ruleset& open = after.of(family_).rulesets[i];
      open.backend = other_backend(open.backend);
      proved_there = judge_rules(after).proof.answer == answer::proved && proved_there;
    }
    return proved_there;
  }

  /// What a plain client sends to an endpoint, if there is any such packet: the first, or what follows.
  constexpr maybe<packet> packet_to(const endpoint& to, bool opening) const {
    const client_packets client = client_of(to, family_);
    const predicate wanted = opening ? client.opening : client.following;
    layout levels(packets_of(*policy_, family_));
    levels.observe(wanted);
    levels.finish();
    packet_space space(std::move(levels));
    const diagram some = space.set_of(wanted);
    if (some == no_packet) return no_value;
    return witness_of(space, some);
  }

 private:
  static constexpr family other_than(family of) { return of == family::ipv4 ? family::ipv6 : family::ipv4; }

  // What the other family does matters for nothing but sets, which rules of both may change.
  static constexpr firewall alone(const firewall& host, family of) {
    const family other = other_than(of);
    firewall made;
    made.host = host.host;
    made.of(other) = family_rules::none();
    if (!sets_changed_by(host).empty()) made.of(other) = host.of(other);
    made.of(of) = host.of(of);
    backend usual = backend::nft;
    for (const family each : both_families)
      for (const ruleset& one : host.of(each).rulesets)
        if (!one.empty()) usual = one.backend;
    ruleset_for_own_chain(made.of(of), usual);  // where there is none
    return made;
  }

  constexpr judged_edits judge_rules(const firewall& rules) const {
    const ready_rules ready(rules, family_, policy_->at);
    family_prover prover(ready, *policy_, leak_telling::first);
    judged_edits said;
    said.proof = prover.prove();
    said.work = prover.work();
    said.endpoints = unjudged(*policy_).endpoints;
    for (const auto& [index, judged] : prover.endpoints()) said.endpoints[index] = judged;
    return said;
  }

  const egress_policy* policy_;
  family family_;
  firewall before_;
  judged_edits original_;
  confinement confined_;
};

}  // namespace cordon::detail
