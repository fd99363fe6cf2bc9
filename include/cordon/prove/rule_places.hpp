// Where a decision was made, in the words of the rule files.
#pragma once

#include <cordon/prove/decisions.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/text/writer.hpp>

namespace cordon::detail {

constexpr rule_place place_of(const program& rules, const decision_place& at) {
  rule_place made;
  made.family = rules.family;
  if (rules.tables.empty()) {
    made.chain = name_of(rules.entered_at);
    return made;
  }
  const program_table& table = rules.tables[at.table];
  const program_chain& chain = table.chains[at.chain];
  made.table = table.name;
  made.file = table.from->file;
  made.chain = chain.source->name.view();
  if (at.rule == chain.steps.size()) {
    made.line = chain.source->at.line;
    return made;
  }
  const rule& source = *chain.steps[at.rule].source;
  made.number = at.rule + 1;
  made.line = source.at.line;
  if (source.written.empty())
    made.written = write_rule(source, rules.family, chain.source->name);
  else
    made.written = source.written.view();
  return made;
}

}  // namespace cordon::detail
