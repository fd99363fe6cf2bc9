#include <cordon/prove/rule_survey.hpp>

#include <string>

#include <cordon/prove/difference.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"
#include "small_world.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

/// The rules of a program that some packet meets, one by one: what the survey says in one go.
class rules_met {
 public:
  explicit rules_met(const program& rules) : rules_(&rules) {
    for (const program_table& table : rules.tables) {
      met_.push_back({});
      for (const program_chain& chain : table.chains) met_.back().push_back(sequence<char>(chain.steps.size(), 0));
    }
  }

  void send(const packet& sent) { send(*rules_, sent); }
  /// In one order of the back ends.
  void send(const program& in_order, const packet& sent) {
    const outcome made = simulate(in_order, sent);
    for (const way_step& step : made.way) {
      if (step.what != way_step::kind::rule || step.uncertain) continue;
      for (std::uint32_t table = 0; table < rules_->tables.size(); ++table)
        for (std::uint32_t chain = 0; chain < rules_->tables[table].chains.size(); ++chain)
          if (rules_->tables[table].name == step.table && rules_->tables[table].ruleset_index == step.ruleset_index &&
              rules_->tables[table].chains[chain].source->name == step.chain)
            met_[table][chain][step.number - 1] = 1;
    }
    // What a match of legacy drops has no step.
    if (&in_order == rules_ && made.decided_by && made.decided_by->in_match)
      met_[made.decided_by->at.table][made.decided_by->at.chain][made.decided_by->at.step] = 1;
  }

  bool has(const decision_place& at) const { return met_[at.table][at.chain][at.rule] != 0; }

 private:
  const program* rules_;
  sequence<sequence<sequence<char>>> met_;
};

/// A firewall without some rules, last ones first.
firewall without(firewall of, family in, const sequence<decision_place>& places) {
  firewall left = of;
  const program rules = compile(of, in);
  for (std::size_t i = places.size(); i-- > 0;) {
    const decision_place& at = places[i];
    const std::size_t which = static_cast<std::size_t>(rules.tables[at.table].from - &of.of(in).rulesets[0]);
    auto& chain = left.of(in).rulesets[which].find(rules.tables[at.table].name)->chains[at.chain].rules;
    chain.erase(chain.begin() + at.rule);
  }
  return left;
}

sequence<decision_place> places_of(const sequence<dead_rule>& dead) {
  sequence<decision_place> places;
  for (const dead_rule& one : dead) places.push_back(one.at);
  return places;
}

void sort(sequence<decision_place>& places) {
  detail::sort(places, [](const decision_place& a, const decision_place& b) {
    if (a.table != b.table) return a.table < b.table;
    return a.chain != b.chain ? a.chain < b.chain : a.rule < b.rule;
  });
}

/// The places of dead and of needless rules, in their order.
sequence<decision_place> superfluous_in(rule_survey& survey) {
  sequence<decision_place> all = places_of(survey.dead());
  all.append(survey.needless().rules);
  sort(all);
  return all;
}

/// Why the rules of OUTPUT and A are dead, in the order of the survey.
std::string reasons_in(const std::string& lines, backend how = backend::nft) {
  const firewall host = host_with(lines, family::ipv4, how);
  const program rules = compile(host, family::ipv4);
  std::string all;
  for (const dead_rule& one : rule_survey(rules).dead()) {
    constexpr std::string_view names[] = {"nothing", "unreached", "behind", "covered", "kept away"};
    const rule_place at = detail::place_of(rules, one.at);
    all += testing::shown(at.chain) + " " + std::to_string(at.number) + " " +
           std::string(names[static_cast<unsigned>(one.why)]);
    for (const decision_place& by : one.by)
      all += " " + testing::shown(detail::place_of(rules, by).chain) + ":" + std::to_string(by.rule + 1);
    all += "\n";
  }
  return all;
}

std::string needless_in(const std::string& lines) {
  const firewall host = host_with(lines);
  const program rules = compile(host, family::ipv4);
  rule_survey survey(rules);
  std::string all;
  for (const decision_place& at : survey.needless().rules) {
    const rule_place place = detail::place_of(rules, at);
    all += testing::shown(place.chain) + ":" + std::to_string(place.number) + " ";
  }
  return all;
}

}  // namespace

