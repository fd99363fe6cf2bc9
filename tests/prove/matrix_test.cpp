#include <cordon/prove/matrix.hpp>

#include <string>

#include <cordon/prove/policy_text.hpp>
#include <cordon/render/json.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "judgement.hpp"
#include "rules.hpp"
#include "small_world.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

/// Three sandboxes on a host that has something to do with one of them.
struct shared_host {
  sequence<named_policy> sandboxes;
  firewall live;
  sandbox_matrix answer;

  static shared_host draw(const testing::firewall_setting& setting) {
    shared_host made;
    for (const char* const name : {"a", "b", "c"}) made.sandboxes.push_back({name, *testing::policies()});
    const egress_policy& policy = made.sandboxes[*rc::gen::inRange<std::size_t>(0, 3)].policy;
    const bool is_close = *rc::gen::inRange(0, 2) == 0;
    made.live = is_close ? *testing::firewalls_for(policy, setting) : *testing::firewalls(setting);
    made.answer = matrix(made.live, made.sandboxes);
    return made;
  }

  /// Packets of one sandbox, around the endpoints of all others too.
  sequence<packet> packets(std::size_t from, family in) const {
    egress_policy all = sandboxes[from].policy;
    for (const named_policy& other : sandboxes)
      for (const endpoint& one : other.policy) all.allow(one);
    return *rc::gen::container<sequence<packet>>(20, testing::packets_near(live).of(all).only(in).gen());
  }
  /// The crossings from one sandbox.
  sequence<crossing> from(std::size_t sandbox) const {
    sequence<crossing> made;
    for (const crossing& one : answer.crossings)
      if (one.from == sandbox) made.push_back(one);
    return made;
  }
};

// Asked for each sandbox in each order of the back ends: few rules a chain.
constexpr testing::firewall_setting any_host{.with_opaque = true, .with_both_backends = true, .most_rules = 4};
constexpr testing::firewall_setting decided_host{.with_both_backends = true};

/// Whether a packet that is let out goes where an endpoint is, or where nat leads what is sent there.
truth is_at(const endpoint& of, const program& rules, const packet& sent, const outcome& made) {
  const auto goes = [&](const endpoint& where) {
    return evaluate(with_choices(goes_to(where, sent.family), made.among), made.became, made.open);
  };
  endpoint place = of;
  place.out = {};
  return both(leaves_by(of, rules, sent, made),
              place.rewritten_to ? either(goes(place), goes(where_led(place))) : goes(place));
}

truth is_at_any(const egress_policy& policy, const program& rules, const packet& sent, const outcome& made) {
  truth any = truth::no;
  for (const endpoint& one : policy) any = either(any, is_at(one, rules, sent, made));
  return any;
}

/// Whether a packet crosses, whichever back end is asked first: it gets out, its own policy forbids that, and it goes to an
/// endpoint of the other.
escape crossing_of(const sequence<program>& orders, const egress_policy& own, const egress_policy& other,
                   const packet& sent) {
  escape all{.surely = true};
  for (const program& rules : orders) {
    const escape found = escape_of(rules, own, sent);
    const truth at = is_at_any(other, rules, sent, simulate(rules, sent));
    all.is_clear = all.is_clear && found.is_clear && at != truth::unknown;
    all.surely = all.surely && found.surely && at == truth::yes;
    all.perhaps = all.perhaps || (found.perhaps && at != truth::no);
  }
  return all;
}

bool is_in(const family_crossing& of, const packet& sent) {
  for (const leak& one : of.leaks)
    if (holds(one.region, sent)) return true;
  return false;
}

bool is_whole(const family_crossing& of) {
  for (const leak& one : of.leaks)
    if (!one.region_is_whole) return false;
  return !of.too_large;
}

}  // namespace

TEST_CASE("of several sandboxes each is judged as it is alone") {
  rc::prop("to the last word", [] {
    const shared_host asked = shared_host::draw(any_host);
    RC_ASSERT(asked.answer.sandboxes.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      RC_ASSERT(asked.answer.sandboxes[i].name == asked.sandboxes[i].name);
      RC_ASSERT(write_json(asked.answer.sandboxes[i].proof) ==
                write_json(prove(asked.live, asked.sandboxes[i].policy)));
    }
  });
}

