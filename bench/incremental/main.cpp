// incremental [DIRECTORY]: what it costs to change one rule of a firewall and to ask again, next to the first question, for
// rule sets as leak_region takes them. Each answer is compared with that of a whole question.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <cordon/prove/incremental.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/text/reader.hpp>

#include "../rule_set.hpp"

using namespace cordon;

namespace {

constexpr int changes = 300;
constexpr int compared_each = 30;  // of so many changes one is compared

double milliseconds() { return static_cast<double>(std::clock()) * 1e3 / CLOCKS_PER_SEC; }

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "error: " << why << "\n";
  std::exit(1);
}

firewall firewall_of(const bench::rule_set& rules) {
  auto read = read_ruleset(rules.rules);
  if (!read) give_up(std::string(to_text(read.diagnostics()).view()));
  firewall made;
  made.v6 = family_rules::none();
  made.v4 = family_rules(std::move(*read));
  return made;
}

egress_policy policy_of(const bench::rule_set& rules) {
  const auto flags = read_policy("uid 1001\n" + rules.endpoints, rules.name);
  if (!flags) give_up(std::string(to_text(flags.diagnostics()).view()));
  const auto made = make_policy(*flags);
  if (!made) give_up(std::string(to_text(made.diagnostics()).view()));
  return *made;
}

// A change that an operator makes: another target, another place of the list, or a network that no rule named.
rule changed(const sequence<rule>& rules, std::size_t at, std::mt19937& random) {
  rule made = rules[at];
  const rule& other = rules[random() % rules.size()];
  switch (random() % 3) {
    case 0: made.target = other.target; break;
    case 1: made = other; break;
    default:
      made.destination.given = true;
      made.destination.network = {{family::ipv4, uint128{0x0a000000U | (random() & 0xffff00U)}}, uint128{0xffffff00U}};
  }
  return made;
}

// The whole question, without what is told of leaks: the same as of leak_region.
bool leaks(const firewall& rules, const egress_policy& policy) {
  const program all = compile(rules, family::ipv4);
  layout levels = detail::layout_for(packets_of(policy, family::ipv4), all, policy);
  levels.finish();
  packet_space space(std::move(levels));
  decider walk(all, space, detail_of_decision::fate, space.set_of(can_exist(fields_tested(all))));
  return detail::forbidden_part(space, walk, all, walk.decide(), policy) != no_packet;
}

void measure(const bench::rule_set& of) {
  const firewall rules = firewall_of(of);
  const egress_policy policy = policy_of(of);
  double before = milliseconds();
  const proof first = prove(rules, policy);
  const double whole_proof = milliseconds() - before;
  before = milliseconds();
  leaks(rules, policy);
  const double whole_question = milliseconds() - before;
  before = milliseconds();
  incremental_proof kept(rules, policy);
  if (kept.verdict() != first.verdict()) give_up(of.name + ": the first answers differ");
  const double beginning = milliseconds() - before;

  std::mt19937 random(1);
  std::vector<double> times;
  for (int i = 0; i < changes; ++i) {
    const sequence<rule>& now = kept.rules().v4.rulesets[0].find(table_name::filter)->find("OUTPUT")->rules;
    const std::size_t at = random() % now.size();
    rule other = changed(now, at, random);
    before = milliseconds();
    kept.replace({.chain = "OUTPUT", .number = at + 1}, std::move(other));
    const answer verdict = kept.verdict();
    times.push_back(milliseconds() - before);
    if (i % compared_each == 0 && leaks(kept.rules(), policy) != (verdict == answer::leak))
      give_up(of.name + ": the answers differ after a change");
  }
  double all = 0;
  for (const double one : times) all += one;
  std::sort(times.begin(), times.end());
  const double middle = times[times.size() / 2];
  std::printf("| %s | %.1f | %.1f | %.1f | %.3f | %.2f | %.2f | %.0f | %.0f | %.0f |\n", of.name.c_str(), whole_proof,
              whole_question, beginning, middle, times[times.size() * 9 / 10], all / changes, beginning / middle,
              whole_proof / middle, whole_proof * changes / all);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  const std::vector<bench::rule_set> all = bench::rule_sets_to_measure(count > 1 ? words[1] : "");
  std::printf(
      "| rule set | `prove`, ms | its question alone, ms | `incremental_proof`, beginning, ms | a change, the middle, ms | "
      "nine of ten below | in the mean | beginning / middle | `prove` / middle | `prove` / mean |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n");
  for (const bench::rule_set& one : all) measure(one);
}
