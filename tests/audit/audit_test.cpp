#include <cordon/audit/audit.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include <cordon/audit/listener_text.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/address_text.hpp>

#include "../prove/judgement.hpp"
#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr std::string_view own_addresses =
    "1: lo inet 127.0.0.1/8\n1: lo inet6 ::1/128\n3: v0 inet 10.9.0.1/24\n3: v0 inet6 fd09::1/64\n";
constexpr std::string_view sockets =
    "tcp LISTEN 0 128 *:8000 *:*\n"
    "tcp LISTEN 0 128 127.0.0.1:18443 0.0.0.0:*\n"
    "tcp LISTEN 0 128 127.0.0.53%lo:53 0.0.0.0:*\n"
    "udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*\n";

const egress_policy egress = sandbox(uid{1001})
                                 .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                 .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);

sequence<listener> listeners_in(std::string_view text) {
  auto read = read_listeners(text);
  REQUIRE(read);
  return std::move(*read);
}

firewall with_addresses(firewall rules) {
  rules.host.addresses = *read_addresses(own_addresses);
  return rules;
}

/// "tcp *:8000 127.0.0.1 OPEN": in capitals what is surely against the policy, with a question mark what may
/// be.
std::string row_of(const listener& who, const audit_cell& cell) {
  std::string status(name_of(cell.status));
  if (cell.against == against_policy::surely)
    for (char& c : status) c = static_cast<char>(c - 'a' + 'A');
  if (cell.against == against_policy::perhaps) status += "?";
  return testing::shown(to_text(who)) + " " + testing::shown(to_text(cell.to)) + " " + status;
}

std::string rows_of(const audit_answer& of) {
  std::string made;
  for (const audited_listener& one : of.listeners)
    for (const audit_cell& cell : one.cells) made += row_of(one.who, cell) + "\n";
  return made;
}

/// What is said of one IPv4 socket at 127.0.0.1:80 of uid 1001, which may reach nothing.
audit_cell cell_under(const std::string& tables, const egress_policy& policy = sandbox(uid{1001}),
                      std::string_view where = "tcp LISTEN 0 0 127.0.0.1:80 *:*") {
  firewall rules;
  rules.v4 = read_rules(tables);
  rules.v6 = family_rules::none();
  const audit_answer made = audit(rules, policy, listeners_in(where));
  REQUIRE(made.listeners.size() == 1);
  REQUIRE(made.listeners[0].cells.size() == 1);
  return made.listeners[0].cells[0];
}

audit_cell cell_under_filter(const std::string& lines) { return cell_under("*filter\n" + lines + "COMMIT\n"); }

}  // namespace

TEST_CASE("the incident's port table: before, after, and under what enforce makes") {
  for (const backend how : {backend::legacy, backend::nft}) {
    CHECK(rows_of(audit(with_addresses(incident("before", how)), egress, listeners_in(sockets))) ==
          "tcp 127.0.0.53%lo:53 127.0.0.53 open\n"
          "udp 127.0.0.53%lo:53 127.0.0.53 open\n"
          "tcp *:8000 127.0.0.1 OPEN\n"
          "tcp *:8000 127.0.0.53 OPEN\n"
          "tcp *:8000 the rest of 127.0.0.0/8 OPEN\n"
          "tcp *:8000 10.9.0.1 OPEN\n"
          "tcp *:8000 [::1] OPEN\n"
          "tcp *:8000 [fd09::1] OPEN\n"
          "tcp 127.0.0.1:18443 127.0.0.1 open\n");
    const audit_answer after = audit(with_addresses(incident("after", how)), egress, listeners_in(sockets));
    CHECK(rows_of(after) ==
          "tcp 127.0.0.53%lo:53 127.0.0.53 open\n"
          "udp 127.0.0.53%lo:53 127.0.0.53 open\n"
          "tcp *:8000 127.0.0.1 stopped\n"
          "tcp *:8000 127.0.0.53 stopped\n"
          "tcp *:8000 the rest of 127.0.0.0/8 stopped\n"
          "tcp *:8000 10.9.0.1 stopped\n"
          "tcp *:8000 [::1] OPEN\n"
          "tcp *:8000 [fd09::1] OPEN\n"
          "tcp 127.0.0.1:18443 127.0.0.1 open\n");
    CHECK(after.verdict() == audit_verdict::open);
    const audit_cell& stopped = after.listeners[2].cells[0];
    CHECK(stopped.verdict == verdict{verdict::kind::reject, reject_type::icmp_net_unreachable});
    CHECK(stopped.program.connect == call_result{call_result::kind::error, error_number::enetunreach, true});
    CHECK(stopped.by.number == 4);
    CHECK(after.listeners[2].cells[4].by.chain == "OUTPUT");
    CHECK(after.listeners[2].cells[4].by.family == family::ipv6);
    CHECK_FALSE(after.listeners[2].cells[4].has_rules);
    const audit_answer ours = audit(with_addresses(enforce(egress, incident("before", how)).firewall->rules()), egress,
                                    listeners_in(sockets));
    CHECK(rows_of(ours) ==
          "tcp 127.0.0.53%lo:53 127.0.0.53 open\n"
          "udp 127.0.0.53%lo:53 127.0.0.53 open\n"
          "tcp *:8000 127.0.0.1 stopped\n"
          "tcp *:8000 127.0.0.53 stopped\n"
          "tcp *:8000 the rest of 127.0.0.0/8 stopped\n"
          "tcp *:8000 10.9.0.1 stopped\n"
          "tcp *:8000 [::1] stopped\n"
          "tcp *:8000 [fd09::1] stopped\n"
          "tcp 127.0.0.1:18443 127.0.0.1 open\n");
    CHECK(ours.verdict() == audit_verdict::kept);
  }
}

