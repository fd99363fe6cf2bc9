#include "kernel_suite.hpp"

#include <algorithm>
#include <functional>
#include <span>
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

bool differ(const judge& by, std::span<const sent_packet> sent, const judge& right) {
  return std::any_of(sent.begin(), sent.end(), [&](const sent_packet& one) {
    return by.compare(one).difference && !right.compare(one).difference;
  });
}

}  // namespace

struct edge_suite::inside {
  std::variant<const match_extension*, const target_extension*> subject;
  combination where;
  edge_rules rules;
  ruleset read;
  std::vector<edge_use> uses = {};
  std::optional<judge> right = {};  // of rules without a mistake
  std::optional<session> loaded = {};
  fresh_connections connections = {};

  void listen() const {
    std::visit([](const auto* of) { listen_to(*of); }, subject);
  }

  void find_uses() {
    listen();
    for (std::size_t i = 0; i < rules.all().size(); ++i) {
      heard_rule = i;
      hearing = [&](const meaning& said) { uses.push_back({i, rules.all()[i].words, said}); };
      const judge compiled(read, family_of(where.family), {}, &heard);
    }
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
  if (std::none_of(in.uses.begin(), in.uses.end(), [&](const edge_use& one) { return shape_of(one.says) == shape; }))
    return false;
  if (!in.loaded) in.load();
  in.listen();
  heard_rule.reset();
  hearing = [&](meaning& said) {
    if (shape_of(said) == shape) said = mistake.of(said);
  };
  const judge by(in.read, family_of(in.where.family), {}, &heard);
  testing::random_choices choices(1);
  for (const edge_use& one : in.uses) {
    if (shape_of(one.says) != shape) continue;
    const program_step* const step = edge_rules::step_of(by.compiled(), one.rule);
    if (step == nullptr || (edge_rules::is_open(*step) && !in.rules.all()[one.rule].open)) return true;
    fresh_connections* const connections = by.asks_connection() ? &in.connections : nullptr;
    const auto packets = in.rules.packets_for(one.rule, by.compiled(), connections, choices);
    if (differ(by, in.loaded->send(packets), *in.right)) return true;
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
