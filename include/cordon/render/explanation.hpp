// Why a packet meets its verdict: its way, rule by rule, in sentences, and which rule would have stopped it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/stopping_rule.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/places.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/simulate/way_rules.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

/// One packet's fate, explained.
struct explanation {
  /// One step of the way, and what it says.
  struct step {
    way_step at;        ///< where, as the kernel's TRACE names it
    text says = {};     ///< one sentence, without a full stop
    text written = {};  ///< the rule's place and text; empty for the end of a chain
  };
  packet sent = {};              ///< the packet that was asked about
  cordon::verdict verdict = {};  ///< what becomes of it
  sequence<step> way = {};       ///< of the packet, in its order
  sequence<text> hangs_on = {};  ///< for an unknown verdict
  text program_sees = {};        ///< what the program that sends it sees
  stopping_rule stops = {};      ///< what would stop it, if it is let out
  text command = {};             ///< one that would stop its like, if no rule does; empty if none does it simply
};

namespace detail {

class packet_explainer {
 public:
  constexpr packet_explainer(const firewall& rules, const program& compiled, const packet& sent)
      : rules_(&rules.of(sent.family)),
        program_(&compiled),
        others_(other_orders(rules, sent.family, compiled.entered_at, tables_of_open_way(compiled))),
        sent_(&sent),
        met_(simulate(compiled, others_, sent)) {}

  constexpr explanation explain() {
    explanation made;
    made.sent = *sent_;
    made.verdict = met_.verdict;
    for (const way_step& step : met_.way) made.way.push_back(explained(step));
    for (const open_question& one : met_.hangs_on)
      made.hangs_on.push_back(join(one.number == 0 ? text() : join("rule ", decimal(one.number), " of "),
                                   name_of(one.table), " ", one.chain, ", which hangs on ", one.because));
    made.program_sees = cordon::to_text(sees(*program_, others_, *sent_, met_));
    if (!met_.accepted()) return made;
    made.stops = rule_that_stops(*program_, *sent_);
    for (const other_order& one : others_)
      if (!(rule_that_stops(one.steps, *sent_).by == made.stops.by)) {
        made.stops.verdict = {.what = verdict::kind::unknown};
        made.stops.by = no_value;
        return made;
      }
    if (!made.stops.by) made.command = command_that_stops();
    return made;
  }

 private:
  struct chain_visit {
    table_name table;
    chain_name chain;
    std::uint32_t seen = 0;  // the last rule of it that was looked at
  };

  constexpr explanation::step explained(const way_step& at) {
    explanation::step made{at};
    std::uint32_t& seen = visit_of(at.table, at.chain);
    text passed;
    if (at.number > seen + 1) {
      const bool one = at.number == seen + 2;
      passed.append(one ? "rule " : "rules ").append_number(seen + 1);
      if (!one) passed.append(" to ").append_number(at.number - 1);
      passed.append(" of ").append(at.chain).append(one ? " does not fit; " : " do not fit; ");
    }
    seen = at.number;
    const rule* const source = rule_of(at, *rules_);
    made.says = join(passed, at.uncertain ? "perhaps " : "", sentence(at, source));
    if (source != nullptr) {
      rule_place place{
          sent_->family,         at.table, at.chain.view(), at.number, source->at.line, rules_->rulesets[0].file,
          source->written.view()};
      if (place.written.empty()) place.written = write_rule(*source, sent_->family, at.chain);
      made.written = source_in_words(place);
    }
    return made;
  }

  constexpr text sentence(const way_step& at, const rule* source) {
    const text chain = join(name_of(at.table), " ", at.chain);
    if (at.what == way_step::kind::return_)
      return join("the chain ", chain, " ends, and leads it back to where it came from");
    if (at.what == way_step::kind::policy) {
      const bool drops = is_policy_drop(at);
      return join("no rule of ", chain, " decides, and its policy ", drops ? "DROP stops it" : ends_well(at.table));
    }
    text rule = join("rule ", decimal(at.number), " of ", chain, " fits");
    if (source == nullptr) return rule;
    return join(rule, ", ", what_it_does(at, *source));
  }

  // What ACCEPT means in a table.
  constexpr text ends_well(table_name table) const {
    const bool is_last = program_->tables.empty() || program_->tables.back().name == table;
    if (is_last) return "ACCEPT lets it out";
    return join("ACCEPT ends the table ", name_of(table), ": the next one goes on");
  }

  constexpr text what_it_does(const way_step& at, const rule& one) {
    const std::string_view name = one.target.name;
    switch (one.target.what) {
      case target::kind::none: return "and counts it, no more";
      case target::kind::jump:
        visit_of(at.table, chain_name(name)) = 0;
        return join("and leads it to the chain ", name);
      case target::kind::go_to:
        visit_of(at.table, chain_name(name)) = 0;
        return join("and sends it to the chain ", name, ", whose end does not lead back here");
      case target::kind::unknown: return join("and ", name, " may do anything with it: it is not modelled");
      case target::kind::extension: break;
    }
    if (name == "ACCEPT") return join("and ", ends_well(at.table));
    if (name == "DROP") return "and DROP stops it, without an answer";
    const effect does = effect_of(at);
    if (does.what == effect::kind::reject) return join("and REJECT stops it, with the answer ", name_of(does.answer));
    if (name == "RETURN") return "and RETURN ends its chain";
    const bool ends = does.what != effect::kind::go_on;
    return join("and ", name, ends ? " ends its table" : " only sees or changes it: it goes on");
  }

