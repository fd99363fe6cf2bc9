// The chains that OUTPUT leads to, as a graph: what jumps where, which rules never decide, and the ways by which packets leak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/rule_survey.hpp>
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
};

/// A chain, drawn as a box of lines.
struct graph_chain {
  cordon::family family = family::ipv4;  ///< which one
  text name = {};  ///< "filter OUTPUT"
  sequence<graph_line> lines = {};      ///< its rules, and its policy or end, in order
  graph_mark mark = graph_mark::plain;  ///< how the box is drawn
};

/// From one chain to another: by a rule, or because the table comes next.
struct graph_edge {
  std::size_t from = 0;  ///< of the graph's chains
  std::size_t to = 0;    ///< of the graph's chains
  text words = {};  ///< the numbers of the rules; empty for the next table
  graph_mark mark = graph_mark::plain;  ///< how it is drawn
};

/// The chains that packets come to, of both families, and which leads where.
struct chain_graph {
  sequence<graph_chain> chains = {};  ///< each once
  sequence<graph_edge> edges = {};    ///< jumps and gotos, in the order of the rules
};

namespace detail {

// A chain with more rules is shown in part: its beginning, its end, what leaks, and what jumps.
inline constexpr std::size_t most_lines_of_a_chain = 14;
inline constexpr std::size_t longest_line = 90;

class graph_maker {
 public:
  constexpr graph_maker(const program& rules, const family_proof* proof, chain_graph& into)
      : rules_(&rules), survey_(rules), proof_(proof), into_(&into) {}

  constexpr void make() {
    const bool leaks = proof_ != nullptr && !proof_->leaks.empty();
    if (rules_->tables.empty())
      into_->chains.push_back({rules_->family, "no rules", {{"all is accepted", leaks ? graph_mark::leaks : graph_mark::plain}},
                               leaks ? graph_mark::leaks : graph_mark::plain});
    std::size_t last = none;
    for (std::uint32_t table = 0; table < rules_->tables.size(); ++table) {
      const std::size_t start = add_table(table);
      if (last != none) into_->edges.push_back({last, start});
      last = start;
    }
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  constexpr std::size_t add_table(std::uint32_t which) {
    const program_table& table = rules_->tables[which];
    sequence<std::size_t> nodes(table.chains.size(), none);
    sequence<std::uint32_t> todo{table.start};
    nodes[table.start] = add_chain(which, table.start);
    for (std::size_t next = 0; next < todo.size(); ++next) {
      const std::uint32_t chain = todo[next];
      const auto& steps = table.chains[chain].steps;
      for (std::uint32_t i = 0; i < steps.size(); ++i) {
        if (steps[i].does.what != effect::kind::jump && steps[i].does.what != effect::kind::go_to) continue;
        const std::uint32_t to = steps[i].chain;
        if (nodes[to] == none) {
          nodes[to] = add_chain(which, to);
          todo.push_back(to);
        }
        connect(nodes[chain], nodes[to], i + 1, mark_of({which, chain, i}));
      }
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
      if (mark != graph_mark::dead && one.mark != graph_mark::leaks) one.mark = mark;
      return;
    }
    graph_edge made{from, to, {}, mark};
    made.words.append_number(rule);
    into_->edges.push_back(std::move(made));
  }

  constexpr std::size_t add_chain(std::uint32_t table, std::uint32_t chain) {
    const program_chain& from = rules_->tables[table].chains[chain];
    graph_chain made;
    made.family = rules_->family;
    made.name = join(name_of(rules_->tables[table].name), " ", from.source->name);
    const std::size_t count = from.steps.size();
    const std::size_t shown = count > most_lines_of_a_chain ? most_lines_of_a_chain / 2 : count;
    std::size_t left_out = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const graph_mark mark = mark_of({table, chain, i});
      if (i >= shown && i + 3 < count && mark != graph_mark::leaks) {
        ++left_out;
        continue;
      }
      add_left_out(made, left_out);
      made.lines.push_back({line_of({table, chain, i}), mark});
      if (mark == graph_mark::leaks) made.mark = mark;
    }
    add_left_out(made, left_out);
    if (from.source->policy) {
      const graph_mark mark = mark_of({table, chain, static_cast<std::uint32_t>(count)});
      made.lines.push_back({join("policy ", name_of(*from.source->policy)), mark});
      if (mark == graph_mark::leaks) made.mark = mark;
    }
    into_->chains.push_back(std::move(made));
    return into_->chains.size() - 1;
  }