TEST_CASE("an address that the policy names is judged apart from the rest of its network") {
  CHECK(rows_of(audit(incident("after", backend::nft), egress, listeners_in("udp UNCONN 0 0 0.0.0.0:53 *:*\n"))) ==
        "udp 0.0.0.0:53 127.0.0.1 stopped\n"
        "udp 0.0.0.0:53 127.0.0.53 open\n"
        "udp 0.0.0.0:53 the rest of 127.0.0.0/8 stopped\n");
}

TEST_CASE("a family that the host does not have has no destinations") {
  firewall rules = with_addresses(incident("after", backend::nft));
  rules.v6 = family_rules::none();
  const audit_answer made = audit(rules, egress, listeners_in(sockets));
  CHECK(made.verdict() == audit_verdict::kept);
  CHECK(rows_of(made).find("[::1]") == std::string::npos);
  CHECK(made.addresses_known);
}

TEST_CASE(
    "stopped is said of all that the sandbox can send to open a connection, open of all that a plain client "
    "does") {
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -p tcp -m tcp --sport 1024:65535 -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 PARTIAL");
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -p tcp -m tcp --sport 40000 -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 PARTIAL");
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -p tcp -m tcp --sport 80 -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 OPEN");
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -p tcp -j DROP\n")) == "tcp 0.0.0.0:1 127.0.0.1 stopped");
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -m length --length 1000:65535 -j ACCEPT\n-A OUTPUT -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 PARTIAL");
  // Nothing of the packets that follow: they have no connection to follow on.
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -m conntrack --ctstate NEW -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 stopped");
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -p tcp --syn -j DROP\n")) == "tcp 0.0.0.0:1 127.0.0.1 stopped");
  // Nor of a NEW one whose connection has a mark: it is not the first.
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -m connmark ! --mark 0 -j ACCEPT\n-A OUTPUT -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 stopped");
}

TEST_CASE("of what is partly open the packets are told, and one that gets there") {
  const audit_cell made = cell_under_filter("-A OUTPUT -p tcp -m tcp --sport 1024:65535 -j REJECT\n");
  REQUIRE(made.open_for.size() == 1);
  packet sent = made.sent;
  CHECK(sent.source_port() < 1024);
  CHECK(made.verdict.accepted());
  CHECK(holds(made.open_for, sent));
  sent.first_word = 1024;
  CHECK_FALSE(holds(made.open_for, sent));
}

TEST_CASE("what no packet decides is unknown, and named") {
  const audit_cell made = cell_under_filter("-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n-A OUTPUT -j DROP\n");
  CHECK(row_of({}, made) == "tcp 0.0.0.0:1 127.0.0.1 unknown?");
  REQUIRE(made.hangs_on.size() == 1);
  CHECK(testing::shown(made.hangs_on[0]).find("limit") != std::string::npos);
}