TEST_CASE(
    "in small worlds a rule is dead exactly if no packet meets it, and needless if leaving it out changes "
    "nothing") {
  const sequence<packet> packets = small_world::all_packets();
  std::size_t wrong = 0;
  std::string first_wrong;
  const auto complain = [&](const firewall& live, const std::string& what) {
    if (wrong++ == 0) first_wrong = testing::shown(live) + what;
  };
  const auto fates = [&](const firewall& live) {
    const program rules = compile(live, family::ipv4);
    sequence<verdict> all;
    for (const packet& sent : packets)
      if (sent.state != connection_state::untracked) all.push_back(verdict_of(rules, sent));
    return all;
  };
  for (const auto& list : small_world::lists_of_rules(3))
    for (const bool accepts : {true, false}) {
      const backend how = list.size() % 2 == 0 ? backend::legacy : backend::nft;
      const firewall live = small_world::firewall_of(list, accepts, how);
      const program rules = compile(live, family::ipv4);
      rules_met met(rules);
      for (const packet& sent : packets)
        if (sent.state != connection_state::untracked) met.send(sent);
      rule_survey survey(rules);
      for (std::uint32_t chain = 0; chain < rules.tables[0].chains.size(); ++chain)
        for (std::uint32_t rule = 0; rule < rules.tables[0].chains[chain].steps.size(); ++rule)
          if (survey.lives({0, chain, rule}) != met.has({0, chain, rule}))
            complain(live, "rule " + std::to_string(rule + 1) + " of chain " + std::to_string(chain));
      if (list.size() == 3 && list[0] % 3 != 0) continue;  // what follows takes longer
      const sequence<decision_place> superfluous = superfluous_in(survey);
      const auto as_it_is = fates(live);
      if (fates(without(live, family::ipv4, superfluous)) != as_it_is) complain(live, "some rules are not needless");
      for (std::uint32_t chain = 0; chain < rules.tables[0].chains.size(); ++chain)
        for (std::uint32_t rule = 0; rule < rules.tables[0].chains[chain].steps.size(); ++rule) {
          if (detail::has(superfluous, decision_place{0, chain, rule})) continue;
          sequence<decision_place> one_more = superfluous;
          one_more.push_back({0, chain, rule});
          sort(one_more);
          if (fates(without(live, family::ipv4, one_more)) == as_it_is)
            complain(live, "rule " + std::to_string(rule + 1) + " of chain " + std::to_string(chain) + " is needless");
        }
    }
  INFO(first_wrong);
  CHECK(wrong == 0);
}

TEST_CASE("what the survey says holds for random packets, and by the difference of firewalls") {
  rc::prop("no packet meets a dead rule, and without it nothing differs", [] {
    const firewall live = *testing::firewalls({.with_opaque = true, .with_both_backends = true, .most_rules = 4});
    for (const family in : both_families) {
      const program rules = compile(live, in);
      const sequence<other_order> in_other_orders = other_orders(live, in, hook::output, tables_of_open_way(rules));
      rule_survey survey(rules, in_other_orders);
      RC_PRE(!survey.too_large());
      const sequence<decision_place> dead = places_of(survey.dead());
      rules_met met(rules);
      const packet_domain domain = packets_of_host(in);
      const predicate exist = detail::asked_packets(no_value, in, fields_tested(rules)).exist;
      for (const packet& sent : *rc::gen::container<sequence<packet>>(20, testing::packets_near(live).only(in).gen())) {
        bool fits = evaluate(exist, sent) == truth::yes;
        for (std::size_t i = 0; i < field_count; ++i)
          fits = fits && domain.of[i].contains(value_of(sent, static_cast<field>(i)));
        if (!fits) continue;
        met.send(sent);
        for (const other_order& one : in_other_orders) met.send(one.steps, sent);
      }
      for (const decision_place& at : dead) RC_ASSERT_FALSE(met.has(at));
      // Of many orders those behind the first few are compared with what never decides, which asks too.
      const comparison answer = differences(live, without(live, in, dead)).of(in).answer;
      RC_ASSERT(answer == comparison::same ||
                (answer == comparison::unknown && in_other_orders.size() > 3 && detail::asks_again(rules)));
    }
  });
  rc::prop("without needless rules too nothing differs", [] {
    const firewall live = *testing::firewalls({.with_both_backends = true, .most_rules = 4});
    for (const family in : both_families) {
      const program rules = compile(live, in);
      const sequence<other_order> in_other_orders = other_orders(live, in, hook::output, tables_of_open_way(rules));
      rule_survey survey(rules, in_other_orders);
      RC_PRE(!survey.too_large());
      // What is asked anew each time is paired in the order of asking, and a needless rule asks too.
      const comparison answer = differences(live, without(live, in, superfluous_in(survey))).of(in).answer;
      RC_ASSERT(answer == comparison::same || (answer == comparison::unknown && detail::asks_again(rules)));
    }
  });
}