TEST_CASE("there is a crossing from each sandbox to each other, and it is a part of what leaks") {
  rc::prop("in their order", [] {
    const shared_host asked = shared_host::draw(any_host);
    RC_ASSERT(asked.answer.crossings.size() == 6);
    for (std::size_t from = 0; from < 3; ++from)
      for (std::size_t to = 0; to < 3; ++to) {
        if (from == to) continue;
        const crossing& one = asked.answer.of(from, to);
        RC_ASSERT((one.from == from && one.to == to));
        const proof& own = asked.answer.sandboxes[from].proof;
        for (const family in : both_families) {
          const family_crossing& here = one.of(in);
          RC_ASSERT((here.answer == answer::absent) == (own.of(in).answer == answer::absent));
          if (here.answer == answer::leak) RC_ASSERT(own.of(in).answer == answer::leak);
          if (here.answer == answer::unknown && !here.too_large) RC_ASSERT(own.of(in).answer != answer::proved);
          if (!here.too_large) RC_ASSERT((here.answer == answer::leak) == !here.leaks.empty());
        }
      }
  });
}

TEST_CASE("a packet crosses exactly if the simulator lets it out to another's endpoint against its own policy") {
  rc::prop("it is in a region, and that endpoint is named", [] {
    const shared_host asked = shared_host::draw(decided_host);
    for (const family in : both_families) {
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      for (std::size_t from = 0; from < 3; ++from) {
        const egress_policy& own = asked.sandboxes[from].policy;
        for (packet sent : asked.packets(from, in)) {
          sent.expected_first = 0;
          if (!is_judged(rules, own, sent)) continue;
          packet first = sent;
          first.expected_first = sent.state == connection_state::related ? 1 : 0;
          RC_LOG() << testing::shown(sent) << "\n";
          for (const crossing& one : asked.from(from)) {
            const family_crossing& here = one.of(in);
            const egress_policy& other = asked.sandboxes[one.to].policy;
            const escape found = crossing_of(orders, own, other, sent);
            const escape found_first = crossing_of(orders, own, other, first);
            if (!is_whole(here) || !found.is_clear || !found_first.is_clear) continue;
            RC_ASSERT(is_in(here, sent) == (found.surely || found_first.surely));
            if (!found.surely) continue;
            for (std::size_t i = 0; i < other.size(); ++i)
              if (detail::all_of(orders, [&](const program& one_order) {
                    return is_at(other[i], one_order, sent, simulate(one_order, sent)) == truth::yes;
                  }))
                RC_ASSERT(detail::has(here.reached, i));
          }
        }
      }
    }
  });
  rc::prop("where no packet decides, what is apart never is, and what is unknown never surely is", [] {
    const shared_host asked = shared_host::draw(any_host);
    for (const family in : both_families) {
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      for (std::size_t from = 0; from < 3; ++from) {
        const egress_policy& own = asked.sandboxes[from].policy;
        for (const packet& sent : asked.packets(from, in)) {
          if (!is_judged(rules, own, sent)) continue;
          RC_LOG() << testing::shown(sent) << "\n";
          for (const crossing& one : asked.from(from)) {
            const escape found = crossing_of(orders, own, asked.sandboxes[one.to].policy, sent);
            if (!found.is_clear) continue;
            if (one.of(in).answer == answer::proved) RC_ASSERT_FALSE(found.perhaps);
            if (one.of(in).answer == answer::unknown) RC_ASSERT_FALSE(found.surely);
          }
        }
      }
    }
  });
}

TEST_CASE("a crossing's witness crosses, by the rule and the way that are shown") {
  rc::prop("for every leak of every crossing", [] {
    const shared_host asked = shared_host::draw(any_host);
    for (const crossing& one : asked.answer.crossings)
      for (const family in : both_families) {
        const program rules = compile(asked.live, in);
        const sequence<program> orders = in_each_order(asked.live, in);
        const egress_policy& own = asked.sandboxes[one.from].policy;
        for (const leak& each : one.of(in).leaks) {
          RC_LOG() << testing::shown(each.witness) << "\n";
          RC_ASSERT(own.owns(each.witness));
          RC_ASSERT(is_judged(rules, own, each.witness));
          RC_ASSERT(simulate(rules, each.witness).way == each.way);
          const escape found = crossing_of(orders, own, asked.sandboxes[one.to].policy, each.witness);
          if (found.is_clear) RC_ASSERT(found.surely);
        }
      }
  });
}

