// `! --uid-owner` means "not this user", and that are packets without any user, too.
#pragma once

#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/rule_places.hpp>

namespace cordon::lint_detail {

/// Whether a rule excludes some users or groups and asks for none. One that excludes all of them means no
/// socket.
constexpr bool excludes_owners(const rule& one) {
  bool excludes = false;
  for (const match& each : one.matches) {
    if (each.extension != &owner_match) continue;
    for (const option& given : each.options) {
      if (!given.inverted) return false;
      if (given.numbers.empty()) continue;
      if (given.numbers[0].low == 0 && given.numbers[0].high >= greatest_id) return false;
      excludes = true;
    }
  }
  return excludes;
}

constexpr void find_negated_owners(const linted_family& in, sequence<finding>& into) {
  detail::for_each_live_rule(in, [&](const decision_place& at, const program_step& step) {
    if (step.does.what != effect::kind::accept || !excludes_owners(*step.source)) return;
    if (in.compiled->tables[at.table].name != table_name::filter) return;  // elsewhere ACCEPT lets nothing out
    if (!in.survey->meets(at, !rule_survey::is_of_process())) return;
    into.push_back({"negated-owner", severity::note, detail::place_of(*in.compiled, at),
                    "lets out packets without a process's socket too: RST, ICMP errors, the last ones of "
                    "closed connections",
                    "add --socket-exists if only those of other users are meant"});
  });
}

}  // namespace cordon::lint_detail
