#include <cordon/prove/incremental.hpp>

#include <string>
#include <utility>

#include <cordon/render/json.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// All that a proof says.
std::string told(const proof& of) { return testing::shown(write_json(of)); }

struct place {
  rule_position at;
  sequence<rule>* rules;
};

// Where there is a rule. Refers to the firewall.
sequence<place> places_of(firewall& rules) {
  sequence<place> made;
  for (const family of : both_families)
    for (std::size_t k = 0; k < rules.of(of).rulesets.size(); ++k)
      for (table& each : rules.of(of).rulesets[k].tables)
        for (chain& one : each.chains)
          for (std::size_t i = 1; i <= one.rules.size(); ++i)
            made.push_back({{of, each.name, one.name.view(), i, k}, &one.rules});
  return made;
}

// Another rule for a place: one of the same chain, or any that jumps nowhere.
rule draw_other(const choice_source& choices, const firewall& in, const place& at, bool with_opaque) {
  if (choices.one_in(3)) return (*at.rules)[static_cast<std::size_t>(choices.below(at.rules->size()))];
  return testing::draw_rule(choices, {.family = at.at.family,
                                      .backend = in.of(at.at.family).rulesets[at.at.ruleset].backend,
                                      .table = at.at.table,
                                      .in_user_chain = !is_built_in(at.at.table, at.at.chain),
                                      .with_opaque = with_opaque});
}

rule rule_of(std::string_view line) {
  const firewall made = host_with(std::string("-A OUTPUT ") + std::string(line) + "\n");
  return made.v4.rulesets[0].tables[0].find("OUTPUT")->rules[0];
}

// Nearly every rule decides or leads on, so that the whole only filters.
void let_filter(const choice_source& choices, rule& one) {
  static const rule targets[] = {rule_of("-j ACCEPT"), rule_of("-j DROP"), rule_of("-j RETURN")};
  if (one.target.what == target::kind::jump || one.target.what == target::kind::go_to) return;
  one.target = targets[choices.below(3)].target;
}

void change_and_compare(const testing::firewall_setting& setting, bool only_filters = false) {
  const egress_policy policy = *testing::policies();
  firewall now = *testing::firewalls_for(policy, setting);
  testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
  const choice_source choices = random.source();
  if (only_filters)
    for (const place& one : places_of(now)) let_filter(choices, (*one.rules)[one.at.number - 1]);
  incremental_proof kept(now, policy);
  for (int i = 0; i < 5; ++i) {
    const sequence<place> places = places_of(now);
    if (!places.empty()) {
      const place& where = places[static_cast<std::size_t>(choices.below(places.size()))];
      rule other = draw_other(choices, now, where, setting.with_opaque);
      if (only_filters) let_filter(choices, other);
      (*where.rules)[where.at.number - 1] = other;
      RC_ASSERT(kept.replace(where.at, other));
    }
    const proof expected = prove(now, policy);
    RC_LOG() << testing::shown(now) << "\n";
    RC_ASSERT(kept.rules() == now);
    RC_ASSERT(kept.verdict() == expected.verdict());
    RC_ASSERT(told(kept.proof()) == told(expected));
  }
}

constexpr std::string_view long_chain =
    "-A OUTPUT -d 10.0.0.0/8 -p tcp -m tcp --dport 80 -m owner --uid-owner 1001 -j A\n"
    "-A OUTPUT -p udp -m udp --dport 53 -j DROP\n"
    "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n"
    "-A A -d 10.1.0.0/16 -j RETURN\n"
    "-A A -d 10.2.0.0/16 -j DROP\n"
    "-A A -j REJECT --reject-with icmp-port-unreachable\n";

firewall host_with_chains() {
  firewall made;
  made.v6 = family_rules::none();
  made.v4 = read_rules("*filter\n:A - [0:0]\n" + std::string(long_chain) + "COMMIT\n");
  return made;
}

}  // namespace

TEST_CASE("whatever rules change, the proof that is kept says what a new one says") {
  rc::prop("where rules only filter", [] { change_and_compare({.tables = testing::only_filter}); });
  rc::prop("where they do more", [] { change_and_compare({}); });
  rc::prop("where no packet decides some",
           [] { change_and_compare({.with_opaque = true, .with_both_backends = true}); });
  rc::prop("in longer chains", [] {
    change_and_compare({.tables = testing::only_filter, .most_rules = 12, .most_chains = 6, .most_matches = 1}, true);
  });
  rc::prop("in chains of few rules that call each other", [] {
    change_and_compare({.tables = testing::only_filter, .most_rules = 4, .most_chains = 6, .most_matches = 0}, true);
  });
}

