// Whatever in the rules of OUTPUT one would not expect there: rules that never decide, or decide what they
// need not, and traps that the text stumbles into. Each kind of finding has a file of its own beside this
// one, and a line in the list below.
#pragma once

#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/lint/back_ends.hpp>
#include <cordon/lint/linted_family.hpp>
#include <cordon/lint/loopback_by_wire.hpp>
#include <cordon/lint/needless.hpp>
#include <cordon/lint/negated_owner.hpp>
#include <cordon/lint/never_decides.hpp>
#include <cordon/lint/open_family.hpp>
#include <cordon/lint/text_traps.hpp>
#include <cordon/lint/unheard_reject.hpp>
#include <cordon/lint/wide_accept.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// What a look at rules is told beside them.
struct lint_options {
  maybe<egress_policy> policy = {};            ///< what a sandbox may do: then what lets it out further is found, too
  const firewall* on_other_backend = nullptr;  ///< the same text read for the other back end, if that reads it
  sequence<diagnostic> read = {};              ///< what the reader warned of: each warning about a line is a finding
};

namespace lint_detail {

using finder = void (*)(const linted_family&, sequence<finding>&);

inline constexpr finder finders[] = {
    find_open_family,      find_wide_accepts,    find_never_deciding,      find_needless,   find_negated_owners,
    find_loopback_by_wire, find_unheard_rejects, find_backend_differences, find_text_traps,
};

}  // namespace lint_detail

/// The findings: those of the text first, then by family and by kind. Precondition: as for `prove`.
constexpr sequence<finding> lint(const firewall& rules, const lint_options& options = {}) {
  sequence<finding> found;
  for (const diagnostic& one : options.read) {
    if (one.severity != severity::warning || one.at.line == 0) continue;
    rule_place at;
    at.file = one.file;
    at.line = one.at.line;
    found.push_back({"text", severity::warning, std::move(at), one.message, "write what is meant"});
  }
  const program v4 = compile(rules, family::ipv4);
  const program v6 = compile(rules, family::ipv6);
  const sequence<other_order> others_v4 = other_orders(rules, family::ipv4, hook::output, tables_of_open_way(v4));
  const sequence<other_order> others_v6 = other_orders(rules, family::ipv6, hook::output, tables_of_open_way(v6));
  rule_survey of_v4(v4, others_v4);
  rule_survey of_v6(v6, others_v6);
  proof proved;
  if (options.policy) proved = prove(rules, *options.policy);
  for (const family of : both_families) {
    if (rules.of(of).absent) continue;
    const bool is_v4 = of == family::ipv4;
    const rule_survey& other = is_v4 ? of_v6 : of_v4;
    const linted_family here{.family = of,
                             .rules = &rules,
                             .compiled = is_v4 ? &v4 : &v6,
                             .survey = is_v4 ? &of_v4 : &of_v6,
                             .proof = options.policy ? &proved.of(of) : nullptr,
                             .policy = options.policy ? &*options.policy : nullptr,
                             .other_family_stops = other.stops_something(),
                             .on_other_backend = options.on_other_backend};
    for (const lint_detail::finder find : lint_detail::finders) find(here, found);
  }
  return found;
}

}  // namespace cordon
