// The chains that OUTPUT leads to, as a graph: what jumps where, which rules never decide, and the ways by which packets leak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/rule_survey.hpp>
#include <cordon/render/html_writer.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// How something is drawn.
enum class graph_mark : std::uint8_t {
  plain,
  dead,   ///< a rule that no packet makes decide: grey
  leaks,  ///< on the way of a leak: red
};

/// One line of a chain: a rule, the policy, or how many rules are left out here.
struct graph_line {
  text words = {};                      ///< the rule, or the chain's policy
  graph_mark mark = graph_mark::plain;  ///< how it is drawn
  std::uint32_t first_rule = 0;         ///< the rules that the line stands for, from 1; 0: none
  std::uint32_t last_rule = 0;          ///< as `first_rule`
  std::uint32_t leak = 0;               ///< the first leak of the family on whose way it is, from 1; 0: none
};

/// A chain, drawn as a box of lines.
struct graph_chain {
  cordon::family family = family::ipv4;  ///< which one
  text name = {};                        ///< "filter OUTPUT"
  sequence<graph_line> lines = {};       ///< its rules, and its policy or end, in order
  graph_mark mark = graph_mark::plain;   ///< how the box is drawn
};

/// From one chain to another: by some rules, or because the table comes next.
struct graph_edge {
  std::size_t from = 0;                 ///< of the graph's chains
  std::size_t to = 0;                   ///< of the graph's chains
  text words = {};                      ///< the numbers of the rules; empty for the next table
  graph_mark mark = graph_mark::plain;  ///< how it is drawn
  sequence<std::uint32_t> rules = {};   ///< the first of them, from 1, at most `most_rules_of_an_edge`
};

/// The chains that packets come to, of both families, and which leads where.
struct chain_graph {
  sequence<graph_chain> chains = {};  ///< each once
  sequence<graph_edge> edges = {};    ///< jumps and gotos, in the order of the rules
};

namespace detail {

// A chain with more rules is shown in part: its beginning, its end, and what leaks.
inline constexpr std::size_t most_lines_of_a_chain = 14;
inline constexpr std::size_t most_leaking_lines_of_a_chain = 24;
// In a table of more rules than these a chain that no leak touches is shown as one line.
inline constexpr std::size_t most_rules_of_a_small_table = 100;
// A table that leads to more chains is shown in part: where it starts, what leaks, and the first of the others.
inline constexpr std::size_t most_chains_of_a_table = 24;
inline constexpr std::size_t most_rules_of_an_edge = 12;
inline constexpr std::size_t longest_line = 90;

// The first leak on whose way each place of a program is, from 1; for a chain's policy or end behind its rules.
class leak_ways {
 public:
  constexpr leak_ways(const program& rules, const family_proof* proof) : rules_(&rules) {
    for (const program_table& table : rules.tables) {
      first_.push_back({});
      for (const program_chain& chain : table.chains)
        first_.back().push_back(sequence<std::uint32_t>(chain.steps.size() + 1, 0));
    }
    if (proof == nullptr) return;
    for (std::uint32_t leak = 0; leak < proof->leaks.size(); ++leak)
      for (const way_step& step : proof->leaks[leak].way)
        if (step.what != way_step::kind::return_) see(step, leak + 1);
  }

  constexpr std::uint32_t of(const decision_place& at) const { return first_[at.table][at.chain][at.rule]; }
  constexpr bool touch(std::uint32_t table, std::uint32_t chain) const {
    return any_of(first_[table][chain], [](std::uint32_t leak) { return leak != 0; });
  }

 private:
  constexpr void see(const way_step& step, std::uint32_t leak) {
    for (std::uint32_t table = 0; table < first_.size(); ++table) {
      if (rules_->tables[table].name != step.table) continue;
      for (std::uint32_t chain = 0; chain < first_[table].size(); ++chain) {
        sequence<std::uint32_t>& places = first_[table][chain];
        if (rules_->tables[table].chains[chain].source->name != step.chain || step.number > places.size()) continue;
        if (places[step.number - 1] == 0) places[step.number - 1] = leak;
      }
    }
  }