TEST_CASE("what no packet decides is unknown also where a plain client sends no such packet") {
  CHECK(row_of({}, cell_under_filter("-A OUTPUT -p tcp -m tcp --sport 1024:65535 -j DROP\n"
                                     "-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n-A OUTPUT -j DROP\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 unknown?");
}

TEST_CASE("what nat leads elsewhere is judged where it goes") {
  const std::string nat =
      "*nat\n-A OUTPUT -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128\nCOMMIT\n*filter\n:OUTPUT DROP\n";
  const audit_cell led = cell_under(nat + "-A OUTPUT -p tcp -m tcp --dport 3128 -j ACCEPT\nCOMMIT\n");
  CHECK(row_of({}, led) == "tcp 0.0.0.0:1 127.0.0.1 LED");
  CHECK(led.reaches == "127.0.0.1:3128");
  const egress_policy to_proxy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 3128);
  CHECK(row_of({}, cell_under(nat + "-A OUTPUT -p tcp -m tcp --dport 3128 -j ACCEPT\nCOMMIT\n", to_proxy)) ==
        "tcp 0.0.0.0:1 127.0.0.1 led");
  CHECK(row_of({}, cell_under(nat + "-A OUTPUT -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n")) ==
        "tcp 0.0.0.0:1 127.0.0.1 stopped");
}

TEST_CASE("a server whose answers are stopped is told, wherever it is") {
  const std::string rules = "*filter\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT\nCOMMIT\n";
  CHECK(cell_under(rules).replies_blocked);
  CHECK(cell_under(rules, sandbox(uid{1001}), "tcp LISTEN 0 0 10.9.0.1:80 *:*").replies_blocked);
  CHECK(cell_under(rules, sandbox(uid{1001}), "udp UNCONN 0 0 10.9.0.1:80 *:*").replies_blocked);
  CHECK_FALSE(cell_under("*filter\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT\n"
                         "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n")
                  .replies_blocked);
  CHECK_FALSE(cell_under("*filter\n-A OUTPUT -j DROP\nCOMMIT\n").replies_blocked);
}

TEST_CASE("a socket at a group's address is asked for by any interface, one at an own address by lo alone") {
  const std::string rules = "*filter\n-A OUTPUT -o lo -j DROP\nCOMMIT\n";
  CHECK(cell_under(rules).status == cell_status::stopped);
  CHECK(cell_under(rules, sandbox(uid{1001}), "udp UNCONN 0 0 224.0.0.251:5353 *:*").status == cell_status::partial);
  CHECK(cell_under("*filter\n-A OUTPUT ! -o lo -j DROP\nCOMMIT\n").status == cell_status::open);
}

TEST_CASE("who owns a packet is the policy's user and group") {
  const std::string rules = "*filter\n-A OUTPUT -m owner --uid-owner 1001-1005 -j DROP\nCOMMIT\n";
  CHECK(cell_under(rules, sandbox(uid{1001, 1005})).status == cell_status::stopped);
  CHECK(cell_under(rules, sandbox(uid{1001, 1006})).status == cell_status::partial);
  CHECK(cell_under(rules, sandbox(gid{7})).status == cell_status::partial);
  const std::string by_group = "*filter\n-A OUTPUT -m owner --gid-owner 7 -j DROP\nCOMMIT\n";
  CHECK(cell_under(by_group, sandbox(uid{1001}, gid{7})).status == cell_status::stopped);
  CHECK(cell_under(by_group, sandbox(uid{1001})).status == cell_status::partial);
}

static_assert(
    [] {
      auto read =
          read_ruleset("*filter\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\nCOMMIT\n", {.family = family::ipv4});
      firewall rules;
      rules.v4 = std::move(*read);
      rules.v6 = family_rules::none();
      sequence<listener> who;
      who.push_back({.at = ipv4_address(127, 0, 0, 1), .port = 80});
      return audit(rules, sandbox(uid{1001}), who).verdict() == audit_verdict::kept;
    }(),
    "an audit works in constant expressions too");

namespace {

/// A firewall, a policy, and a socket of its host.
struct asked_audit {
  egress_policy policy;
  firewall live;
  listener who;
  audit_answer answer;

  static asked_audit draw(const choice_source& choices) {
    const testing::firewall_setting opaque{.with_opaque = true, .with_both_backends = true};
    const egress_policy policy = *testing::policies();
    firewall live = with_addresses(*rc::gen::inRange(0, 2) == 0 ? *testing::firewalls_for(policy, opaque)
                                                                : *testing::firewalls(opaque));
    constexpr std::uint16_t ports[] = {53, 80, 8000, 18443};
    listener who;
    who.protocol = choices.one_in(3) ? protocol::udp : protocol::tcp;
    who.port = testing::draw_one(choices, ports);
    who.at.family = choices.one_in(3) ? family::ipv6 : family::ipv4;
    const audit_answer answer = audit(live, policy, {who});
    return {policy, live, who, answer};
  }
};

/// A packet of the sandbox that opens a connection to a destination; mostly what a plain client sends.
packet opening(const choice_source& choices, const asked_audit& asked, const audit_cell& cell, packet sent) {
  sent.protocol = asked.who.protocol;
  sent.second_word = asked.who.port;
  sent.out = "lo";
  sent.transport = transport_part::whole;
  sent.flags = asked.who.protocol == protocol::tcp ? tcp_flag::syn : tcp_flags{0};
  sent.state = connection_state::fresh;
  sent.nat_status = sent.connection_direction = sent.expected_first = 0;
  sent.connection_mark = 0;
  const network& where = cell.to.where;
  sent.destination = where.base.bits;
  while (cell.to.is_network() &&
         (sent.destination == where.base.bits || cordon::detail::has(cell.to.but, sent.destination_address())))
    sent.destination = where.base.bits | testing::draw_number(choices, {0, ~where.mask & low_bits(32)});
  if (!choices.one_in(3)) {
    sent.mark = 0;
    sent.first_word = static_cast<std::uint16_t>(testing::draw_number(choices, client_ports));
    if (sent.destination_address().is_loopback()) sent.source = loopback_client(sent.family).bits;
  }
  return sent;
}

bool is_plain(const packet& sent) {
  return sent.mark == 0 && client_ports.contains(sent.first_word) &&
         (!sent.destination_address().is_loopback() || sent.source == loopback_client(sent.family).bits);
}

}  // namespace

TEST_CASE("what an audit says of a destination holds for every packet that opens a connection there") {
  rc::prop("open, stopped, partly open, led elsewhere; against the policy or not", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    const asked_audit asked = asked_audit::draw(choices);
    for (const audit_cell& cell : asked.answer.listeners[0].cells) {
      const family in = cell.to.where.base.family;
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      const auto around = testing::edges::of_firewall(asked.live, asked.policy, in);
      const endpoint there{.protocols = asked.who.protocol, .destination = cell.to.where, .ports = asked.who.port};
      RC_ASSERT(simulate(asked.live, cell.sent).verdict == cell.verdict);
      RC_ASSERT(asked.policy.owns(cell.sent));
      for (int tries = 0; tries < 8; ++tries) {
        const packet sent = opening(choices, asked, cell, testing::draw_packet(choices, around, asked.policy));
        if (!is_judged(rules, asked.policy, sent)) continue;
        const outcome met = simulate(rules, sent);
        const truth gets_there = goes_there(there, rules, sent, met);
        RC_LOG() << testing::shown(sent) << " " << row_of(asked.who, cell) << " " << to_text(met.verdict).view()
                 << "\n";
        const bool may_arrive = met.possible.may_accept() && gets_there == truth::yes;
        switch (cell.status) {
          case cell_status::open:
            if (is_plain(sent)) RC_ASSERT((!met.possible.may_stop() && gets_there != truth::no));
            break;
          case cell_status::partial:
            if (gets_there == truth::unknown) break;
            if (cell.open_for_is_whole && holds(cell.open_for, sent)) RC_ASSERT(!met.possible.may_stop());
            if (cell.open_for_is_whole && !holds(cell.open_for, sent) && !met.possible.may_stop())
              RC_ASSERT(gets_there == truth::no);
            break;
          case cell_status::stopped: RC_ASSERT_FALSE(met.possible.may_accept()); break;
          case cell_status::led: RC_ASSERT_FALSE(may_arrive); break;
          case cell_status::unknown:
            RC_ASSERT_FALSE(cordon::detail::all_of(orders, [&](const program& one) {
              const outcome made = simulate(one, sent);
              return made.accepted() && goes_there(there, one, sent, made) == truth::yes;
            }));
            break;
        }
        const escape found = escape_of(orders, asked.policy, sent);
        if (!found.is_clear) continue;
        if (cell.against == against_policy::no) RC_ASSERT_FALSE(found.perhaps);
        if (cell.against == against_policy::perhaps) RC_ASSERT_FALSE(found.surely);
      }
      if (cell.against == against_policy::surely) {
        const escape found = escape_of(orders, asked.policy, cell.sent);
        if (found.is_clear) RC_ASSERT(found.surely);
      }
    }
  });
  rc::prop("nothing is open against a policy that is proved", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const asked_audit asked = asked_audit::draw(random.source());
    if (prove(asked.live, asked.policy).proved()) RC_ASSERT(asked.answer.verdict() == audit_verdict::kept);
  });
}