TEST_CASE("the rules that cover one are the same whether they are looked at one by one or all at once") {
  rc::prop("behind a rule that leads to an empty chain it is all at once", [] {
    std::string lines;
    const auto port = [] { return *rc::gen::inRange(0, 12); };
    for (int rules = *rc::gen::inRange(2, 12); rules > 0; --rules) {
      const int low = port();
      lines += "-A OUTPUT -p tcp -m tcp --dport " + std::to_string(low) + ":" + std::to_string(low + port()) + " -j " +
               *rc::gen::element<std::string>("ACCEPT", "DROP", "RETURN", "LOG", "REJECT") + "\n";
    }
    // Legacy drops what is cut off; and what mangle drops no rule of filter covers.
    const backend how = *rc::gen::element(backend::nft, backend::legacy);
    if (port() == 0) lines += "COMMIT\n*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -m tcp --dport 3:9 -j DROP\n";
    const firewall one_by_one = host_with(lines, family::ipv4, how);
    const firewall all_at_once = host_with(":EMPTY - [0:0]\n-A OUTPUT -j EMPTY\n" + lines, family::ipv4, how);
    const auto dead_in = [](const firewall& host, std::uint32_t first) {
      const program rules = compile(host, family::ipv4);
      rule_survey survey(rules);
      sequence<dead_rule> dead = survey.dead();
      std::string said;
      for (dead_rule& one : dead) {
        detail::sort(one.by, [](const decision_place& a, const decision_place& b) { return a.rule < b.rule; });
        if (rules.tables[one.at.table].name != table_name::filter) continue;
        said += std::to_string(one.at.rule - first) + (one.why == dead_reason::covered ? " covered by" : " otherwise");
        for (const decision_place& by : one.by) said += " " + std::to_string(by.rule - first);
        said += "\n";
      }
      return said;
    };
    const std::string dead = dead_in(one_by_one, 0);
    RC_CLASSIFY(!dead.empty());
    RC_ASSERT(dead == dead_in(all_at_once, 1));
  });
}

TEST_CASE("why thousands of rules never decide is known, where one takes the packets of all of them") {
  std::string lines = "-A OUTPUT -p tcp -j ACCEPT\n";
  for (int i = 0; i < 8000; ++i)
    lines += "-A OUTPUT -d 10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".1 -p tcp -j DROP\n";
  const firewall host = host_with(lines);
  const program rules = compile(host, family::ipv4);
  rule_survey survey(rules);
  const sequence<dead_rule> dead = survey.dead();
  CHECK_FALSE(survey.too_large());
  REQUIRE(dead.size() == 8000);
  CHECK(dead.back().why == dead_reason::covered);
  REQUIRE(dead.back().by.size() == 1);
  CHECK(dead.back().by[0].rule == 0);
}

