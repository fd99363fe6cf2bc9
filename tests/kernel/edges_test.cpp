// Every extension at its edges: the rules of tests/kernel/edges, each option, negated, at its bounds; and for each rule
// packets around what its meaning tells apart, cut off after every byte of the header, fragments, and without ports.
//
// All rules of a table are loaded at once, each in a chain of its own that one user's packets (or one mark's) are sent to:
// a match that drops a packet would hide all rules behind it. What packets without a socket do, and connections,
// real_traffic_test asks.

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <string>
#include <vector>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/draw.hpp>
#include <cordon/text/reader.hpp>

#include "edge_table.hpp"
#include "judge.hpp"
#include "machine_names.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "random_case.hpp"
#include "session.hpp"
#include "tally.hpp"
#include "wire_drawing.hpp"
#include "wire_line.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::uint32_t first_number = 50000;  // of the users, or the marks, that tell rules apart
constexpr std::size_t packets_around_edges = 40;
constexpr std::size_t most_shown = 20;

/// How the rules of a table are told apart: by what they do not ask for themselves.
bool is_by_mark(const std::string& table) { return table == "owner" || table == "cgroup"; }

std::string chain_of(std::size_t rule) { return "R" + std::to_string(rule); }

std::string text_of(const std::vector<edge_rule>& rules, bool by_mark) {
  std::string all;
  for (const char* const table : {"raw", "mangle", "nat", "filter", "security"}) {
    std::string chains;
    std::string entries;
    std::string lines;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].table != table) continue;
      const std::string number = std::to_string(first_number + i);
      chains += ":" + chain_of(i) + " - [0:0]\n";
      entries += "-A OUTPUT " + (by_mark ? "-m mark --mark " + number : "-m owner --uid-owner " + number) + " -g " + chain_of(i) + "\n";
      lines += "-A " + chain_of(i) + " " + rules[i].words + "\n";
    }
    if (chains.empty()) continue;
    all.append("*").append(table).append("\n:OUTPUT ACCEPT [0:0]\n").append(chains);
    // Where a rule jumps to or returns from.
    all.append(":AWAY - [0:0]\n").append(entries).append(lines).append("-A AWAY -m comment --comment away\nCOMMIT\n");
  }
  return all;
}

/// What drawn packets of one rule need, found in the compiled rules by its chain.
const program_step* step_of(const program& rules, std::size_t rule) {
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      if (chain.source->name.view() == chain_of(rule) && !chain.steps.empty()) return &chain.steps[0];
  return nullptr;
}

field_set fields_of(const program_step& step) {
  field_set fields = 0;
  for (const predicate* const condition : {&step.holds, &step.drops})
    for (const predicate_step& test : condition->steps())
      if (test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked) fields |= set_of(test.field);
  return fields;
}

/// Packets for one rule: around its edges, and of each of these that fits some that are cut off, fragments, or of a
/// protocol without ports.
std::vector<wire_packet> packets_for(const program_step& step, family in, fresh_connections* connections,
                                     testing::random_choices& choices) {
  testing::edges edges(in);
  edges.observe(step.holds);
  edges.observe(step.drops);
  edges.finish();
  const choice_source source = choices.source();
  const field_set tested = fields_of(step);
  std::vector<wire_packet> all;
  std::vector<packet> drawn;
  for (std::size_t i = 0; i < packets_around_edges; ++i) drawn.push_back(testing::draw_packet(source, edges));
  for (const packet& one : drawn) all.push_back(wire_near(one, tested, source));
  const auto fitting = std::find_if(drawn.begin(), drawn.end(), [&](const packet& one) {
    packet sent = one;
    sent.owner.socket = socket_kind::user;
    return sent.transport == transport_part::whole && evaluate(step.holds, sent) != truth::no;
  });
  packet typical = fitting == drawn.end() ? drawn[0] : *fitting;
  for (unsigned bytes = 0; bytes < 21; ++bytes) {
    typical.transport = static_cast<transport_part>(bytes);
    all.push_back(wire_near(typical, tested, source));
  }
  typical.transport = transport_part::whole;
  for (const unsigned other : {1U, 6U, 17U, 47U, 58U, 253U}) {
    packet changed = typical;
    changed.protocol = static_cast<protocol>(other);
    all.push_back(wire_near(changed, tested, source));
  }
  if (connections != nullptr) {
    std::erase_if(all, [&](wire_packet& one) { return one.fragment_offset != 0 || !connections->make_fresh(one, source); });
    return all;
  }
  for (const transport_part part : {transport_part::fragment_at_8, transport_part::later_fragment, transport_part::later_fragment}) {
    typical.transport = part;
    all.push_back(wire_near(typical, tested, source));
  }
  return all;
}

