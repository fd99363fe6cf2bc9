#include "kernel_suite.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <cordon/rule/firewall.hpp>
#include <cordon/testing/random.hpp>
#include <cordon/text/reader.hpp>

#include "../kernel/broken_meaning.hpp"
#include "../kernel/judge.hpp"
#include "../kernel/model.hpp"
#include "../kernel/prerequisites.hpp"
#include "../kernel/session.hpp"
#include "../kernel/wire_packet.hpp"
#include "machine_names.hpp"

namespace cordon::mutation {
namespace {

using namespace cordon::kernel;

// Extensions are values: one whose meaning is asked here first takes the place of the extension in the rules
// that are compiled. What it is asked by is a plain function, so what that needs lies here.
match_extension heard_match;
target_extension heard_target;
const match_extension* match_subject = nullptr;
const target_extension* target_subject = nullptr;
std::function<void(meaning&)> hearing;
std::optional<std::size_t> heard_rule;  // nothing: every rule

match_meaning hear_match(const sequence<option>& options, const meaning_context& context) {
  meaning made = match_subject->meaning(options, context);
  hearing(made);
  return std::get<match_meaning>(std::move(made));
}

effect hear_target(const sequence<option>& options, const meaning_context& context) {
  meaning made = target_subject->meaning(options, context);
  hearing(made);
  return std::get<effect>(std::move(made));
}

void listen_to(const match_extension& subject) {
  heard_match = subject;
  heard_match.meaning = hear_match;
  match_subject = &subject;
  target_subject = nullptr;
}
void listen_to(const target_extension& subject) {
  heard_target = subject;
  heard_target.meaning = hear_target;
  target_subject = &subject;
  match_subject = nullptr;
}

void hear(rule& of) {
  for (match& one : of.matches)
    if (match_subject != nullptr && one.extension == match_subject) one.extension = &heard_match;
  if (target_subject != nullptr && of.target.extension == target_subject) of.target.extension = &heard_target;
}

void hear_rules(firewall& all) {
  for (const family in : both_families)
    for (ruleset& rules : all.of(in).rulesets)
      for (table& each : rules.tables)
        for (chain& inside : each.chains)
          if (!heard_rule || edge_rules::is_of(inside, *heard_rule))
            for (rule& one : inside.rules) hear(one);
}

constexpr broken_meaning heard{.name = "mutant", .what = "a mutant", .in_rules = hear_rules};

/// The same rule without a mistake and with it.
struct rule_pair {
  const program_step& right;
  const program_step& wrong;
  bool only_this_decides;  ///< nothing but the rule's match says how its packets fare
};

/// Whether the packet may fare otherwise with the mistake. What is sure not to is a packet that the test would
/// ask in vain.
bool may_show(const rule_pair& rule, const judge::question& about) {
  if (!rule.only_this_decides) return true;
  const auto differs = [&](const predicate& a, const predicate& b) {
    const truth first = evaluate(a, about.asked, about.not_known);
    return first == truth::unknown || first != evaluate(b, about.asked, about.not_known);
  };
  return differs(rule.right.drops, rule.wrong.drops) || differs(rule.right.holds, rule.wrong.holds);
}

/// A packet that was sent, and what the model is asked of it.
struct known_packet {
  sent_packet sent;
  judge::question asked;
};

}  // namespace

struct edge_suite::inside {
  std::variant<const match_extension*, const target_extension*> subject;
  combination where;
  edge_rules rules;
  ruleset read;
  std::vector<edge_use> uses = {};
  std::vector<std::size_t> order = {};  // of the uses: which to ask first
  std::optional<judge> right = {};      // of rules without a mistake
  std::optional<session> loaded = {};
  fresh_connections connections = {};
  // Packets that tell what the second rule means, sent to the first: they are the same for each mistake in others.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<known_packet>> sent_before = {};

  void listen() const {
    std::visit([](const auto* of) { listen_to(*of); }, subject);
  }

  void find_uses() {
    listen();
    for (std::size_t i = 0; i < rules.all().size(); ++i) {
      heard_rule = i;
      hearing = [&](const meaning& said) { uses.push_back({i, rules.all()[i].words, said, shape_of(said)}); };
      const judge compiled(read, family_of(where.family), {}, &heard);
    }
    for (std::size_t i = 0; i < uses.size(); ++i) order.push_back(i);
  }

  bool says(std::size_t rule, const std::string& shape) const {
    return std::any_of(uses.begin(), uses.end(),
                       [&](const edge_use& one) { return one.rule == rule && one.shape == shape; });
  }

  bool only_matches_decide(std::size_t rule) const {
    return std::holds_alternative<const match_extension*>(subject) && rules.all()[rule].table == "filter";
  }

  /// Sends those of the packets that may show the mistake. Whether one does.
  bool show(std::vector<wire_packet> packets, std::size_t to, const judge& by, const rule_pair& rule,
            const choice_source& source) {
    rules.send_to(to, packets, by.asks_connection() ? &connections : nullptr, source);
    std::erase_if(packets, [&](const wire_packet& one) {
      // What defragmentation makes of fragments is known when they have been sent.
      if (one.fragment_offset != 0 || one.more_fragments || one.fragment_header) return false;
      sent_packet before{.packet = one};
      write_wire_bytes(one, before.bytes);
      return !may_show(rule, right->question_of(before));
    });
    const std::vector<sent_packet> sent = loaded->send(packets);
    return std::any_of(sent.begin(), sent.end(), [&](const sent_packet& one) { return shows(one, by); });
  }

