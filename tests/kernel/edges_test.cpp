// Every extension at its edges: the rules of tests/kernel/edges, each option, negated, at its bounds; and for each rule
// packets around what its meaning tells apart, cut off after every byte of the header, fragments, and without ports.
// What packets without a socket do, and connections, real_traffic_test asks.

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/draw.hpp>
#include <cordon/text/reader.hpp>

#include "edge_rules.hpp"
#include "edge_table.hpp"
#include "judge.hpp"
#include "machine_names.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "random_case.hpp"
#include "session.hpp"
#include "tally.hpp"
#include "wire_line.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::size_t most_shown = 20;

struct totals {
  std::size_t tables = 0;
  std::size_t rules = 0;
  std::size_t packets = 0;
  std::size_t skipped = 0;
  std::size_t failures = 0;
  std::vector<std::string> opaque = {};
  std::set<std::string> open = {};  ///< rules of which something is

  void fail(const std::string& what) {
    if (++failures <= most_shown) std::cout << what << '\n';
  }
};

void ask(const std::string& name, const std::vector<edge_rule>& table, const combination& of, totals& into) {
  const edge_rules rules(name, rules_for(table, of));
  if (rules.all().empty()) return;
  const std::string text = rules.text();
  const auto read = read_ruleset(text, {.family = family_of(of.family),
                                        .backend = backend_of(of.which),
                                        .file = name + ".txt",
                                        .names = &machine_names()});
  const std::string where = name + ".txt, " + name_of(of);
  if (!read) {
    into.fail(where + ": the reader refuses it: " + std::string(to_text(read.diagnostics()).view()) + text);
    return;
  }
  const judge by(*read, family_of(of.family), {}, nullptr);
  session loaded(of.which, {.traced = true, .conntrack_state = by.asks_connection()});
  const tool_result result = loaded.load(of.family, text);
  if (!result.worked()) {
    into.fail(where + ": the kernel refuses it: " + result.errors);
    for (const edge_rule& one : rules.all()) {
      session alone(of.which, {.traced = false});
      if (!alone.load(of.family, rules.text_of(one)).worked())
        into.fail(name + ".txt:" + std::to_string(one.line) + ": " + name_of(of) + " refuses " + one.words);
    }
    return;
  }
  testing::random_choices choices(1);
  fresh_connections connections;
  for (std::size_t i = 0; i < rules.all().size(); ++i) {
    const edge_rule& rule = rules.all()[i];
    const program_step* const step = edge_rules::step_of(by.compiled(), i);
    if (step == nullptr) {
      into.fail(name + ".txt:" + std::to_string(rule.line) + ": the rule is lost");
      continue;
    }
    if (edge_rules::is_open(*step)) into.open.insert(name + ".txt:" + std::to_string(rule.line));
    if (edge_rules::is_open(*step) && !rule.open)
      into.fail(name + ".txt:" + std::to_string(rule.line) + ": " + name_of(of) + ": no packet decides " + rule.words +
                ": if that is so, let its line begin with `open`");
    const std::vector<wire_packet> packets =
        rules.packets_for(i, by.compiled(), by.asks_connection() ? &connections : nullptr, choices);
    ++into.rules;
    for (const sent_packet& sent : loaded.send(packets)) {
      const judgement made = by.compare(sent);
      ++(made.skipped.empty() ? into.packets : into.skipped);
      if (!made.difference) continue;
      into.fail(name + ".txt:" + std::to_string(rule.line) + ": " + name_of(of) + ": " + rule.words + "\n  " +
                packet_line(sent.packet) + "\n  " + made.difference->what + ": kernel " + made.difference->kernel +
                ", model " + made.difference->model);
    }
  }
}

/// Uses of an extension that OUTPUT can hold, at random, in whatever rule and table takes them.
template <class Extension>
std::vector<sequence<option>> some_uses(const Extension& of) {
  testing::random_choices choices(1);
  std::vector<sequence<option>> all;
  for (const family in : both_families) {
    if (in == family::ipv4 ? !of.ipv4 : !of.ipv6) continue;
    for (const unsigned protocol : {0U, 6U, 17U, 33U, 50U, 51U, 58U, 1U, 108U, 132U, 135U})
      for (const table_name table : all_tables) {
        const meaning_context context{.family = in,
                                      .protocol = {protocol != 0, false, static_cast<cordon::protocol>(protocol)},
                                      .table = name_of(table)};
        for (int tries = 0; tries < 4; ++tries)
          if (auto options = testing::detail::draw_options(choices.source(), of, context))
            all.push_back(*std::move(options));
      }
  }
  return all;
}