  static constexpr void add_left_out(graph_chain& into, std::size_t& count) {
    if (count != 0) into.lines.push_back({join("... ", decimal(count), count == 1 ? " more rule" : " more rules")});
    count = 0;
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
    if (end.size() > longest_line / 2) end = end.substr(0, longest_line / 2);
    if (written.size() <= longest_line) {
      append_printable(words, written);
    } else {
      append_printable(words, written.substr(0, longest_line - end.size()));
      words.append("... ");
      append_printable(words, end);
    }
    return words;
  }

  constexpr graph_mark mark_of(const decision_place& at) const {
    const program_chain& chain = rules_->tables[at.table].chains[at.chain];
    const table_name table = rules_->tables[at.table].name;
    if (proof_ != nullptr)
      for (const leak& one : proof_->leaks)
        for (const way_step& step : one.way)
          if (step.table == table && step.chain == chain.source->name && step.number == at.rule + 1 &&
              step.what != way_step::kind::return_)
            return graph_mark::leaks;
    const bool is_rule = at.rule < chain.steps.size();
    return is_rule && !survey_.too_large() && survey_.is_of_output(at) && !survey_.lives(at) ? graph_mark::dead : graph_mark::plain;
  }

  const program* rules_;
  rule_survey survey_;
  const family_proof* proof_;
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

// What a label of Graphviz, like HTML, or of Mermaid holds.
constexpr void append_label(text& out, std::string_view words) {
  for (const char c : words) switch (c) {
      case '&': out.append("&amp;"); break;
      case '<': out.append("&lt;"); break;
      case '>': out.append("&gt;"); break;
      case '"': out.append("&quot;"); break;
      default: out.append(c);
    }
}

}  // namespace detail

/// The chains of both families that OUTPUT leads to. With `of`, a proof of the same firewall, the ways of its leaks are marked.
/// Precondition: as for `prove`.
constexpr chain_graph graph_of(const firewall& rules, const proof* of = nullptr) {
  chain_graph made;
  for (const family in : both_families) {
    if (rules.of(in).absent) continue;
    const program compiled = compile(rules, in);
    detail::graph_maker(compiled, of == nullptr ? nullptr : &of->of(in), made).make();
  }
  return made;
}

/// For Graphviz (`dot -Tsvg`).
constexpr text write_dot(const chain_graph& of) {
  text out = "digraph cordon {\n  rankdir=LR;\n  node [shape=plain, fontname=\"monospace\", fontsize=10];\n"
             "  edge [fontname=\"monospace\", fontsize=9];\n";
  for (const family in : both_families) {
    bool is_begun = false;
    for (std::size_t i = 0; i < of.chains.size(); ++i) {
      const graph_chain& one = of.chains[i];
      if (one.family != in) continue;
      if (!is_begun) out.append("  subgraph cluster_").append(name_of(in)).append(" {\n    label=\"").append(title_of(in)).append("\";\n");
      is_begun = true;
      out.append("    n").append_number(i).append(" [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" color=\"");
      out.append(detail::colour_of(one.mark)).append("\"><tr><td align=\"left\"><b>");
      detail::append_label(out, one.name);
      out.append("</b></td></tr>");
      for (const graph_line& each : one.lines) {
        out.append("<tr><td align=\"left\"><font color=\"").append(detail::colour_of(each.mark)).append("\">");
        detail::append_label(out, each.words);
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
      detail::append_label(out, one.name);
      out.append("</b>");
      for (const graph_line& each : one.lines) {
        out.append("<br/>");
        if (each.mark != graph_mark::plain) out.append("<span style='color:").append(detail::colour_of(each.mark)).append("'>");
        detail::append_label(out, each.words);
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
      out.append("  linkStyle ").append_number(i).append(" stroke:").append(detail::colour_of(of.edges[i].mark)).append('\n');
  for (std::size_t i = 0; i < of.chains.size(); ++i)
    if (of.chains[i].mark == graph_mark::leaks)
      out.append("  style n").append_number(i).append(" stroke:").append(detail::colour_of(graph_mark::leaks)).append('\n');
  return out;
}

}  // namespace cordon
