#include <cordon/testing/mutants.hpp>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <cordon/cordon.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"
#include "incident_policy.hpp"

using namespace cordon;
using namespace cordon::literals;
using namespace cordon::test;
using testing::mutant;
using testing::mutation;

namespace {

constexpr testing::firewall_setting small = {.most_rules = 3, .most_chains = 2, .most_matches = 2};
constexpr testing::firewall_setting small_with_opaque = {
    .with_opaque = true, .most_rules = 3, .most_chains = 2, .most_matches = 2};

// Enough to be hit in a test that proves a difference for each.
constexpr std::size_t most_compared = 40;

// How often a list of rules differs from another, counted in the edits that a mutant is made with: more than
// one if it cannot have come about by one.
std::size_t edits_between(const sequence<rule>& was, const sequence<rule>& is) {
  if (was.size() == is.size() + 1) {
    std::size_t i = 0;
    while (i < is.size() && was[i] == is[i]) ++i;
    return std::equal(is.begin() + i, is.end(), was.begin() + i + 1) ? 1 : 2;
  }
  if (was.size() != is.size()) return 2;
  std::size_t edits = 0;
  for (std::size_t i = 0; i < is.size(); ++i) {
    if (was[i] == is[i]) continue;
    ++edits;
    if (i + 1 < is.size() && was[i] == is[i + 1] && was[i + 1] == is[i]) ++i;
  }
  return edits;
}

std::size_t edits_between(const family_rules& was, const family_rules& is) {
  if (was == is) return 0;
  if (is.rulesets.empty()) return 1;
  if (was.rulesets.size() != is.rulesets.size()) return 2;
  std::size_t edits = 0;
  for (std::size_t i = 0; i < is.rulesets.size(); ++i)
    for (std::size_t k = 0; k < is.rulesets[i].tables.size(); ++k)
      for (std::size_t n = 0; n < is.rulesets[i].tables[k].chains.size(); ++n) {
        const chain& before = was.rulesets[i].tables[k].chains[n];
        const chain& after = is.rulesets[i].tables[k].chains[n];
        if (before.name != after.name) return 2;
        edits += edits_between(before.rules, after.rules) + (before.policy == after.policy ? 0U : 1U);
      }
  return edits;
}

// How many parts of a rule differ: an option of a match that is more or less counts as one, as the whole
// match does.
std::size_t parts_between(const rule& was, const rule& is) {
  std::size_t parts = 0;
  const auto count = [&](bool same) { parts += same ? 0U : 1U; };
  count(was.source == is.source);
  count(was.destination == is.destination);
  count(was.in == is.in);
  count(was.out == is.out);
  count(was.protocol == is.protocol);
  count(was.fragment == is.fragment);
  count(was.target == is.target);
  count(was.matches == is.matches);
  return parts;
}

// The words of the mutants that edit one rule, in their order.
std::vector<std::string> words_about(const sequence<mutant>& all, family in, std::string_view chain,
                                     std::uint32_t number) {
  std::vector<std::string> words;
  for (const mutant& one : all)
    if (one.at.family == in && one.at.chain == chain && one.at.number == number)
      words.push_back(testing::shown(one.words));
  return words;
}

const mutant* find(const sequence<mutant>& all, std::string_view words) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const mutant& one) { return to_text(one) == words; });
  return found == all.end() ? nullptr : &*found;
}

predicate meaning_of(const rule& one, family in, const ruleset& rules, const rule_place& at) {
  return cordon::detail::compile_rule(
             one, {.family = in, .backend = rules.backend, .protocol = one.protocol, .table = name_of(at.table)})
      .holds;
}

}  // namespace

TEST_CASE("a mutant is its firewall but for one edit") {
  rc::prop("of any firewall", [] {
    const firewall original = *testing::firewalls(small_with_opaque);
    const sequence<mutant> all = testing::mutants_of(original);
    RC_PRE(!all.empty());
    for (const mutant& one : all) {
      const firewall made = one.of(original);
      RC_LOG() << testing::shown(to_text(one)) << "\n";
      RC_ASSERT(edits_between(original.v4, made.v4) + edits_between(original.v6, made.v6) == 1U);
      RC_ASSERT(edits_between(original.of(one.at.family), made.of(one.at.family)) == 1U);
      const bool edits_rule = !one.at.is_policy() && one.what != mutation::drop && one.what != mutation::swap;
      if (!edits_rule) continue;
      const sequence<rule>& rules =
          original.of(one.at.family).rulesets[one.ruleset].find(one.at.table)->find(one.at.chain)->rules;
      RC_ASSERT(parts_between(rules[one.at.number - 1], one.instead) == 1U);
    }
  });
}