TEST_CASE("a proof that is kept follows rules in chains that are called") {
  const egress_policy policy = sandbox(uid(1001)).may_reach(tcp, ipv4_address(10, 3, 0, 1), 80);
  incremental_proof kept(host_with_chains(), policy);
  CHECK(kept.verdict() == answer::proved);
  // It is let out where it may go, and then to one place more.
  REQUIRE(kept.replace({.chain = "A", .number = 1}, rule_of("-d 10.3.0.1/32 -j ACCEPT")));
  CHECK(kept.verdict() == answer::proved);
  CHECK(kept.proof().endpoints[0].status == endpoint_status::open);
  REQUIRE(kept.replace({.chain = "A", .number = 2}, rule_of("-d 10.3.0.0/31 -j ACCEPT")));
  CHECK(kept.verdict() == answer::leak);
  REQUIRE(kept.proof().v4.leaks.size() == 1);
  CHECK(kept.proof().v4.leaks[0].blame.number == 2);
  CHECK(told(kept.proof()) == told(prove(kept.rules(), policy)));
  REQUIRE(kept.replace({.chain = "A", .number = 2}, rule_of("-j DROP")));
  CHECK(kept.verdict() == answer::proved);
}

TEST_CASE("a proof that is kept follows rules in chains that chains call that are called") {
  const egress_policy policy = sandbox(uid(1001));
  firewall rules;
  rules.v6 = family_rules::none();
  rules.v4 = read_rules(
      "*filter\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]\n-A OUTPUT -p tcp -j A\n-A OUTPUT -j DROP\n-A A -g B\n"
      "-A B -d 10.0.0.0/8 -j C\n-A C -d 10.1.0.0/16 -j DROP\nCOMMIT\n");
  incremental_proof kept(std::move(rules), policy);
  CHECK(kept.verdict() == answer::proved);
  REQUIRE(kept.replace({.chain = "C", .number = 1}, rule_of("-d 10.1.0.0/16 -j ACCEPT")));
  CHECK(kept.verdict() == answer::leak);
  CHECK(told(kept.proof()) == told(prove(kept.rules(), policy)));
  REQUIRE(kept.replace({.chain = "C", .number = 1}, rule_of("-d 10.1.0.0/16 -j RETURN")));
  CHECK(kept.verdict() == answer::proved);
}

TEST_CASE("where there is no rule none is replaced") {
  incremental_proof kept(host_with_chains(), sandbox(uid(1001)));
  const firewall before = kept.rules();
  const rule other = rule_of("-j ACCEPT");
  CHECK_FALSE(kept.replace({.chain = "OUTPUT", .number = 0}, other));
  CHECK_FALSE(kept.replace({.chain = "OUTPUT", .number = 4}, other));
  CHECK_FALSE(kept.replace({.chain = "B", .number = 1}, other));
  CHECK_FALSE(kept.replace({.table = table_name::nat, .chain = "OUTPUT", .number = 1}, other));
  CHECK_FALSE(kept.replace({.family = family::ipv6, .chain = "OUTPUT", .number = 1}, other));
  CHECK_FALSE(kept.replace({.chain = "OUTPUT", .number = 1, .ruleset = 1}, other));
  CHECK(kept.rules() == before);
  CHECK(kept.verdict() == answer::proved);
}

TEST_CASE("a rule of filtering that changes takes no new beginning") {
  firewall rules = host_with_chains();
  const egress_policy policy = sandbox(uid(1001));
  detail::incremental_family kept(rules, policy, family::ipv4);
  REQUIRE(kept.is_usable());
  CHECK(kept.forbidden() == no_packet);
  const ruleset& all = rules.v4.rulesets[0];
  const table& filter = *all.find(table_name::filter);
  chain& called = *rules.v4.rulesets[0].find(table_name::filter)->find("A");
  called.rules[1] = rule_of("-d 10.7.8.9/32 -j ACCEPT");  // an address that no rule named
  CHECK(kept.rule_changed(all, filter, called, 1));
  CHECK(kept.forbidden() != no_packet);
  called.rules[1] = rule_of("-d 10.7.8.9/32 -j DROP");
  CHECK(kept.rule_changed(all, filter, called, 1));
  CHECK(kept.forbidden() == no_packet);
  // A field that no rule asked for.
  called.rules[1] = rule_of("-m ttl --ttl-eq 64 -j DROP");
  CHECK_FALSE(kept.rule_changed(all, filter, called, 1));
}

TEST_CASE("a proof that is kept of what other machines send says what a new one says") {
  const egress_policy policy = packets_through(hook::forward);
  incremental_proof kept(host_with("-A OUTPUT -j ACCEPT\n-A FORWARD -s 10.0.0.0/8 -j DROP\n-A FORWARD -j DROP\n"),
                         policy);
  CHECK(kept.verdict() == answer::proved);
  REQUIRE(kept.replace({.chain = "OUTPUT", .number = 1}, rule_of("-j DROP")));
  CHECK(kept.verdict() == answer::proved);
  REQUIRE(kept.replace({.chain = "FORWARD", .number = 2}, rule_of("-d 10.9.0.2/32 -j ACCEPT")));
  CHECK(kept.verdict() == answer::leak);
  CHECK(told(kept.proof()) == told(prove(kept.rules(), policy)));
}