  bool shows(const sent_packet& one, const judge& by) const {
    return by.compare(one).difference && !right->compare(one).difference;
  }

  /// The packets that tell what a rule without the mistake means, sent to another.
  const std::vector<known_packet>& told_by(std::size_t other, std::size_t to, const choice_source& source) {
    const auto [place, is_new] = sent_before.try_emplace({to, other});
    const program_step* const step = edge_rules::step_of(right->compiled(), other);
    if (!is_new || step == nullptr) return place->second;
    std::vector<wire_packet> packets = edge_rules::telling_packets(*step, right->compiled().family, source);
    rules.send_to(to, packets, right->asks_connection() ? &connections : nullptr, source);
    for (sent_packet& one : loaded->send(packets)) {
      judge::question asked = right->question_of(one);
      place->second.push_back({std::move(one), std::move(asked)});
    }
    return place->second;
  }

  /// Whether packets for the rule show the mistake. `telling`: those that tell what rules with it mean.
  bool notices(std::size_t rule, const judge& by, const std::string& shape,
               std::map<std::size_t, std::vector<wire_packet>>& telling, const choice_source& source) {
    const rule_pair pair{*edge_rules::step_of(right->compiled(), rule), *edge_rules::step_of(by.compiled(), rule),
                         only_matches_decide(rule)};
    const family in = by.compiled().family;
    if (show(edge_rules::packets_around(pair.wrong, in, source), rule, by, pair, source)) return true;
    for (const std::size_t other : rules.asked_with(rule)) {
      if (!says(other, shape)) {
        const std::vector<known_packet>& told = told_by(other, rule, source);
        if (std::any_of(told.begin(), told.end(),
                        [&](const known_packet& one) { return may_show(pair, one.asked) && shows(one.sent, by); }))
          return true;
        continue;
      }
      const auto [place, is_new] = telling.try_emplace(other);
      const program_step* const step = edge_rules::step_of(by.compiled(), other);
      if (is_new && step != nullptr) place->second = edge_rules::telling_packets(*step, in, source);
      if (show(place->second, rule, by, pair, source)) return true;
    }
    return false;
  }

  void load() {
    right.emplace(read, family_of(where.family), host_facts{}, nullptr);
    loaded.emplace(where.which, session::options{.traced = true, .conntrack_state = right->asks_connection()});
    const tool_result result = loaded->load(where.family, rules.text());
    if (!result.worked())
      throw std::runtime_error("the kernel refuses a table of tests/kernel/edges: " + result.errors);
  }
};

edge_suite::edge_suite(std::unique_ptr<inside> of) : inside_(std::move(of)) {}
edge_suite::edge_suite(edge_suite&&) noexcept = default;
edge_suite& edge_suite::operator=(edge_suite&&) noexcept = default;
edge_suite::~edge_suite() = default;

template <class Extension>
std::optional<edge_suite> edge_suite::of(const Extension& subject, const combination& where) {
  if (where.family == ip_family::v4 ? !subject.ipv4 : !subject.ipv6) return std::nullopt;
  const std::string name = edge_table_of(subject);
  const auto table = read_edge_table(name);
  if (!table) return std::nullopt;
  edge_rules rules(name, rules_for(*table, where));
  if (rules.all().empty()) return std::nullopt;
  auto read = read_ruleset(rules.text(), {.family = family_of(where.family),
                                          .backend = backend_of(where.which),
                                          .file = name + ".txt",
                                          .names = &machine_names()});
  if (!read) throw std::runtime_error(name + ".txt: " + std::string(to_text(read.diagnostics()).view()));
  edge_suite made(std::unique_ptr<inside>(new inside{&subject, where, std::move(rules), *std::move(read)}));
  made.inside_->find_uses();
  return made;
}

template std::optional<edge_suite> edge_suite::of(const match_extension&, const combination&);
template std::optional<edge_suite> edge_suite::of(const target_extension&, const combination&);

const std::vector<edge_use>& edge_suite::uses() const { return inside_->uses; }

bool edge_suite::notices(const mutant& mistake, const std::string& shape) {
  inside& in = *inside_;
  if (std::none_of(in.uses.begin(), in.uses.end(), [&](const edge_use& one) { return one.shape == shape; }))
    return false;
  if (!in.loaded) in.load();
  in.listen();
  heard_rule.reset();
  hearing = [&](meaning& said) {
    if (shape_of(said) == shape) said = mistake.of(said);
  };
  const judge by(in.read, family_of(in.where.family), {}, &heard);
  for (const edge_use& one : in.uses) {
    if (one.shape != shape) continue;
    const program_step* const step = edge_rules::step_of(by.compiled(), one.rule);
    if (step == nullptr || (edge_rules::is_open(*step) && !in.rules.all()[one.rule].open)) return true;
  }
  testing::random_choices choices(1);
  std::map<std::size_t, std::vector<wire_packet>> telling;
  for (auto at = in.order.begin(); at != in.order.end(); ++at) {
    const edge_use& one = in.uses[*at];
    if (one.shape != shape || !in.notices(one.rule, by, shape, telling, choices.source())) continue;
    std::rotate(in.order.begin(), at, at + 1);
    return true;
  }
  return false;
}

std::optional<std::string> obstacle_to_kernel() {
  if (auto why = obstacle()) return why;
  for (const back_end which : {back_end::legacy, back_end::nft})
    if (auto why = obstacle(which)) return why;
  return std::nullopt;
}

}  // namespace cordon::mutation