TEST_CASE("a mutant is a firewall that iptables would load") {
  rc::prop("its text is read again, and is the same", [] {
    const firewall original = *testing::firewalls(small_with_opaque);
    for (const mutant& one : testing::mutants_of(original)) {
      const firewall made = one.of(original);
      RC_LOG() << testing::shown(to_text(one)) << "\n";
      for (const family in : both_families)
        for (const ruleset& rules : made.of(in).rulesets) {
          const auto again = read_ruleset(write_ruleset(rules, in), {.family = in, .backend = rules.backend});
          if (!again) RC_FAIL(testing::shown(to_text(again.diagnostics())));
          RC_ASSERT(*again == rules);
        }
    }
  });
}

TEST_CASE("a rule that is widened fits all that it fitted, one that is narrowed nothing else") {
  rc::prop("for packets around the edges of both", [] {
    const firewall original = *testing::firewalls(small);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    testing::random_choices random(seed);
    for (const mutant& one : testing::mutants_of(original)) {
      if (one.what != mutation::widen && one.what != mutation::narrow) continue;
      const family in = one.at.family;
      const ruleset& rules = original.of(in).rulesets[one.ruleset];
      const rule& before = rules.find(one.at.table)->find(one.at.chain)->rules[one.at.number - 1];
      const predicate was = meaning_of(before, in, rules, one.at);
      const predicate is = meaning_of(one.instead, in, rules, one.at);
      testing::edges around(in);
      around.observe(was);
      around.observe(is);
      around.finish();
      RC_LOG() << testing::shown(to_text(one)) << "\n";
      for (int i = 0; i < 20; ++i) {
        const packet sent = testing::draw_packet(random.source(), around);
        const bool fitted = evaluate(was, sent) == truth::yes;
        const bool fits = evaluate(is, sent) == truth::yes;
        const bool is_wider = one.what == mutation::widen;
        if (is_wider ? fitted : fits) RC_ASSERT((is_wider ? fits : fitted));
      }
    }
  });
}

TEST_CASE("mutants that are set aside treat every packet alike") {
  rc::prop("whoever sends it", [] {
    const firewall original = *testing::firewalls(small_with_opaque);
    RC_PRE(testing::mutants_of(original).size() <= most_compared);
    const testing::mutants all(original);
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    for (const mutant& one : all.equivalent()) {
      const firewall made = one.of(original);
      RC_LOG() << testing::shown(to_text(one)) << "\n";
      for (const family in : both_families) {
        const program was = compile(original, in);
        const program is = compile(made, in);
        const testing::edges around[] = {testing::edges::of_firewall(original, in),
                                         testing::edges::of_firewall(made, in)};
        const predicate exist = can_exist(fields_tested(was) | fields_tested(is));
        for (int i = 0; i < 20; ++i) {
          const packet sent = testing::draw_packet(random.source(), around[i % 2], packets_of_host(in));
          if (evaluate(exist, sent) != truth::yes) continue;
          if (in == family::ipv6 && sent.state == connection_state::untracked) continue;
          const outcome before = simulate(was, sent);
          const outcome after = simulate(is, sent);
          RC_LOG() << testing::shown(sent) << "\n";
          RC_ASSERT(before.possible.may_accept() == after.possible.may_accept());
          RC_ASSERT(before.possible.may_stop() == after.possible.may_stop());
        }
      }
    }
  });
}

