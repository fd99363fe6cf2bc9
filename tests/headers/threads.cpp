// Constant objects that all threads share, and objects of each thread's own: built with ThreadSanitizer, which ends the program
// at the first data race.
#include <cordon/classify/classifier.hpp>
#include <cordon/cordon.hpp>
#include <cordon/prove/incremental.hpp>

#include <cstdio>
#include <string_view>
#include <thread>
#include <vector>

using namespace cordon;

namespace {

constexpr std::string_view first_rules =
    "*filter\n"
    ":OUTPUT ACCEPT [0:0]\n"
    ":sandbox - [0:0]\n"
    "-A OUTPUT -m owner --uid-owner 1001 -j sandbox\n"
    "-A sandbox -p tcp -m multiport --dports 80,443 -j ACCEPT\n"
    "-A sandbox -m limit --limit 1/sec -j LOG\n";
constexpr std::string_view last_rules =
    "-A sandbox -j REJECT\n"
    "COMMIT\n";

constexpr egress_policy egress = sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 443);

// With enough lines that are alike for rules to hold parts together.
text many_rules() {
  text made(first_rules);
  for (int i = 0; i < 100; ++i) made.append("-A sandbox -p tcp -m tcp --dport 443 -j LOG --log-prefix \"once\"\n");
  return made.append(last_rules);
}

firewall read_both() {
  const text rules = many_rules();
  firewall made;
  made.v4 = *read_ruleset(rules, {.family = family::ipv4});
  made.v6 = *read_ruleset(rules, {.family = family::ipv6});
  return made;
}

// All that one thread sees: of objects that it shares with others, or of its own.
text all_about(const firewall& of, const classifier& compiled, const proof& answer) {
  text out = write_report(answer);
  out.append(write_json(answer)).append(write_report(prove(of, egress)));
  out.append(restore_text(enforce(egress, of), family::ipv6)).append(write_ruleset(of.v4.rulesets[0], family::ipv4));
  for (const leak& one : answer.v4.leaks) {
    out.append(to_text(simulate(of, one.witness).verdict)).append(to_text(compiled.classify(one.witness).verdict));
    out.append(write_packet_line(one.witness));
  }
  incremental_proof kept(of, egress);
  out.append(write_report(kept.proof()));
  return out;
}

// What a copy was before and is after its rules have changed.
text all_about_a_copy(const firewall& of) {
  firewall copy = of;
  text out = write_ruleset(copy.v4.rulesets[0], family::ipv4);
  for (chain& each : copy.v4.rulesets[0].tables[0].chains)
    for (rule& one : each.rules) {
      if (one.matches.empty()) continue;
      one.matches.pop_back();
      one.target.options.clear();
      one.written = "changed";
    }
  return out.append(write_ruleset(copy.v4.rulesets[0], family::ipv4));
}

}  // namespace

int main() {
  const firewall shared = read_both();
  const classifier shared_classifier(shared);
  const proof shared_answer = prove(shared, egress);
  const text expected = all_about(shared, shared_classifier, shared_answer);

  constexpr std::size_t count = 4;
  std::vector<text> seen(2 * count);
  std::vector<text> of_copies(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] { seen[i] = all_about(shared, shared_classifier, shared_answer); });
    threads.emplace_back([&, i] {
      const firewall own = read_both();
      seen[count + i] = all_about(own, classifier(own), prove(own, egress));
    });
    threads.emplace_back([&, i] { of_copies[i] = all_about_a_copy(shared); });
  }
  for (std::thread& one : threads) one.join();

  for (const text& one : seen)
    if (one.empty() || one.view() != expected.view()) {
      std::fputs("error: a thread saw something else than the others\n", stderr);
      return 1;
    }
  const text expected_of_copy = all_about_a_copy(shared);
  for (const text& one : of_copies)
    if (one.empty() || one.view() != expected_of_copy.view() ||
        one.view().find("dport 443") == std::string_view::npos) {
      std::fputs("error: a thread's copy of the rules changed with another's\n", stderr);
      return 1;
    }
  std::puts("12 threads saw the same");
  return 0;
}