struct totals {
  std::size_t tables = 0;
  std::size_t rules = 0;
  std::size_t packets = 0;
  std::size_t skipped = 0;
  std::size_t failures = 0;
  std::vector<std::string> opaque = {};

  void fail(const std::string& what) {
    if (++failures <= most_shown) std::cout << what << '\n';
  }
};

void ask(const std::string& name, const std::vector<edge_rule>& table, const combination& of, totals& into) {
  std::vector<edge_rule> rules;
  for (const edge_rule& one : table)
    if (one.is_for(of)) rules.push_back(one);
  if (rules.empty()) return;
  const bool by_mark = is_by_mark(name);
  const std::string text = text_of(rules, by_mark);
  const auto read = read_ruleset(text, {.family = family_of(of.family), .backend = backend_of(of.which), .file = name + ".txt",
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
    for (const edge_rule& one : rules) {
      session alone(of.which, {.traced = false});
      if (!alone.load(of.family, text_of({one}, by_mark)).worked())
        into.fail(name + ".txt:" + std::to_string(one.line) + ": " + name_of(of) + " refuses " + one.words);
    }
    return;
  }
  testing::random_choices choices(1);
  fresh_connections connections;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const program_step* const step = step_of(by.compiled(), i);
    if (step == nullptr) {
      into.fail(name + ".txt:" + std::to_string(rules[i].line) + ": the rule is lost");
      continue;
    }
    std::vector<wire_packet> packets = packets_for(*step, family_of(of.family), by.asks_connection() ? &connections : nullptr, choices);
    for (wire_packet& one : packets) (by_mark ? one.mark : one.uid) = first_number + static_cast<std::uint32_t>(i);
    ++into.rules;
    for (const sent_packet& sent : loaded.send(packets)) {
      const judgement made = by.compare(sent);
      ++(made.skipped.empty() ? into.packets : into.skipped);
      if (!made.difference) continue;
      into.fail(name + ".txt:" + std::to_string(rules[i].line) + ": " + name_of(of) + ": " + rules[i].words + "\n  " +
                packet_line(sent.packet) + "\n  " + made.difference->what + ": kernel " + made.difference->kernel + ", model " +
                made.difference->model);
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
          if (auto options = testing::detail::draw_options(choices.source(), of, context)) all.push_back(*std::move(options));
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
void ask_table(const std::string& name, const std::vector<std::string>& words, totals& into, const std::vector<combination>& all) {
  const auto table = read_edge_table(name);
  if (!table) {
    into.fail(name + ": there is no table tests/kernel/edges/" + name + ".txt");
    return;
  }
  ++into.tables;
  for (const std::string& word : words_missing(*table, words)) into.fail(name + ".txt: no rule with " + word);
  for (const combination& of : all) ask(name, *table, of, into);
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
    for (const match_extension* const one : all_match_extensions()) {
      // ah and srh are two extensions of one name, one a family.
      const std::string name = std::string(one->name) + (one->ipv4 || find_match_extension(one->name, family::ipv4) == nullptr ? "" : "6");
      if (is_wanted(name)) ask_extension(*one, name, made, all);
    }
    for (const target_extension* const one : all_target_extensions()) {
      const std::string name = std::string(one->name) + ".target";
      if (is_wanted(name)) ask_extension(*one, name, made, all);
    }
  } catch (const std::exception& error) {
    made.fail(error.what());
  }
  if (!made.opaque.empty()) {
    std::cout << made.opaque.size() << " that no packet decides, or that OUTPUT does not know:";
    for (const std::string& name : made.opaque) std::cout << ' ' << name;
    std::cout << '\n';
  }
  std::cout << made.tables << " tables, " << made.rules << " rules, " << made.packets << " packets compared, " << made.skipped
            << " not compared, " << made.failures << " failures\n";
  if (made.failures > 0 || made.packets == 0) return 1;
  return complete ? 0 : 77;
}
