// Rules that never decide anything, each with the reason.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/rule_places.hpp>

namespace cordon::lint_detail {

/// "rule 2 of OUTPUT", "rules 2, 5 and 7 of OUTPUT and rule 1 of A": the places, which are sorted.
constexpr text rules_in_words(const program& rules, const sequence<decision_place>& places) {
  constexpr std::size_t most = 12;
  text out;
  for (std::size_t i = 0; i < places.size() && i < most;) {
    std::size_t last = i;
    while (last + 1 < places.size() && last + 1 < most && places[last + 1].chain == places[i].chain) ++last;
    if (i > 0) out.append(last + 1 < places.size() ? ", " : " and ");
    const program_chain& chain = rules.tables[places[i].table].chains[places[i].chain];
    if (places[i].rule == chain.steps.size()) {
      out.append("the end of ").append(chain.source->name);
      last = i;
    } else {
      out.append(last == i ? "rule " : "rules ");
      for (std::size_t one = i; one <= last; ++one) {
        if (one > i) out.append(one == last ? " and " : ", ");
        out.append_number(places[one].rule + 1);
      }
      out.append(" of ").append(chain.source->name);
    }
    i = last + 1;
  }
  if (places.size() > most) out.append(" and ").append_number(places.size() - most).append(" more");
  return out;
}

constexpr void note_unreached_chain(const linted_family& in, const dead_rule& one, sequence<finding>& into) {
  rule_place chain = detail::place_of(*in.compiled, one.at);
  chain.number = 0;
  chain.written = {};
  chain.line = in.compiled->tables[one.at.table].chains[one.at.chain].source->at.line;
  if (!into.empty() && into.back().id == "chain-unreached" && into.back().at == chain) return;
  text says = join("nothing leads to the chain ", chain.chain, ", or only rules that never decide");
  into.push_back(
      {"chain-unreached", severity::note, std::move(chain), std::move(says), "take the chain out, or lead to it"});
}

constexpr void find_never_deciding(const linted_family& in, sequence<finding>& into) {
  sequence<dead_rule> dead = in.survey->dead();
  if (in.survey->too_large())
    into.push_back({"not-looked-for", severity::note, detail::family_place(in),
                    join("the rules of ", title_of(in.family),
                         " outgrew the bounds of the prover: which of them never decide is not ",
                         dead.empty() ? "known" : "known of all"),
                    "split the rules, or ask about fewer"});
  for (dead_rule& one : dead) {
    detail::sort(one.by, [](const decision_place& a, const decision_place& b) {
      return a.chain != b.chain ? a.chain < b.chain : a.rule < b.rule;
    });
    const text by = rules_in_words(*in.compiled, one.by);
    const auto add = [&](std::string_view id, text says, text todo) {
      into.push_back({id, severity::warning, detail::place_of(*in.compiled, one.at), std::move(says), std::move(todo)});
    };
    switch (one.why) {
      case dead_reason::chain_unreached: note_unreached_chain(in, one, into); break;
      case dead_reason::fits_nothing:
        add("fits-nothing", "no packet can fit this rule", "look at what it asks: two of its tests exclude each other");
        break;
      case dead_reason::behind_unconditional:
        add("behind-unconditional", join("nothing gets here, for ", by, " takes every packet"),
            "take it out, or put it before that");
        break;
      case dead_reason::covered:
        add("covered", join("every packet that this rule is for is taken by ", by, " before"),
            one.by.size() == 1 ? "take it out, or put it before that" : "take it out, or put it before them");
        break;
      case dead_reason::kept_away:
        add("kept-away",
            "no packet that this rule is for comes to its chain: rules before it, or the way there, take "
            "them all",
            "take it out, or put it where its packets come by");
        break;
    }
  }
}

}  // namespace cordon::lint_detail