TEST_CASE("the incident's fix forgotten for IPv6 is among the mutants of ours") {
  const testing::mutants mistakes(enforce(egress).firewall->rules(), egress);
  const mutant* const forgotten = find(mistakes.differing(), "IPv6: all rules forgotten");
  REQUIRE(forgotten != nullptr);
  const firewall made = forgotten->of(mistakes.original());
  CHECK(made.v4 == mistakes.original().v4);
  CHECK(made.v6.empty());
  CHECK_FALSE(made.v6.absent);
  const proof answer = prove(made, egress);
  CHECK(answer.v4.answer == answer::proved);
  CHECK(answer.v6.answer == answer::leak);
}

TEST_CASE("mutants are said in a few words, with their place") {
  const testing::mutants mistakes(incident("before", backend::nft), egress);
  CHECK(words_about(mistakes.differing(), family::ipv4, "OUTPUT", 2) ==
        std::vector<std::string>{
            "rule 2 of filter OUTPUT dropped",
            "rule 2 of filter OUTPUT swapped with the next",
            "rule 2 of filter OUTPUT widened, without -o lo",
            "rule 2 of filter OUTPUT widened, -o lo becomes -o lo+",
            "rule 2 of filter OUTPUT narrowed, with -p tcp",
            "rule 2 of filter OUTPUT narrowed, with -m conntrack --ctstate NEW",
            "rule 2 of filter OUTPUT negated, -o lo becomes ! -o lo",
            "rule 2 of filter OUTPUT negated, --uid-owner 1001 becomes ! --uid-owner 1001",
            "rule 2 of filter OUTPUT retargeted, -j ACCEPT becomes -j DROP",
        });
  // What becomes of other users' packets is nothing that a question about the sandbox asks.
  CHECK(words_about(mistakes.equivalent(), family::ipv4, "OUTPUT", 2) ==
        std::vector<std::string>{
            "rule 2 of filter OUTPUT widened, without -m owner --uid-owner 1001",
            "rule 2 of filter OUTPUT widened, --uid-owner 1001 becomes --uid-owner 1001-1002",
            "rule 2 of filter OUTPUT widened, --uid-owner 1001 becomes --uid-owner 1000-1001",
            "rule 2 of filter OUTPUT retargeted, -j ACCEPT becomes -j RETURN",
        });
  CHECK(words_about(mistakes.equivalent(), family::ipv4, "OUTPUT", 0) ==
        std::vector<std::string>{"the policy of filter OUTPUT changed, ACCEPT becomes DROP"});
  CHECK(find(mistakes.differing(),
             "IPv4: rule 2 of filter OUTPUT dropped: rules:7: -A OUTPUT -o lo -m owner --uid-owner 1001 -m "
             "comment "
             "--comment code-interpreter-sandbox-egress -j ACCEPT") != nullptr);
  CHECK(testing::mutants(incident("before", backend::nft)).equivalent().size() < mistakes.equivalent().size());
}

