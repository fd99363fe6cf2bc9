#include <cordon/prove/difference.hpp>

#include <string>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/mutants.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/writer.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr testing::firewall_setting with_doubts{.with_opaque = true, .with_both_backends = true, .most_rules = 4};
constexpr testing::firewall_setting without_doubts{.with_both_backends = true};

/// A firewall without one of its rules, if it has any.
firewall without_a_rule(firewall of) {
  sequence<sequence<rule>*> places;
  for (const family in : both_families)
    for (ruleset& rules : of.of(in).rulesets)
      for (table& one : rules.tables)
        for (chain& each : one.chains)
          if (!each.rules.empty()) places.push_back(&each.rules);
  if (places.empty()) return of;
  sequence<rule>& from = *places[*rc::gen::inRange<std::size_t>(0, places.size())];
  from.erase(from.begin() + *rc::gen::inRange<std::size_t>(0, from.size()));
  return of;
}

/// A firewall with one small edit, if it takes any.
firewall with_an_edit(const firewall& of) {
  const sequence<testing::mutant> all = testing::mutants_of(of);
  if (all.empty()) return of;
  return all[*rc::gen::inRange<std::size_t>(0, all.size())].of(of);
}

/// Two firewalls, mostly alike, and who is asked about.
struct compared_pair {
  firewall before;
  firewall after;
  maybe<egress_policy> sandbox;
  firewall_difference answer;

  static compared_pair draw(const testing::firewall_setting& setting) {
    const egress_policy policy = *testing::policies();
    const firewall one = *testing::firewalls_for(policy, setting);
    const int how = *rc::gen::inRange(0, 4);
    const firewall other = how == 0   ? without_a_rule(one)
                           : how == 1 ? with_an_edit(one)
                           : how == 2 ? *testing::firewalls_for(policy, setting)
                                      : *testing::firewalls(setting);
    maybe<egress_policy> sandbox;
    if (*rc::gen::arbitrary<bool>()) sandbox = policy;
    const bool swapped = *rc::gen::arbitrary<bool>();
    const firewall& before = swapped ? other : one;
    const firewall& after = swapped ? one : other;
    return {before, after, sandbox, differences(before, after, sandbox)};
  }

  /// The tables of the second firewall that are asked in the order of the first where `reversed` are of that.
  table_set reversed_after(family in, table_set reversed = 0) const {
    const sequence<ruleset>& was = before.of(in).rulesets;
    const sequence<ruleset>& is = after.of(in).rulesets;
    const bool is_turned = was.size() == 2 && is.size() == 2 && was[0].backend != is[0].backend;
    return static_cast<table_set>(is_turned ? ~reversed : reversed);
  }

  /// Packets near the rules of either side that the question is about. Whether a RELATED one is the first of
  /// its connection is not seen, and not in a region.
  sequence<packet> packets(family in) const {
    sequence<packet> made;
    const field_set tested = fields_tested(compile(before, in)) | fields_tested(compile(after, in));
    const detail::asked_packets asked(sandbox, in, tested);
    for (const firewall* const one : {&before, &after}) {
      const auto near = sandbox ? testing::packets_near(*one).of(*sandbox) : testing::packets_near(*one);
      for (packet sent : *rc::gen::container<sequence<packet>>(10, near.only(in).gen())) {
        sent.expected_first = 0;
        bool fits = evaluate(asked.exist, sent) == truth::yes;
        for (std::size_t i = 0; i < field_count; ++i)
          fits = fits && asked.domain.of[i].contains(value_of(sent, static_cast<field>(i)));
        if (fits) made.push_back(sent);
      }
    }
    return made;
  }
};

bool is_in(const family_difference& all, difference_kind kind, bool surely, const packet& sent) {
  for (const difference& one : all.differences)
    if (one.kind == kind && one.surely == surely && holds(one.region, sent)) return true;
  return false;
}