TEST_CASE("in small worlds a crossing is right about every packet, for every list of up to two rules") {
  const sequence<named_policy> sandboxes = {
      {"nothing", sandbox(uid{1001})},
      {"web", sandbox(uid{1002}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80)},
      {"all", sandbox(uid{1001}).may_reach(protocol_set::all(), network{})},
  };
  const sequence<packet> packets = small_world::all_packets();
  std::size_t crossed = 0;
  std::size_t wrong = 0;
  for (const auto& list : small_world::lists_of_rules(2))
    for (const bool accepts : {true, false})
      for (const backend how : {backend::legacy, backend::nft}) {
        const firewall live = small_world::firewall_of(list, accepts, how);
        const program rules = compile(live, family::ipv4);
        const sandbox_matrix made = matrix(live, sandboxes);
        const family_crossing& to_web = made.of(0, 1).v4;
        bool some = false;
        for (const packet& sent : packets) {
          if (!is_judged(rules, sandboxes[0].policy, sent)) continue;
          const bool crosses = verdict_of(rules, sent).accepted() && sandboxes[1].policy.allows(sent);
          some = some || crosses;
          if (is_in(to_web, sent) != crosses) ++wrong;
        }
        crossed += some ? 1U : 0U;
        if (to_web.answer != (some ? answer::leak : answer::proved)) ++wrong;
        if ((to_web.reached == sequence<std::size_t>{0}) != some) ++wrong;
        // What is allowed to the one itself is no crossing.
        if (made.of(2, 1).answer() != answer::proved || made.of(2, 1).shared != sequence<std::size_t>{0}) ++wrong;
      }
  CHECK(wrong == 0);
  CHECK(crossed > 100);
}

namespace {

egress_policy with(egress_policy policy, std::string_view allowed) {
  policy.allow(*read_endpoint(allowed));
  return policy;
}

const sequence<named_policy> two = {{"ci", with(sandbox(uid{1001}), "tcp:127.0.0.1:18443")},
                                    {"build", with(sandbox(uid{1002}), "tcp:127.0.0.1:18444")}};

}  // namespace

TEST_CASE("what one sandbox reaches of another's in one order of the back ends alone is unknown") {
  const auto between = [](const std::string& legacy, const std::string& nft) {
    firewall host;
    host.v6 = family_rules::none();
    host.v4.rulesets.push_back(read_rules("*mangle\n" + legacy + "COMMIT\n", family::ipv4, backend::legacy));
    host.v4.rulesets.push_back(read_rules("*mangle\n" + nft + "COMMIT\n", family::ipv4, backend::nft));
    return matrix(host, two).of(0, 1).v4;
  };
  const std::string marks = "-A OUTPUT -p tcp -j MARK --set-mark 1\n";
  const std::string drops = "-A OUTPUT -m mark --mark 1 -j DROP\n";
  for (const family_crossing& made : {between(marks, drops), between(drops, marks)}) {
    CHECK(made.answer == answer::unknown);
    CHECK(made.leaks.empty());
    CHECK(made.reached.empty());
    CHECK(made.perhaps == sequence<std::size_t>{0});
    REQUIRE(made.doubts.size() == 1);
    CHECK(made.doubts[0].at.table == table_name::mangle);
    CHECK(made.doubts[0].match == which_is_first);
  }
  CHECK(between(marks, "-A OUTPUT -m mark --mark 2 -j DROP\n").answer == answer::leak);
}

TEST_CASE("a sandbox with a wide rule reaches the other's proxy, and not the other way round") {
  const sandbox_matrix made =
      matrix(host_with("-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n"
                       "-A OUTPUT -p tcp -d 127.0.0.1 --dport 18444 -m owner --uid-owner 1002 -j ACCEPT\n"
                       "-A OUTPUT -m owner --uid-owner 1001-1003 -j DROP\n"),
             {two[0], two[1], {"like ci", with(sandbox(uid{1003}), "tcp:127.0.0.1:18443")}});
  CHECK(made.verdict() == answer::leak);
  CHECK_FALSE(made.usable());  // of the third none is open
  CHECK(made.sandboxes[1].proof.proved());
  CHECK(made.of(1, 0).answer() == answer::proved);
  CHECK(made.of(0, 2).answer() == answer::proved);  // there it may go itself
  CHECK(made.of(0, 2).shared == sequence<std::size_t>{0});
  CHECK(made.of(0, 1).v6.answer == answer::absent);
  const family_crossing& found = made.of(0, 1).v4;
  CHECK(found.answer == answer::leak);
  CHECK(found.reached == sequence<std::size_t>{0});
  REQUIRE(found.leaks.size() == 1);
  CHECK(found.leaks[0].blame.number == 1);
  CHECK(found.leaks[0].witness.second_word == 18444);
  // The sandbox leaks more than that; of the crossing only this is told.
  packet elsewhere = found.leaks[0].witness;
  elsewhere.second_word = 8000;
  CHECK(holds(found.leaks[0].region, found.leaks[0].witness));
  CHECK_FALSE(holds(found.leaks[0].region, elsewhere));
  CHECK(holds(made.sandboxes[0].proof.v4.leaks[0].region, elsewhere));
}