TEST_CASE("values of an option are edited as its reader reads them") {
  const auto words_of = [](std::string_view line) {
    std::vector<std::string> words;
    for (const mutant& one : testing::mutants_of(host_with(line)))
      if (one.what == mutation::widen || one.what == mutation::narrow) {
        const std::string all = testing::shown(one.words);
        words.push_back(all.substr(all.find("OUTPUT") + 7));
      }
    return words;
  };
  const auto has = [](const std::vector<std::string>& all, std::string_view wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
  };
  const auto ports = words_of("-A OUTPUT -p tcp -m multiport --dports 80,8000:8002 -j ACCEPT\n");
  CHECK(has(ports, "narrowed, --dports 80,8000:8002 becomes --dports 80"));
  CHECK(has(ports, "narrowed, --dports 80,8000:8002 becomes --dports 80,8001:8002"));
  CHECK(has(ports, "widened, --dports 80,8000:8002 becomes --dports 80,8000:8003"));
  const auto states = words_of("-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
  CHECK(has(states, "narrowed, --ctstate RELATED,ESTABLISHED becomes --ctstate ESTABLISHED"));
  CHECK(has(states, "widened, --ctstate RELATED,ESTABLISHED becomes --ctstate NEW,RELATED,ESTABLISHED"));
  const auto mark = words_of("-A OUTPUT -m mark --mark 0x1/0x3 -j ACCEPT\n");
  CHECK(has(mark, "widened, --mark 0x1/0x3 becomes --mark 0x1/0x1"));
}

TEST_CASE("chains, both back ends' rules and what no packet from OUTPUT meets") {
  firewall live = host_with(
      ":A - [0:0]\n:B - [0:0]\n:C - [0:0]\n-A INPUT -p tcp -j C\n-A OUTPUT -p tcp -j A\n-A A -j B\n"
      "-A B -p udp -j DROP\n-A C -j DROP\n");
  live.v4.rulesets.push_back(read_rules("*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n", family::ipv4, backend::legacy));
  const sequence<mutant> all = testing::mutants_of(live);
  for (const mutant& one : all) {
    INFO(testing::shown(to_text(one)));
    CHECK_FALSE(one.at.chain == "INPUT");
    CHECK_FALSE(one.at.chain == "C");
  }
  const auto jumps = words_about(all, family::ipv4, "A", 1);
  CHECK(std::count(jumps.begin(), jumps.end(), "rule 1 of filter A retargeted, -j B becomes -j C") == 1);
  // A loop is nothing that can be loaded.
  CHECK(std::count(jumps.begin(), jumps.end(), "rule 1 of filter A retargeted, -j B becomes -j A") == 0);
  const auto of_legacy = std::find_if(all.begin(), all.end(), [](const mutant& one) { return one.ruleset == 1; });
  REQUIRE(of_legacy != all.end());
  CHECK(testing::shown(of_legacy->words) == "the policy of filter OUTPUT changed, DROP becomes ACCEPT");
  CHECK(of_legacy->of(live).v4.rulesets[1].tables[0].find("OUTPUT")->policy == chain_policy::accept);
}

TEST_CASE("a test suite's survivors are the mistakes that it does not notice") {
  const testing::mutants mistakes(enforce(egress).firewall->rules(), egress);

  // What was tested by hand in the incident: the API's port, on two addresses of the host.
  const auto by_hand = [](const firewall& rules) {
    packet sent;
    sent.owner.uid = 1001;
    sent.second_word = 8000;
    for (const address& to : {"127.0.0.1"_ip, "10.9.0.1"_ip}) {
      sent.source = sent.destination = to.bits;
      if (simulate(rules, sent).verdict.accepted()) return false;
    }
    return true;
  };
  const sequence<mutant> unnoticed = mistakes.surviving(by_hand);
  CHECK(find(unnoticed, "IPv6: all rules forgotten") != nullptr);
  CHECK(find(unnoticed, "IPv4: all rules forgotten") == nullptr);

  // The proof notices each that lets out what it must not; what stops too much it notices with the endpoints.
  const auto kept = [](const firewall& rules) { return prove(rules, egress).proved(); };
  for (const mutant& one : mistakes.surviving(kept)) {
    INFO(testing::shown(to_text(one)));
    const firewall_difference found = differences(mistakes.original(), one.of(mistakes.original()), egress);
    for (const family in : both_families)
      for (const difference& each : found.of(in).differences) {
        const bool is_kept = each.kind == difference_kind::stopped || egress.allows(each.witness);
        CHECK(is_kept);
      }
  }
  const auto whole = [](const firewall& rules) {
    const proof answer = prove(rules, egress);
    return answer.proved() && answer.usable();
  };
  CHECK(mistakes.surviving(whole).size() < mistakes.surviving(kept).size());
}

TEST_CASE("a test suite notices what it returns false for, or throws at") {
  const testing::mutants mistakes(incident("after", backend::nft));
  REQUIRE(mistakes.differing().size() > 1);
  const auto is_original = [&](const firewall& rules) { return rules == mistakes.original(); };
  CHECK(mistakes.surviving(is_original).empty());
  CHECK(mistakes
            .surviving([&](const firewall& rules) {
              if (!is_original(rules)) throw std::runtime_error("noticed");
            })
            .empty());
  CHECK(mistakes.surviving([](const firewall&) {}).size() == mistakes.differing().size());
  CHECK(mistakes.surviving([](const firewall&) { return true; }).size() == mistakes.differing().size());
}

TEST_CASE("a test suite that fails the firewall itself has no survivors to tell") {
  const testing::mutants mistakes(incident("after", backend::nft));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // Catch2's would report a failure
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
    static_cast<void>(mistakes.surviving([](const firewall&) { return false; }));
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT));
}
