// Changes of rules as the lines by which iptables and iptables-restore make them, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/repair/edit.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

namespace cordon {

/// One change as a line: `-I OUTPUT 2 ...`, `-R ...`, `-D OUTPUT 3`, `-P OUTPUT DROP`.
struct edit_line {
  std::size_t ruleset = 0;                ///< of the family's
  table_name table = table_name::filter;  ///< of the ruleset
  text words = {};                        ///< quoted as iptables-save does
};

namespace detail {

// What lets packets out comes first and what takes rules away last, so that no packet is stopped on the way that is not in the
// end.
constexpr unsigned rank_in_time(const rule_edit& of) {
  switch (of.what) {
    case rule_edit::kind::insert: return rank_at_its_rule(of) == 0 ? 0 : 2;
    case rule_edit::kind::replace: return 1;
    case rule_edit::kind::remove: return 3;
    case rule_edit::kind::policy: break;
  }
  return 4;
}

// The number that the place of a change has when those of `done`, all of one firewall, are made already.
constexpr std::uint32_t number_after(const rule_edit& of, const sequence<rule_edit>& done) {
  std::uint32_t number = of.number;
  for (const rule_edit& one : done) {
    if (!(one.in == of.in)) continue;
    const bool comes_first =
        one.number < of.number || (one.number == of.number && rank_at_its_rule(one) <= rank_at_its_rule(of));
    if (one.what == rule_edit::kind::insert && comes_first) ++number;
    if (one.what == rule_edit::kind::remove && one.number < of.number) --number;
  }
  return number;
}

}  // namespace detail

/// The lines that make `edits` of `rules`, in the order in which to run them. Preconditions: those of `edited`.
constexpr sequence<edit_line> lines_of(const sequence<rule_edit>& edits, const family_rules& rules, family of) {
  sequence<rule_edit> in_order = edits;
  detail::sort(in_order, detail::stands_before);
  detail::sort(in_order, [](const rule_edit& a, const rule_edit& b) {
    return detail::rank_in_time(a) < detail::rank_in_time(b);
  });
  sequence<edit_line> made;
  sequence<rule_edit> done;
  for (const rule_edit& one : in_order) {
    text line;
    const std::uint32_t number = detail::number_after(one, done);
    const auto append_rule = [&] {
      const text written =
          write_rule(one.made, of, one.in.chain.view(), rules.rulesets[one.in.ruleset].backend, one.in.table);
      const std::size_t behind = join("-A ", one.in.chain).size();
      line.append(written.view().substr(behind));
    };
    switch (one.what) {
      case rule_edit::kind::insert:
        line.append("-I ").append(one.in.chain.view()).append(' ').append_number(number);
        append_rule();
        break;
      case rule_edit::kind::replace:
        line.append("-R ").append(one.in.chain.view()).append(' ').append_number(number);
        append_rule();
        break;
      case rule_edit::kind::remove:
        line.append("-D ").append(one.in.chain.view()).append(' ').append_number(number);
        break;
      case rule_edit::kind::policy: line.append("-P ").append(one.in.chain.view()).append(" DROP"); break;
    }
    made.push_back({one.in.ruleset, one.in.table, std::move(line)});
    done.push_back(one);
  }
  return made;
}

/// Whether iptables-restore, given `rules` and then these lines, comes to `wanted`: that each line says what it should.
constexpr bool lines_lead_to(const sequence<edit_line>& lines, const family_rules& rules, const family_rules& wanted,
                             family of) {
  for (std::size_t i = 0; i < rules.rulesets.size(); ++i) {
    const ruleset& before = rules.rulesets[i];
    for (const table_name name : all_tables) {
      text content;
      for (const edit_line& one : lines) {
        if (one.ruleset != i || one.table != name) continue;
        content.append(one.words).append('\n');
      }
      if (content.empty()) continue;
      ruleset only{before.backend, {}, {}};
      only.find_or_add(name);
      if (const table* const there = before.find(name)) *only.find(name) = *there;
      text all = write_ruleset(only, of);
      constexpr std::string_view end = "COMMIT\n";
      text whole(all.view().substr(0, all.size() - end.size()));
      whole.append(content).append(end);
      const auto read = read_ruleset(whole, {.family = of, .backend = before.backend});
      const table* const should = wanted.rulesets[i].find(name);
      if (!read || should == nullptr || read->find(name) == nullptr || !(*read->find(name) == *should)) return false;
    }
  }
  return true;
}

}  // namespace cordon