TEST_CASE("a family without rules lets each sandbox reach what another has there") {
  firewall host = host_with("-A OUTPUT -j DROP\n");
  host.v6 = family_rules{};
  const sandbox_matrix made = matrix(
      host, {{"a", sandbox(uid{1001})}, {"b", with(sandbox(uid{1002}), "tcp:[::1]:18443")}, {"c", sandbox(uid{1003})}});
  CHECK(made.of(0, 1).v6.answer == answer::leak);
  CHECK(made.of(0, 1).v4.answer == answer::proved);
  CHECK(made.of(0, 2).answer() == answer::proved);
  CHECK(made.of(1, 0).answer() == answer::proved);
}

TEST_CASE("an endpoint that nat leads elsewhere is there too") {
  firewall host;
  host.v6 = family_rules::none();
  const sequence<named_policy> sandboxes = {{"a", sandbox(uid{1001})},
                                            {"b", with(sandbox(uid{1002}), "udp:192.0.2.1:53>127.0.0.1:5353")}};
  for (const bool is_led : {true, false}) {
    host.v4 = read_rules(
        "*nat\n-A OUTPUT -d 192.0.2.1 -p udp --dport 53 -j DNAT --to-destination 127.0.0.1:5353\nCOMMIT\n"
        "*filter\n:OUTPUT DROP\n-A OUTPUT -d 127.0.0.1 -p udp --dport " +
        std::string(is_led ? "5353" : "53") + " -j ACCEPT\nCOMMIT\n");
    const sandbox_matrix made = matrix(host, sandboxes);
    CHECK(made.of(0, 1).answer() == (is_led ? answer::leak : answer::proved));
    CHECK(made.sandboxes[0].proof.verdict() == answer::leak);
    if (is_led) CHECK(made.of(0, 1).v4.reached == sequence<std::size_t>{0});
  }
}

TEST_CASE("what hangs on no packet is unknown, and said") {
  const sandbox_matrix made = matrix(host_with("-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j DROP\n"), two);
  CHECK(made.verdict() == answer::unknown);
  const family_crossing& found = made.of(0, 1).v4;
  CHECK(found.answer == answer::unknown);
  CHECK(found.reached.empty());
  CHECK(found.perhaps == sequence<std::size_t>{0});
  REQUIRE(found.doubts.size() == 1);
  CHECK(found.doubts[0].match == "limit --limit 5/sec");
}

TEST_CASE("a rule that may have packets routed to another's endpoint is named") {
  const sandbox_matrix made =
      matrix(host_with("COMMIT\n*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j TOS --set-tos 0x10\n"),
             {{"a", sandbox(uid{1001})}, {"b", with(sandbox(uid{1002}), "udp:192.0.2.2:53@eth0")}});
  const family_crossing& found = made.of(0, 1).v4;
  CHECK(found.answer == answer::unknown);
  REQUIRE(found.doubts.size() == 1);
  CHECK(name_of(found.doubts[0].at.table) == "mangle");
  CHECK(found.doubts[0].match == "where -j TOS leads");
}