TEST_CASE("what holds in one order of the two back ends alone is unknown") {
  const std::string marks = "*mangle\n-A OUTPUT -m owner --uid-owner 1001 -j MARK --set-mark 1\nCOMMIT\n";
  const std::string drops = "*mangle\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n";
  for (const bool marks_first : {true, false}) {
    firewall host;
    host.v6 = family_rules::none();
    host.v4.rulesets.push_back(read_rules(marks_first ? marks : drops, family::ipv4, backend::legacy));
    host.v4.rulesets.push_back(read_rules(marks_first ? drops : marks, family::ipv4, backend::nft));
    const audit_answer made =
        audit(with_addresses(host), sandbox(uid{1001}), listeners_in("tcp LISTEN 0 128 127.0.0.1:8000 0.0.0.0:*\n"));
    CHECK(rows_of(made) == "tcp 127.0.0.1:8000 127.0.0.1 unknown?\n");
  }
}

TEST_CASE("what one back end drops and the other rejects is stopped, and its program may see either") {
  firewall host;
  host.v6 = family_rules::none();
  host.v4.rulesets.push_back(read_rules("*filter\n-A OUTPUT -p tcp -j DROP\nCOMMIT\n", family::ipv4, backend::legacy));
  host.v4.rulesets.push_back(read_rules("*filter\n-A OUTPUT -p tcp -j REJECT\nCOMMIT\n", family::ipv4, backend::nft));
  const audit_answer made =
      audit(with_addresses(host), sandbox(uid{1001}), listeners_in("tcp LISTEN 0 128 127.0.0.1:8000 0.0.0.0:*\n"));
  const audit_cell& cell = made.listeners[0].cells[0];
  CHECK(cell.status == cell_status::stopped);
  CHECK(cell.verdict.what == verdict::kind::unknown);
  CHECK(cell.by.chain.empty());
  CHECK(cell.program.connect.what == call_result::kind::unknown);
}

TEST_CASE("more destinations, addresses or rules than an audit looks at are refused, not begun") {
  const firewall rules = with_addresses(incident("after", backend::nft));
  const sequence<listener> who = listeners_in(sockets);
  const audit_answer whole = audit(rules, egress, who);
  std::size_t destinations = 0;
  for (const audited_listener& one : whole.listeners) destinations += one.cells.size();
  const auto is_too_large = [&](const audit_limits& limits) {
    const audit_answer made = audit(rules, egress, who, limits);
    CHECK(made.too_large == made.listeners.empty());
    CHECK(made.verdict() == (made.too_large ? audit_verdict::unknown : whole.verdict()));
    return made.too_large;
  };
  CHECK_FALSE(is_too_large({.destinations = destinations}));
  CHECK(is_too_large({.destinations = destinations - 1}));
  // Four rules of IPv4, and one more than rules.
  CHECK_FALSE(is_too_large({.rules_asked = destinations * 5}));
  CHECK(is_too_large({.rules_asked = destinations * 5 - 1}));
  CHECK_FALSE(is_too_large({.addresses = 4}));
  CHECK(is_too_large({.addresses = 3}));
}
