// What a rule's text suggests and does not say.
#pragma once

#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/rule_places.hpp>

namespace cordon::lint_detail {

// A quote that is closed too late makes a comment of the target (xtables_lmap and add_argv in
// iptables/xshared.c).
constexpr bool comment_swallows_target(const rule& one) {
  if (one.target.what != target::kind::none) return false;
  for (const match& each : one.matches) {
    if (each.extension != &comment_match) continue;
    for (const option& given : each.options)
      if (given.words.view().find(" -j ") != std::string_view::npos ||
          given.words.view().find(" -g ") != std::string_view::npos)
        return true;
  }
  return false;
}

constexpr bool asks_for_other_icmp(const rule& one, family of) {
  const protocol other = of == family::ipv4 ? protocol::icmpv6 : protocol::icmp;
  return one.protocol.given && !one.protocol.inverted && one.protocol.protocol == other;
}

// Whether a policy wants just that.
constexpr bool wants_protocol(const egress_policy* policy, protocol which, family of) {
  if (policy == nullptr) return false;
  return detail::any_of(*policy, [&](const endpoint& one) {
    return one.destination.base.family == of && !one.protocols.is_all() && one.protocols.contains(which);
  });
}

constexpr bool is_queue_with_bypass(const rule& one) {
  if (one.target.extension != &nfqueue_target) return false;
  for (const option& given : one.target.options)
    if (given.index == nfqueue_option::bypass) return true;
  return false;
}

constexpr void find_text_traps(const linted_family& in, sequence<finding>& into) {
  detail::for_each_live_rule(in, [&](const decision_place& at, const program_step& step) {
    const rule& one = *step.source;
    const auto add = [&](std::string_view id, severity how, text says, text todo) {
      into.push_back({id, how, detail::place_of(*in.compiled, at), std::move(says), std::move(todo)});
    };
    if (comment_swallows_target(one))
      add("comment-swallows-target", severity::warning,
          "has a comment that looks like its target, and no target: it does nothing",
          "close the quote of the comment before the target");
    if (asks_for_other_icmp(one, in.family) && !wants_protocol(in.policy, one.protocol.protocol, in.family))
      add("other-icmp", severity::warning,
          join("asks for the ICMP of the other family, which no program sends over ", title_of(in.family)),
          join("write -p ", in.family == family::ipv4 ? "icmp" : "icmpv6"));
    if (is_queue_with_bypass(one))
      add("queue-bypass", severity::note, "accepts everything while no program listens at its queue",
          "leave --queue-bypass out if packets shall wait for the program");
  });
}

}  // namespace cordon::lint_detail