  constexpr effect effect_of(const way_step& at) const {
    for (const program_table& table : program_->tables)
      for (const program_chain& chain : table.chains)
        if (table.name == at.table && chain.source->name == at.chain && at.number <= chain.steps.size())
          return chain.steps[at.number - 1].does;
    return {};
  }

  constexpr bool is_policy_drop(const way_step& at) const {
    for (const program_table& table : program_->tables)
      for (const program_chain& chain : table.chains)
        if (table.name == at.table && chain.source->name == at.chain) return chain.source->policy == chain_policy::drop;
    return false;
  }

  constexpr std::uint32_t& visit_of(table_name table, const chain_name& chain) {
    for (chain_visit& one : visits_)
      if (one.table == table && one.chain == chain) return one.seen;
    visits_.push_back({table, chain, 0});
    return visits_.back().seen;
  }

  // First in filter, for this user, destination and port.
  constexpr text command_that_stops() const {
    if (sent_->owner.socket != socket_kind::user) return {};
    text made = sent_->family == family::ipv4 ? "iptables" : "ip6tables";
    made.append(" -I OUTPUT 1 -d ").append(cordon::to_text(sent_->destination_address()));
    const bool has_port = sent_->protocol == protocol::tcp || sent_->protocol == protocol::udp;
    if (has_port)
      made.append(sent_->protocol == protocol::tcp ? " -p tcp --dport " : " -p udp --dport ")
          .append_number(sent_->second_word);
    made.append(" -m owner --uid-owner ").append_number(sent_->owner.uid);
    return made.append(" -j REJECT");
  }

  const family_rules* rules_;
  const program* program_;
  sequence<other_order> others_;  // in which the kernel may ask two back ends
  const packet* sent_;
  outcome met_;
  sequence<chain_visit> visits_;
};

}  // namespace detail

/// Explains what becomes of `sent`. `compiled` are the rules of its family.
constexpr explanation explain(const firewall& rules, const program& compiled, const packet& sent) {
  return detail::packet_explainer(rules, compiled, sent).explain();
}

/// An explanation in lines of text, the verdict first.
constexpr text write_report(const explanation& of) {
  text out;
  const auto line = [&](std::string_view words) {
    append_printable(out, words);
    out.append('\n');
  };
  line(to_text(of.verdict));
  line(join("packet   ", write_packet_line(of.sent)));
  if (of.way.empty()) line(join("way      no rules for ", title_of(of.sent.family), ": everything is let out"));
  for (const explanation::step& step : of.way) {
    line(join("way      ", step.says));
    if (!step.written.empty()) line(join("           ", step.written));
  }
  for (const text& one : of.hangs_on) line(join("unknown  ", one));
  line(join("program  ", of.program_sees));
  if (!of.verdict.accepted()) return out;
  for (const rule_place& one : of.stops.but_for)
    line(join("but for  ", place_in_words(one), ": ", source_in_words(one)));
  if (of.stops.by) {
    line(join("stopped  it would be by ", place_in_words(*of.stops.by), " (", to_text(of.stops.verdict),
              "): ", source_in_words(*of.stops.by, chain_policy::drop)));
  } else if (of.stops.verdict.what == verdict::kind::unknown) {
    line("stopped  it would perhaps be then: that hangs on what no packet decides");
  } else {
    line("stopped  it would be by no rule: add one");
    if (!of.command.empty()) line(join("           ", of.command));
  }
  return out;
}

/// An explanation as a JSON object on one line, with a line feed.
constexpr text write_json(const explanation& of) {
  json_writer json;
  json.open_object();
  json.key("verdict").string(to_text(of.verdict));
  json.key("packet").string(write_packet_line(of.sent));
  json.key("way").open_array();
  for (const explanation::step& step : of.way) {
    json.open_object();
    json.key("step").string(to_text(step.at));
    json.key("says").string(step.says);
    detail::write_text_or_null(json, "rule", step.written);
    json.close_object();
  }
  json.close_array();
  json.key("hangs_on").open_array();
  for (const text& one : of.hangs_on) json.string(one);
  json.close_array();
  json.key("program").string(of.program_sees);
  json.key("but_for").open_array();
  for (const rule_place& one : of.stops.but_for) {
    json.open_object();
    detail::write_place(json, one);
    json.close_object();
  }
  json.close_array();
  json.key("stopped_by");
  if (of.stops.by) {
    json.open_object();
    detail::write_place(json, *of.stops.by);
    json.close_object();
  } else {
    json.null();
  }
  detail::write_text_or_null(json, "command", of.command);
  json.close_object();
  return std::move(json).finish().append('\n');
}

}  // namespace cordon