bool is_whole(const family_difference& all) {
  for (const difference& one : all.differences)
    if (!one.region_is_whole) return false;
  return !all.too_large;
}

/// What the simulator says of one packet on both sides.
struct pair_of_fates {
  outcome before;
  outcome after;

  bool surely(difference_kind kind) const {
    switch (kind) {
      case difference_kind::let_out: return !before.possible.may_accept() && !after.possible.may_stop();
      case difference_kind::stopped: return !before.possible.may_stop() && !after.possible.may_accept();
      case difference_kind::goes_elsewhere: break;
    }
    if (before.possible.may_stop() || after.possible.may_stop()) return false;
    for (const field which : goal_fields) {
      if (contains(before.open | after.open, which)) continue;
      if (value_of(before.became, which) != value_of(after.became, which)) return true;
    }
    return false;
  }
  bool perhaps(difference_kind kind) const {
    switch (kind) {
      case difference_kind::let_out: return before.possible.may_stop() && after.possible.may_accept();
      case difference_kind::stopped: return before.possible.may_accept() && after.possible.may_stop();
      case difference_kind::goes_elsewhere: break;
    }
    if (!before.possible.may_accept() || !after.possible.may_accept()) return false;
    for (const field which : goal_fields)
      if (contains(before.open | after.open, which) || value_of(before.became, which) != value_of(after.became, which))
        return true;
    return false;
  }
};

/// What the simulator says on both sides in each order of the back ends, the same on both.
class fates_in_each_order {
 public:
  fates_in_each_order(const compared_pair& asked, family in) {
    const bool both = asked.before.of(in).rulesets.size() == 2 || asked.after.of(in).rulesets.size() == 2;
    for (unsigned number = 0; number < (both ? 32U : 1U); ++number) {
      const auto reversed = static_cast<table_set>(number);
      before_.push_back(compile(asked.before, in, hook::output, reversed));
      after_.push_back(compile(asked.after, in, hook::output, asked.reversed_after(in, reversed)));
    }
  }
  void send(const packet& sent) {
    met_.clear();
    for (std::size_t i = 0; i < before_.size(); ++i)
      met_.push_back({simulate(before_[i], sent), simulate(after_[i], sent)});
  }
  bool surely(difference_kind kind) const {
    return detail::all_of(met_, [&](const pair_of_fates& one) { return one.surely(kind); });
  }
  bool perhaps(difference_kind kind) const {
    return detail::any_of(met_, [&](const pair_of_fates& one) { return one.perhaps(kind); });
  }
  bool are_the_same() const {
    return detail::all_of(met_, [&](const pair_of_fates& one) {
      return one.before.possible.may_accept() == one.after.possible.may_accept() &&
             one.before.possible.may_stop() == one.after.possible.may_stop();
    });
  }
  std::string shown() const {
    std::string all;
    for (const pair_of_fates& one : met_)
      all += " " + testing::shown(to_text(one.before.verdict)) + " " + testing::shown(to_text(one.after.verdict));
    return all;
  }

 private:
  sequence<program> before_;
  sequence<program> after_;
  sequence<pair_of_fates> met_;
};

constexpr difference_kind all_kinds[] = {difference_kind::let_out, difference_kind::stopped,
                                         difference_kind::goes_elsewhere};

difference_kind mirrored(difference_kind kind) {
  return kind == difference_kind::let_out   ? difference_kind::stopped
         : kind == difference_kind::stopped ? difference_kind::let_out
                                            : kind;
}

firewall reread(const firewall& of) {
  firewall made = of;
  for (const family in : both_families)
    for (ruleset& rules : made.of(in).rulesets)
      rules = read_rules(std::string(write_ruleset(rules, in).view()), in, rules.backend);
  return made;
}

firewall host_with_table(const std::string& table, const std::string& lines) {
  firewall made;
  made.v4 = read_rules("*" + table + "\n" + lines + "COMMIT\n");
  made.v6 = family_rules::none();
  return made;
}

}  // namespace