  const program* rules_;
  sequence<sequence<sequence<std::uint32_t>>> first_;  // by table, chain and rule
};

// Which rules never decide. Asked for OUTPUT alone: what other chains see is not surveyed.
class dead_rules {
 public:
  /// `others`: those of `tables_of_open_way`.
  constexpr dead_rules(const program& rules, const sequence<other_order>& others) {
    if (rules.entered_at != hook::output) return;
    const rule_survey survey(rules, others);
    if (survey.too_large()) return;
    for (std::uint32_t table = 0; table < rules.tables.size(); ++table) {
      dead_.push_back({});
      for (std::uint32_t chain = 0; chain < rules.tables[table].chains.size(); ++chain) {
        sequence<char>& flags =
            dead_.back().push_back(sequence<char>(rules.tables[table].chains[chain].steps.size(), 0));
        for (std::uint32_t rule = 0; rule < flags.size(); ++rule) {
          const decision_place at{table, chain, rule};
          flags[rule] = survey.is_of_output(at) && !survey.lives(at) ? 1 : 0;
        }
      }
    }
  }
  constexpr bool hold(const decision_place& at) const {
    return !dead_.empty() && dead_[at.table][at.chain][at.rule] != 0;
  }

 private:
  sequence<sequence<sequence<char>>> dead_;  // by table, chain and rule; empty if it is not known
};

class graph_maker {
 public:
  constexpr graph_maker(const program& rules, const sequence<other_order>& others, const family_proof* proof,
                        chain_graph& into)
      : rules_(&rules),
        dead_(rules, others),
        ways_(rules, proof),
        leaks_(proof != nullptr && !proof->leaks.empty()),
        into_(&into) {}