TEST_CASE("where both back ends have rules, a rule is dead or needless that is in either order of them") {
  const auto found = [](const std::string& legacy, const std::string& nft) {
    firewall host;
    host.v6 = family_rules::none();
    host.v4.rulesets.push_back(read_rules(legacy, family::ipv4, backend::legacy));
    host.v4.rulesets.push_back(read_rules(nft, family::ipv4, backend::nft));
    const program rules = compile(host, family::ipv4);
    const sequence<other_order> in_other_orders =
        other_orders(host, family::ipv4, hook::output, tables_of_open_way(rules));
    rule_survey survey(rules, in_other_orders);
    std::string all;
    const auto tell = [&](const char* what, const decision_place& at) {
      all += what + std::to_string(rules.tables[at.table].ruleset_index) + ":" + std::to_string(at.rule + 1) + " ";
    };
    for (const dead_rule& one : survey.dead()) tell("dead ", one.at);
    for (const decision_place& one : survey.needless().rules) tell("needless ", one);
    return all;
  };
  const std::string drops = "*filter\n-A OUTPUT -p tcp -j DROP\nCOMMIT\n";
  // Each takes from the other what it has, if it is first; either alone is enough, but not neither.
  CHECK(found(drops, "*filter\n-A OUTPUT -p tcp -j REJECT\nCOMMIT\n") == "");
  CHECK(found(drops, "*filter\n-A OUTPUT -p tcp -j DROP\n-A OUTPUT -p tcp --dport 80 -j ACCEPT\nCOMMIT\n") ==
        "dead 1:2 ");
  CHECK(found("*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n",
              "*mangle\n-A OUTPUT -m mark ! --mark 1 -j DROP\nCOMMIT\n") == "");
  CHECK(found("*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n",
              "*filter\n-A OUTPUT -m mark ! --mark 1 -j DROP\nCOMMIT\n") == "dead 1:1 ");
  CHECK(found(drops, "*filter\n-A OUTPUT -p udp -j ACCEPT\nCOMMIT\n") == "needless 1:1 ");
}

TEST_CASE("each dead rule has a reason") {
  CHECK(reasons_in("-A OUTPUT -j ACCEPT\n-A OUTPUT -p tcp -j DROP\n") == "OUTPUT 2 behind OUTPUT:1\n");
  CHECK(reasons_in("-A OUTPUT -m mark --mark 0x5/0x4 -j DROP\n") == "OUTPUT 1 nothing\n");
  CHECK(reasons_in("-A OUTPUT -d 10.0.0.0/9 -j DROP\n-A OUTPUT -p tcp -j LOG\n-A OUTPUT -d 10.128.0.0/9 -j ACCEPT\n"
                   "-A OUTPUT -d 10.0.0.0/8 -p tcp -j ACCEPT\n") == "OUTPUT 4 covered OUTPUT:1 OUTPUT:3\n");
  CHECK(reasons_in(":A - [0:0]\n-A A -j DROP\n") == "A 1 unreached\n");
  CHECK(reasons_in(":A - [0:0]\n-A OUTPUT -p tcp -j A\n-A A -p udp -j DROP\n-A A -j DROP\n-A A -j LOG\n") ==
        "A 1 kept away\nA 3 behind A:2\n");
  CHECK(reasons_in(":A - [0:0]\n-A OUTPUT -j A\n-A OUTPUT -p udp -j DROP\n-A A -p udp -j ACCEPT\n") ==
        "OUTPUT 2 covered A:1\n");
  // Whether a packet that a limit lets pass comes there is not known, and so that rule lives.
  CHECK(reasons_in("-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j DROP\n") == "");
}

TEST_CASE("a rule is needless if what stands behind it does the same; one that is seen is not") {
  CHECK(needless_in("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -j ACCEPT\n") == "OUTPUT:1 OUTPUT:2 ");
  CHECK(needless_in(":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -j ACCEPT\n") == "OUTPUT:1 ");
  CHECK(needless_in(":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -j REJECT\n") == "");
  CHECK(needless_in("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -j LOG\n") == "");
  CHECK(needless_in(":A - [0:0]\n-A OUTPUT -j A\n-A A -p tcp -j RETURN\n") == "OUTPUT:1 A:1 ");
}