TEST_CASE("a packet is in a region exactly if the simulator says so on both sides") {
  rc::prop("where every packet decides", [] {
    const compared_pair asked = compared_pair::draw(without_doubts);
    for (const family in : both_families) {
      fates_in_each_order met(asked, in);
      fates_in_each_order met_first = met;
      const family_difference& said = asked.answer.of(in);
      RC_PRE(is_whole(said));
      for (const packet& sent : asked.packets(in)) {
        met.send(sent);
        packet first = sent;
        if (sent.state == connection_state::related) first.expected_first = 1;
        met_first.send(first);
        RC_LOG() << testing::shown(sent) << met.shown() << "\n";
        for (const difference_kind kind : all_kinds) {
          // A target may choose, and does it alike on both sides only if it chooses from the same.
          if (met.perhaps(kind) != met.surely(kind) || met_first.perhaps(kind) != met_first.surely(kind)) continue;
          RC_ASSERT(is_in(said, kind, true, sent) == (met.surely(kind) || met_first.surely(kind)));
        }
      }
    }
  });
  rc::prop("where they do not, what is sure is, and what is not told cannot be", [] {
    const compared_pair asked = compared_pair::draw(with_doubts);
    for (const family in : both_families) {
      fates_in_each_order met(asked, in);
      const family_difference& said = asked.answer.of(in);
      RC_PRE(is_whole(said));
      for (const packet& sent : asked.packets(in)) {
        if (sent.state == connection_state::related) continue;
        met.send(sent);
        RC_LOG() << testing::shown(sent) << met.shown() << "\n";
        for (const difference_kind kind : all_kinds) {
          if (is_in(said, kind, true, sent)) RC_ASSERT(met.perhaps(kind));
          if (met.surely(kind)) RC_ASSERT((is_in(said, kind, true, sent) || is_in(said, kind, false, sent)));
          if (kind != difference_kind::goes_elsewhere && is_in(said, kind, true, sent)) RC_ASSERT(met.surely(kind));
        }
        if (said.answer == comparison::same) RC_ASSERT(met.are_the_same());
      }
    }
  });
}

TEST_CASE("what is told of a difference is so for its witness") {
  rc::prop("the rules of both sides, and the ways", [] {
    const compared_pair asked = compared_pair::draw(without_doubts);
    for (const family in : both_families) {
      const program before = compile(asked.before, in);
      const program after = compile(asked.after, in, hook::output, asked.reversed_after(in));
      for (const difference& one : asked.answer.of(in).differences) {
        if (!one.surely) continue;
        const pair_of_fates met{simulate(before, one.witness), simulate(after, one.witness)};
        RC_LOG() << testing::shown(one.witness) << "\n";
        // Where a target chooses, more is known of what it may choose than is looked at here.
        RC_ASSERT((one.kind == difference_kind::goes_elsewhere ? met.perhaps(one.kind) : met.surely(one.kind)));
        RC_ASSERT(met.before.way == one.before.way);
        RC_ASSERT(met.after.way == one.after.way);
        if (one.kind == difference_kind::goes_elsewhere) continue;
        for (const bool is_before : {true, false}) {
          const outcome& simulated = is_before ? met.before : met.after;
          const maybe<rule_place>& by = is_before ? one.before.by : one.after.by;
          if (simulated.accepted() || !simulated.decided_by) continue;
          // Of several that may stop it the first is told.
          if (detail::any_of(simulated.way, [](const way_step& step) { return step.uncertain; })) continue;
          RC_ASSERT(by.has_value());
          RC_ASSERT(by->table == simulated.decided_by->step.table);
          RC_ASSERT(by->chain == simulated.decided_by->step.chain.view());
          const bool is_policy = simulated.decided_by->source == nullptr;
          RC_ASSERT(by->number == (is_policy ? 0 : simulated.decided_by->at.step + 1));
        }
      }
    }
  });
}