  constexpr void make() {
    if (rules_->tables.empty()) {
      const graph_mark mark = leaks_ ? graph_mark::leaks : graph_mark::plain;
      into_->chains.push_back(
          {rules_->family, "no rules", {{.words = "all is accepted", .mark = mark, .leak = leaks_ ? 1U : 0U}}, mark});
    }
    std::size_t last = none;
    for (std::uint32_t table = 0; table < rules_->tables.size(); ++table) {
      const std::size_t start = add_table(table);
      if (last != none) into_->edges.push_back({last, start});
      last = start;
    }
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  static constexpr bool calls(const program_step& step) {
    return step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
  }

  // The chains that a table leads to, each behind the first that leads there.
  constexpr sequence<std::uint32_t> reached_in(const program_table& table) const {
    sequence<char> known(table.chains.size(), 0);
    sequence<std::uint32_t> order{table.start};
    known[table.start] = 1;
    for (std::size_t next = 0; next < order.size(); ++next)
      for (const program_step& step : table.chains[order[next]].steps)
        if (calls(step) && std::exchange(known[step.chain], char{1}) == 0) order.push_back(step.chain);
    return order;
  }

  // Which of them are drawn: all, or as many as there is room for.
  constexpr sequence<char> drawn_of(std::uint32_t which, const sequence<std::uint32_t>& order) const {
    sequence<char> drawn(rules_->tables[which].chains.size(), 0);
    std::size_t room = most_chains_of_a_table;
    const auto draw = [&](std::uint32_t chain) {
      if (drawn[chain] != 0 || room == 0) return;
      drawn[chain] = 1;
      --room;
    };
    draw(order[0]);
    for (const std::uint32_t chain : order)
      if (ways_.touch(which, chain)) draw(chain);
    for (const std::uint32_t chain : order) draw(chain);
    return drawn;
  }

  constexpr std::size_t add_table(std::uint32_t which) {
    const program_table& table = rules_->tables[which];
    const sequence<std::uint32_t> order = reached_in(table);
    const sequence<char> drawn = drawn_of(which, order);
    std::size_t rules = 0;
    for (const std::uint32_t chain : order) rules += table.chains[chain].steps.size();
    sequence<std::size_t> nodes(table.chains.size(), none);
    sequence<std::uint32_t> left_out;
    for (const std::uint32_t chain : order) {
      if (drawn[chain] != 0)
        nodes[chain] = add_chain(
            which, chain, rules > most_rules_of_a_small_table && chain != table.start && !ways_.touch(which, chain));
      else
        left_out.push_back(chain);
    }
    if (!left_out.empty()) {
      const std::size_t rest = add_rest(which, left_out);
      for (const std::uint32_t chain : left_out) nodes[chain] = rest;
    }
    for (const std::uint32_t chain : order) {
      if (drawn[chain] == 0) continue;
      const auto& steps = table.chains[chain].steps;
      for (std::uint32_t i = 0; i < steps.size(); ++i)
        if (calls(steps[i])) connect(nodes[chain], nodes[steps[i].chain], i + 1, mark_of({which, chain, i}));
    }
    return nodes[table.start];
  }

  // Rules that lead to the same chain share an edge.
  constexpr void connect(std::size_t from, std::size_t to, std::uint32_t rule, graph_mark mark) {
    for (graph_edge& one : into_->edges) {
      if (one.from != from || one.to != to || one.words.empty()) continue;
      if (one.words.size() < 24)
        one.words.append(", ").append_number(rule);
      else if (!one.words.view().ends_with("..."))
        one.words.append(", ...");
      if (one.rules.size() < most_rules_of_an_edge) one.rules.push_back(rule);
      if (mark != graph_mark::dead && one.mark != graph_mark::leaks) one.mark = mark;
      return;
    }
    graph_edge made{from, to, {}, mark, {rule}};
    made.words.append_number(rule);
    into_->edges.push_back(std::move(made));
  }

  // One node for all chains that are not drawn.
  constexpr std::size_t add_rest(std::uint32_t table, const sequence<std::uint32_t>& left_out) {
    graph_chain made{.family = rules_->family};
    std::size_t rules = 0;
    std::size_t leaking = 0;
    for (const std::uint32_t chain : left_out) {
      rules += rules_->tables[table].chains[chain].steps.size();
      if (ways_.touch(table, chain)) ++leaking;
    }
    if (leaking != 0) made.mark = graph_mark::leaks;
    const auto counted = [](std::size_t count, std::string_view what) {
      return join(decimal(count), " ", what, count == 1 ? "" : "s");
    };
    made.name = join(name_of(rules_->tables[table].name), ": ", decimal(left_out.size()),
                     left_out.size() == 1 ? " more chain" : " more chains");
    made.lines.push_back(
        {.words = join("... ", counted(rules, "rule"),
                       leaking == 0 ? text(", none on the way of a leak")
                                    : join(", in ", counted(leaking, "chain"), " some on the way of a leak")),
         .mark = made.mark});
    into_->chains.push_back(std::move(made));
    return into_->chains.size() - 1;
  }

  // `folded`: its rules are one line.
  constexpr std::size_t add_chain(std::uint32_t table, std::uint32_t chain, bool folded) {
    const program_chain& from = rules_->tables[table].chains[chain];
    graph_chain made;
    made.family = rules_->family;
    made.name = join(name_of(rules_->tables[table].name), " ", from.source->name);
    const auto count = static_cast<std::uint32_t>(from.steps.size());
    if (folded && count > 2) {
      made.lines.push_back({.words = join("... ", decimal(count), " rules"), .first_rule = 1, .last_rule = count});
      into_->chains.push_back(std::move(made));
      return into_->chains.size() - 1;
    }
    const std::size_t shown = count > most_lines_of_a_chain ? most_lines_of_a_chain / 2 : count;
    std::size_t leaking = 0;
    graph_line left_out;
    for (std::uint32_t i = 0; i < count; ++i) {
      graph_line line{{}, mark_of({table, chain, i}), i + 1, i + 1, ways_.of({table, chain, i})};
      if (line.mark == graph_mark::leaks) made.mark = line.mark;
      const bool is_edge = i < shown || i + 3 >= count;
      if (!is_edge && (line.mark != graph_mark::leaks || leaking >= most_leaking_lines_of_a_chain)) {
        if (left_out.first_rule == 0) left_out.first_rule = line.first_rule;
        left_out.last_rule = line.last_rule;
        if (line.mark == graph_mark::leaks) left_out.mark = line.mark;
        continue;
      }
      if (line.mark == graph_mark::leaks) ++leaking;
      add_left_out(made, left_out);
      line.words = line_of({table, chain, i});
      made.lines.push_back(std::move(line));
    }
    add_left_out(made, left_out);
    if (from.source->policy) {
      const graph_mark mark = mark_of({table, chain, count});
      made.lines.push_back({.words = join("policy ", name_of(*from.source->policy)),
                            .mark = mark,
                            .leak = ways_.of({table, chain, count})});
      if (mark == graph_mark::leaks) made.mark = mark;
    }
    into_->chains.push_back(std::move(made));
    return into_->chains.size() - 1;
  }

  static constexpr void add_left_out(graph_chain& into, graph_line& left_out) {
    if (left_out.first_rule == 0) return;
    const std::uint32_t count = left_out.last_rule - left_out.first_rule + 1;
    left_out.words = join("... ", decimal(count), count == 1 ? " more rule" : " more rules",
                          left_out.mark == graph_mark::leaks ? ", some on the way of a leak" : "");
    into.lines.push_back(std::exchange(left_out, graph_line{}));
  }

  constexpr text line_of(const decision_place& at) const {
    const rule_place place = place_of(*rules_, at);
    text words;
    words.append_number(place.number);
    std::string_view written = place.written;
    // "-A CHAIN" is said by the chain's name.
    if (written.starts_with("-A ")) {
      const std::size_t end = written.find(' ', 3);
      written = end == std::string_view::npos ? std::string_view() : written.substr(end + 1);
    }
    words.append("  ");
    // Where a line is too long its target is what must not be lost.
    const std::size_t target = greater_of(written.rfind(" -j ") + 1, written.rfind(" -g ") + 1);
    std::string_view end = target == 0 ? std::string_view() : written.substr(target);
    end = beginning_of(end, longest_line / 2);
    if (written.size() <= longest_line) {
      append_printable(words, written);
    } else {
      append_printable(words, beginning_of(written, longest_line - end.size()));
      words.append("... ");
      append_printable(words, end);
    }
    return words;
  }

  constexpr graph_mark mark_of(const decision_place& at) const {
    if (ways_.of(at) != 0) return graph_mark::leaks;
    const bool is_rule = at.rule < rules_->tables[at.table].chains[at.chain].steps.size();
    return is_rule && dead_.hold(at) ? graph_mark::dead : graph_mark::plain;
  }

  const program* rules_;
  dead_rules dead_;
  leak_ways ways_;
  bool leaks_;
  chain_graph* into_;
};

constexpr std::string_view colour_of(graph_mark of) {
  return of == graph_mark::leaks ? "#c00000" : of == graph_mark::dead ? "#909090" : "#202020";
}

constexpr void append_dot_string(text& out, std::string_view words) {
  for (const char c : words) {
    if (c == '"' || c == '\\') out.append('\\');
    out.append(c);
  }
}

}  // namespace detail

/// The chains of both families that OUTPUT leads to, or the chain that a policy is for. With `of`, a proof of the same
/// firewall, the ways of its leaks are marked. Chains with many rules, and tables with many chains, are shown in part, and say
/// how much is left out. Precondition: as for `prove`.
constexpr chain_graph graph_of(const firewall& rules, const proof* of = nullptr) {
  chain_graph made;
  for (const family in : both_families) {
    if (rules.of(in).absent) continue;
    const program compiled = compile(rules, in, of == nullptr ? hook::output : of->policy.at);
    const sequence<other_order> others = other_orders(rules, in, compiled.entered_at, tables_of_open_way(compiled));
    detail::graph_maker(compiled, others, of == nullptr ? nullptr : &of->of(in), made).make();
  }
  return made;
}

/// For Graphviz (`dot -Tsvg`).
constexpr text write_dot(const chain_graph& of) {
  text out =
      "digraph cordon {\n  rankdir=LR;\n  node [shape=plain, fontname=\"monospace\", fontsize=10];\n"
      "  edge [fontname=\"monospace\", fontsize=9];\n";
  for (const family in : both_families) {
    bool is_begun = false;
    for (std::size_t i = 0; i < of.chains.size(); ++i) {
      const graph_chain& one = of.chains[i];
      if (one.family != in) continue;
      if (!is_begun)
        out.append("  subgraph cluster_")
            .append(name_of(in))
            .append(" {\n    label=\"")
            .append(title_of(in))
            .append("\";\n");
      is_begun = true;
      out.append("    n").append_number(i).append(
          " [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" color=\"");
      out.append(detail::colour_of(one.mark)).append("\"><tr><td align=\"left\"><b>");
      detail::append_html(out, one.name);
      out.append("</b></td></tr>");
      for (const graph_line& each : one.lines) {
        out.append("<tr><td align=\"left\"><font color=\"").append(detail::colour_of(each.mark)).append("\">");
        detail::append_html(out, each.words);
        out.append("</font></td></tr>");
      }
      out.append("</table>>];\n");
    }
    if (is_begun) out.append("  }\n");
  }
  for (const graph_edge& one : of.edges) {
    out.append("  n").append_number(one.from).append(" -> n").append_number(one.to).append(" [color=\"");
    out.append(detail::colour_of(one.mark)).append("\", label=\"");
    detail::append_dot_string(out, one.words.empty() ? std::string_view("then") : one.words.view());
    out.append(one.words.empty() ? "\", style=dashed];\n" : "\"];\n");
  }
  return out.append("}\n");
}

/// For Mermaid, which code hosts draw in Markdown.
constexpr text write_mermaid(const chain_graph& of) {
  text out = "flowchart LR\n";
  for (const family in : both_families) {
    bool is_begun = false;
    for (std::size_t i = 0; i < of.chains.size(); ++i) {
      const graph_chain& one = of.chains[i];
      if (one.family != in) continue;
      if (!is_begun) out.append("  subgraph ").append(title_of(in)).append("\n");
      is_begun = true;
      out.append("    n").append_number(i).append("[\"<b>");
      detail::append_html(out, one.name);
      out.append("</b>");
      for (const graph_line& each : one.lines) {
        out.append("<br/>");
        if (each.mark != graph_mark::plain)
          out.append("<span style='color:").append(detail::colour_of(each.mark)).append("'>");
        detail::append_html(out, each.words);
        if (each.mark != graph_mark::plain) out.append("</span>");
      }
      out.append("\"]\n");
    }
    if (is_begun) out.append("  end\n");
  }
  for (const graph_edge& one : of.edges) {
    out.append("  n").append_number(one.from).append(one.words.empty() ? " -. then .-> n" : " -- \"");
    if (!one.words.empty()) out.append(one.words).append("\" --> n");
    out.append_number(one.to).append('\n');
  }
  for (std::size_t i = 0; i < of.edges.size(); ++i)
    if (of.edges[i].mark != graph_mark::plain)
      out.append("  linkStyle ")
          .append_number(i)
          .append(" stroke:")
          .append(detail::colour_of(of.edges[i].mark))
          .append('\n');
  for (std::size_t i = 0; i < of.chains.size(); ++i)
    if (of.chains[i].mark == graph_mark::leaks)
      out.append("  style n")
          .append_number(i)
          .append(" stroke:")
          .append(detail::colour_of(graph_mark::leaks))
          .append('\n');
  return out;
}

}  // namespace cordon