/// Whether no packet of a user decides what the match says, whatever its options are.
bool is_opaque(const match_extension& of, const std::vector<sequence<option>>& uses) {
  testing::random_choices choices(1);
  const family in = of.ipv4 ? family::ipv4 : family::ipv6;
  return std::all_of(uses.begin(), uses.end(), [&](const sequence<option>& options) {
    const predicate holds = of.meaning(options, {.family = in}).holds;
    for (int tries = 0; tries < 20; ++tries) {
      packet any = testing::draw_packet(choices.source(), in);
      any.owner = {};
      any.transport = transport_part::whole;
      if (evaluate(holds, any) != truth::unknown) return false;
    }
    return true;
  });
}
/// What a target that is not modelled does is never compared; only that it may do anything.
bool is_opaque(const target_extension& of, const std::vector<sequence<option>>& uses) {
  return std::all_of(uses.begin(), uses.end(), [&](const sequence<option>& options) {
    const meaning_context context{.family = of.ipv4 ? family::ipv4 : family::ipv6};
    return of.meaning(options, context).what == effect::kind::unknown;
  });
}

template <class Extension>
std::vector<std::string> words_of(const Extension& of) {
  std::vector<std::string> words;
  for (const option_description& one : of.options) {
    if (one.only_written) continue;
    words.emplace_back(one.name);
    if (one.invertible) words.push_back("! " + std::string(one.name));
  }
  return words;
}

/// `name` is the file's: matches and targets that are called alike have one each.
void ask_table(const std::string& name, const std::vector<std::string>& words, totals& into,
               const std::vector<combination>& all) {
  const auto table = read_edge_table(name);
  if (!table) {
    into.fail(name + ": there is no table tests/kernel/edges/" + name + ".txt");
    return;
  }
  ++into.tables;
  for (const std::string& word : words_missing(*table, words)) into.fail(name + ".txt: no rule with " + word);
  for (const combination& of : all) ask(name, *table, of, into);
  const auto has = [&](back_end which) {
    return std::any_of(all.begin(), all.end(), [&](const combination& of) { return of.which == which; });
  };
  if (!has(back_end::legacy) || !has(back_end::nft)) return;
  for (const edge_rule& one : *table)
    if (one.open && !into.open.contains(name + ".txt:" + std::to_string(one.line)))
      into.fail(name + ".txt:" + std::to_string(one.line) + ": packets decide all of it: take `open` from its line");
}

template <class Extension>
void ask_extension(const Extension& of, const std::string& name, totals& into, const std::vector<combination>& all) {
  if (is_opaque(of, some_uses(of)) && !read_edge_table(name)) {
    into.opaque.push_back(name);
    return;
  }
  std::vector<combination> its_own = all;
  std::erase_if(its_own, [&](const combination& one) { return one.family == ip_family::v4 ? !of.ipv4 : !of.ipv6; });
  ask_table(name, words_of(of), into, its_own);
}

}  // namespace

int main(int count, char** values) {
  if (const auto why = obstacle()) {
    std::cout << "SKIP: " << *why << '\n';
    return 77;
  }
  std::vector<combination> all;
  bool complete = true;
  for (const combination& of : all_combinations) {
    const auto why = obstacle(of.which);
    if (!why) {
      all.push_back(of);
    } else if (of.family == ip_family::v4) {
      std::cout << "SKIP: " << *why << '\n';
      complete = false;
    }
  }
  // Names of tables on the command line: those alone.
  const std::vector<std::string> only(values + 1, values + count);
  const auto is_wanted = [&](const std::string& name) {
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
  };
  totals made;
  try {
    if (is_wanted("base"))
      ask_table("base", {"-s", "! -s", "-d", "! -d", "-o", "! -o", "-p", "! -p", "-f", "! -f"}, made, all);
    for (const match_extension* const one : all_match_extensions())
      if (is_wanted(edge_table_of(*one))) ask_extension(*one, edge_table_of(*one), made, all);
    for (const target_extension* const one : all_target_extensions())
      if (is_wanted(edge_table_of(*one))) ask_extension(*one, edge_table_of(*one), made, all);
  } catch (const std::exception& error) {
    made.fail(error.what());
  }
  if (!made.opaque.empty()) {
    std::cout << made.opaque.size() << " that no packet decides, or that OUTPUT does not know:";
    for (const std::string& name : made.opaque) std::cout << ' ' << name;
    std::cout << '\n';
  }
  std::cout << made.tables << " tables, " << made.rules << " rules, " << made.packets << " packets compared, "
            << made.skipped << " not compared, " << made.failures << " failures\n";
  if (made.failures > 0 || made.packets == 0) return 1;
  return complete ? 0 : 77;
}