TEST_CASE("two firewalls are the same if they are in each order of the back ends, the same on both sides") {
  const auto host = [](const std::string& legacy, const std::string& nft, bool nft_first = false) {
    firewall made;
    made.v6 = family_rules::none();
    made.v4.rulesets.push_back(read_rules("*mangle\n" + legacy + "COMMIT\n", family::ipv4, backend::legacy));
    made.v4.rulesets.insert(made.v4.rulesets.begin() + (nft_first ? 0 : 1),
                            read_rules("*mangle\n" + nft + "COMMIT\n", family::ipv4, backend::nft));
    return made;
  };
  const std::string marks = "-A OUTPUT -p tcp -j MARK --set-mark 1\n";
  const std::string drops = "-A OUTPUT -m mark --mark 1 -j DROP\n";
  // The one order stops TCP without mark, the other does not.
  const family_difference made = differences(host(marks, ""), host(marks, drops)).v4;
  CHECK(made.answer == comparison::different);  // with the mark on entry all is stopped
  REQUIRE(made.differences.size() == 2);
  CHECK(made.differences[0].surely);
  CHECK(made.differences[0].witness.mark == 1);
  CHECK_FALSE(made.differences[1].surely);
  CHECK(made.differences[1].witness.protocol == protocol::tcp);
  REQUIRE(made.doubts.size() == 1);
  CHECK(made.doubts[0].match == which_is_first);
  const family_difference sandboxed = differences(host(marks, ""), host(marks, drops), sandbox(uid{1001})).v4;
  CHECK(sandboxed.answer == comparison::unknown);
  // The files in another order are the same host.
  for (const bool before : {true, false})
    CHECK(differences(host(marks, drops, before), host(marks, drops, !before)).answer() == comparison::same);
  CHECK(differences(host(marks, drops), host(drops, marks)).answer() == comparison::different);
}

TEST_CASE("swapping the sides swaps the regions") {
  rc::prop("of every kind", [] {
    const compared_pair asked = compared_pair::draw(with_doubts);
    const firewall_difference swapped = differences(asked.after, asked.before, asked.sandbox);
    for (const family in : both_families) {
      const family_difference& said = asked.answer.of(in);
      const family_difference& other = swapped.of(in);
      RC_ASSERT(said.answer == other.answer);
      RC_PRE(is_whole(said) && is_whole(other));
      for (const packet& sent : asked.packets(in))
        for (const difference_kind kind : all_kinds)
          for (const bool surely : {true, false})
            RC_ASSERT(is_in(said, kind, surely, sent) == is_in(other, mirrored(kind), surely, sent));
    }
  });
}

TEST_CASE("a firewall does not differ from itself, nor from what its own text reads as") {
  rc::prop("also where no packet decides", [] {
    const firewall live = *testing::firewalls(with_doubts);
    maybe<egress_policy> sandbox;
    if (*rc::gen::arbitrary<bool>()) sandbox = *testing::policies();
    for (const firewall& other : {live, reread(live)}) {
      const firewall_difference made = differences(live, other, sandbox);
      RC_ASSERT(made.answer() == comparison::same);
      RC_ASSERT((made.v4.differences.empty() && made.v6.differences.empty()));
    }
  });
}

namespace {
const egress_policy sandbox_1001 = sandbox(uid{1001});
}  // namespace