TEST_CASE("what both policies allow is shared, where packets exist that go to both endpoints") {
  const firewall none = host_with("-A OUTPUT -j DROP\n");
  const auto is_shared = [&](std::string_view one, std::string_view other) {
    const sandbox_matrix made =
        matrix(none, {{"a", with(sandbox(uid{1001}), one)}, {"b", with(sandbox(uid{1002}), other)}});
    CHECK(made.of(0, 1).shared.size() == made.of(1, 0).shared.size());
    return !made.of(0, 1).shared.empty();
  };
  CHECK(is_shared("udp,tcp:127.0.0.53:53", "udp:127.0.0.53:53"));
  CHECK(is_shared("any:127.0.0.0/8:any", "tcp:127.0.0.1:80"));
  CHECK(is_shared("tcp:127.0.0.1:80-90", "tcp:127.0.0.1:90-100"));
  CHECK(is_shared("tcp:127.0.0.1:80@lo", "tcp:127.0.0.1:80"));
  CHECK(is_shared("udp:192.0.2.1:53>127.0.0.1:5353", "udp:127.0.0.1:5353"));
  CHECK(is_shared("udp:192.0.2.1:53>127.0.0.1:5353", "udp:192.0.2.2:53>127.0.0.1:5353"));
  CHECK_FALSE(is_shared("tcp:127.0.0.1:80-90", "tcp:127.0.0.1:91"));
  CHECK_FALSE(is_shared("tcp:127.0.0.1:80", "udp:127.0.0.1:80"));
  CHECK_FALSE(is_shared("any:127.0.0.1:80", "icmp:127.0.0.1"));
  CHECK_FALSE(is_shared("tcp:127.0.0.1:80@lo", "tcp:127.0.0.1:80@eth0"));
  CHECK_FALSE(is_shared("tcp:127.0.0.1:80", "tcp:[::1]:80"));
  CHECK_FALSE(is_shared("tcp:10.0.0.0/8:80", "tcp:11.0.0.0/8:80"));
}

TEST_CASE("sandboxes whose owners overlap are said, with the owners that they have in common") {
  const firewall none = host_with("-A OUTPUT -j DROP\n");
  const sandbox_matrix made = matrix(none, {{"a", sandbox(uid{1000, 1005})},
                                            {"b", sandbox(uid{1005, 1009})},
                                            {"c", sandbox(uid{1006}, gid{5})},
                                            {"d", sandbox(gid{5})},
                                            {"e", sandbox(uid{1006}, gid{6})}});
  sequence<std::string> said;
  for (const owner_overlap& one : made.overlaps) {
    std::string words = std::to_string(one.first) + " " + std::to_string(one.second);
    if (one.user) words += " uid " + std::to_string(one.user->low) + "-" + std::to_string(one.user->high);
    if (one.group) words += " gid " + std::to_string(one.group->low) + "-" + std::to_string(one.group->high);
    said.push_back(words);
  }
  CHECK(said == sequence<std::string>{"0 1 uid 1005-1005", "0 3 uid 1000-1005 gid 5-5", "1 2 uid 1006-1006 gid 5-5",
                                      "1 3 uid 1005-1009 gid 5-5", "1 4 uid 1006-1006 gid 6-6",
                                      "2 3 uid 1006-1006 gid 5-5"});
}

TEST_CASE("what comes to FORWARD is judged by its rules, and belongs to no sandbox of this host") {
  firewall host;
  host.v6 = family_rules::none();
  host.v4 = read_rules("*filter\n-A OUTPUT -j DROP\n-A FORWARD -p udp -j ACCEPT\n-A FORWARD -j DROP\nCOMMIT\n");
  const sandbox_matrix made = matrix(host, {{"routed", packets_through(hook::forward)},
                                            {"own", with(sandbox(uid{1001}), "udp:10.0.0.1:53")},
                                            {"other", with(sandbox(uid{1002}), "tcp:10.0.0.1:53")}});
  CHECK(made.of(0, 1).v4.answer == answer::leak);
  REQUIRE(made.of(0, 1).v4.leaks.size() == 1);
  CHECK(made.of(0, 1).v4.leaks[0].blame.chain == "FORWARD");
  CHECK(made.of(0, 2).v4.answer == answer::proved);
  CHECK(made.of(1, 2).v4.answer == answer::proved);
  CHECK(made.sandboxes[1].proof.proved());
  CHECK(made.overlaps.empty());
}

TEST_CASE("of no sandbox, and of one, there is nothing to cross") {
  const firewall none = host_with("-A OUTPUT -j DROP\n");
  CHECK(matrix(none, {}).crossings.empty());
  CHECK(matrix(none, {}).proved());
  const sandbox_matrix one = matrix(none, {two[0]});
  CHECK(one.crossings.empty());
  CHECK(one.proved());
  CHECK_FALSE(one.usable());
}

namespace {
constexpr bool crosses_at_compile_time() {
  firewall host;
  host.v6 = family_rules::none();
  host.v4 = family_rules::none();
  return matrix(host, {{"a", sandbox(uid{1})}, {"b", sandbox(uid{2})}}).proved();
}
static_assert(crosses_at_compile_time());
}  // namespace