TEST_CASE("the incident's fix stops the sandbox by lo, and opens the resolver's address by other interfaces") {
  // Of all senders on nft alone: the new rules of legacy also drop whatever raw socket's header is cut off.
  for (const maybe<egress_policy>& sandbox : {maybe<egress_policy>(sandbox_1001), maybe<egress_policy>()})
    for (const backend how : {backend::legacy, backend::nft}) {
      if (!sandbox && how == backend::legacy) continue;
      const firewall_difference made = differences(incident("before", how), incident("after", how), sandbox);
      CHECK(made.answer() == comparison::different);
      CHECK(made.v6.answer == comparison::same);
      REQUIRE(made.v4.differences.size() >= 2);
      packet sent;
      sent.owner.uid = 1001;
      sent.destination = sent.source = 0x7f000001;
      sent.out = "lo";
      for (const unsigned port : {8000U, 6379U, 18443U}) {
        sent.second_word = static_cast<std::uint16_t>(port);
        CHECK(is_in(made.v4, difference_kind::stopped, true, sent) == (port != 18443));
        CHECK_FALSE(is_in(made.v4, difference_kind::let_out, true, sent));
      }
      sent.second_word = 8000;
      sent.owner.uid = 1002;
      CHECK((sandbox || !is_in(made.v4, difference_kind::stopped, true, sent)));
      for (const difference& one : made.v4.differences) {
        REQUIRE(one.surely);
        CHECK(one.witness.owner.uid == 1001);
        const bool by_lo = one.witness.out == interface_name("lo");
        CHECK(by_lo == (one.kind == difference_kind::stopped));
        if (by_lo) {
          CHECK(one.before.by->number == 2);
          // A TCP fragment that begins behind the ports is dropped by the match of legacy's rule 3 already.
          CHECK((one.after.by->number == 4 || (how == backend::legacy && one.after.by->number == 3)));
        } else {
          CHECK(to_text(one.witness.destination_address()) == "127.0.0.53");
          CHECK(one.before.by->number == 3);
        }
      }
    }
}

TEST_CASE("of packets that both let out the ones differ that nat leads to another place") {
  const firewall plain = host_with_table("nat", "");
  const firewall led = host_with_table("nat", "-A OUTPUT -p tcp --dport 80 -j DNAT --to-destination 192.0.2.1:8080\n");
  const firewall_difference made = differences(plain, led);
  REQUIRE(made.v4.differences.size() == 1);
  const difference& one = made.v4.differences[0];
  CHECK(one.kind == difference_kind::goes_elsewhere);
  CHECK(one.surely);
  CHECK_FALSE(one.before.by);
  CHECK(one.before.reaches.empty());
  CHECK(one.after.by->number == 1);
  CHECK(one.after.reaches == "192.0.2.1:8080");
  CHECK(differences(led, led).answer() == comparison::same);
  const firewall nowhere_else =
      host_with_table("nat", "-A OUTPUT -d 192.0.2.1/32 -p tcp --dport 80 -j DNAT --to-destination 192.0.2.1:80\n");
  CHECK(differences(plain, nowhere_else).answer() == comparison::same);
}

TEST_CASE("a difference that hangs on what no packet decides is possible, and says on what") {
  const firewall limited = host_with("-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j DROP\n");
  const firewall slower = host_with("-A OUTPUT -m limit --limit 4/sec -j ACCEPT\n-A OUTPUT -j DROP\n");
  const firewall_difference made = differences(limited, slower);
  CHECK(made.answer() == comparison::unknown);
  REQUIRE(made.v4.differences.size() == 2);
  CHECK_FALSE(made.v4.differences[0].surely);
  CHECK(made.v4.doubts.size() == 2);
  CHECK(differences(limited, limited).answer() == comparison::same);
  // A rule that decides nothing takes no part.
  const firewall logged = host_with(
      "-A OUTPUT -m limit --limit 5/sec -j LOG\n-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j "
      "DROP\n");
  CHECK(differences(limited, logged).answer() == comparison::same);
}

TEST_CASE("a family that one host does not have is stopped there") {
  firewall one = host_with("-A OUTPUT -j DROP\n");
  firewall other = one;
  other.v6 = family_rules{};
  const firewall_difference made = differences(one, other);
  CHECK(made.v4.answer == comparison::same);
  REQUIRE(made.v6.differences.size() == 1);
  CHECK(made.v6.differences[0].kind == difference_kind::let_out);
  CHECK(made.v6.differences[0].region == sequence<box>{{.family = family::ipv6}});
}
