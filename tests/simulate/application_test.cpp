#include <cordon/simulate/application.hpp>

#include <string>
#include <vector>

#include <cordon/text/reader.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
/// The rules of filter OUTPUT, one a line, for both families.
firewall rules_of(const std::string& lines, const std::string& policy = "ACCEPT") {
  firewall made;
  for (const family of : both_families) {
    read_options options;
    options.family = of;
    auto read = read_ruleset("*filter\n:OUTPUT " + policy + "\n" + lines + "COMMIT\n", options);
    REQUIRE(read);
    made.of(of) = family_rules(std::move(*read));
  }
  return made;
}

packet local(family of, protocol carries) {
  packet made;
  made.family = of;
  made.owner = {socket_kind::user, 1001, 1001};
  made.source = made.destination = of == family::ipv4 ? ipv4_address(127, 0, 0, 1).bits : 1;
  made.protocol = carries;
  made.second_word = 8000;
  made.flags = carries == protocol::tcp ? tcp_flag::syn : tcp_flags{0};
  made.length = of == family::ipv4 ? 40 : 60;
  if (is_icmp(carries, of)) {
    made.first_word = of == family::ipv4 ? 0x0800 : 0x8000;
    made.second_word = 0;
  }
  return made;
}

application_view view_of(const firewall& rules, const packet& sent) {
  const program ready = compile(rules, sent.family);
  return sees(ready, sent, simulate(ready, sent));
}
std::string words_of(const firewall& rules, const packet& sent) {
  return std::string(to_text(view_of(rules, sent)).view());
}

std::string sandbox(const std::string& target) { return "-A OUTPUT -m owner --uid-owner 1001 " + target + "\n"; }
std::string sandbox_tcp(const std::string& target) {
  return "-A OUTPUT -p tcp -m owner --uid-owner 1001 " + target + "\n";
}
firewall rejecting_with(family of, const std::string& type) {
  firewall made;
  read_options options;
  options.family = of;
  const std::string line = type == "tcp-reset" ? sandbox_tcp("-j REJECT --reject-with tcp-reset")
                                               : sandbox("-j REJECT --reject-with " + type);
  auto read = read_ruleset("*filter\n:OUTPUT ACCEPT\n" + line + "COMMIT\n", options);
  REQUIRE(read);
  made.of(of) = family_rules(std::move(*read));
  return made;
}
}  // namespace

TEST_CASE("connect() fails with the errno of REJECT's type: blocking after a second, else in IPv4 at once") {
  struct {
    family of;
    const char* type;
    const char* words;
  } const cases[] = {
      {family::ipv4, "icmp-net-unreachable", "ENETUNREACH (101)"},
      {family::ipv4, "icmp-host-unreachable", "EHOSTUNREACH (113)"},
      {family::ipv4, "icmp-proto-unreachable", "ENOPROTOOPT (92)"},
      {family::ipv4, "icmp-port-unreachable", "ECONNREFUSED (111)"},
      {family::ipv4, "icmp-net-prohibited", "ENETUNREACH (101)"},
      {family::ipv4, "icmp-host-prohibited", "EHOSTUNREACH (113)"},
      {family::ipv4, "icmp-admin-prohibited", "EHOSTUNREACH (113)"},
      {family::ipv6, "icmp6-no-route", "ENETUNREACH (101)"},
      {family::ipv6, "icmp6-adm-prohibited", "EACCES (13)"},
      {family::ipv6, "icmp6-addr-unreachable", "EHOSTUNREACH (113)"},
      {family::ipv6, "icmp6-port-unreachable", "ECONNREFUSED (111)"},
      {family::ipv6, "icmp6-policy-fail", "EACCES (13)"},
      {family::ipv6, "icmp6-reject-route", "EACCES (13)"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.type);
    CHECK(words_of(rejecting_with(one.of, one.type), local(one.of, protocol::tcp)) ==
          std::string("connect() fails with ") + one.words + " after one second" +
              (one.of == family::ipv4 ? "; a non-blocking one at once" : ""));
  }
  for (const family of : both_families)
    CHECK(words_of(rejecting_with(of, "tcp-reset"), local(of, protocol::tcp)) ==
          "connect() fails with ECONNREFUSED (111) at once");
}

TEST_CASE(
    "sending a datagram fails with EPERM, and a connected socket learns of the types that are no route's "
    "fault") {
  struct {
    family of;
    const char* type;
    const char* next;
  } const cases[] = {
      {family::ipv4, "icmp-net-unreachable", ""},
      {family::ipv4, "icmp-host-unreachable", ""},
      {family::ipv4, "icmp-proto-unreachable", "ENOPROTOOPT (92)"},
      {family::ipv4, "icmp-port-unreachable", "ECONNREFUSED (111)"},
      {family::ipv4, "icmp-net-prohibited", "ENETUNREACH (101)"},
      {family::ipv4, "icmp-host-prohibited", "EHOSTUNREACH (113)"},
      {family::ipv4, "icmp-admin-prohibited", "EHOSTUNREACH (113)"},
      {family::ipv6, "icmp6-no-route", ""},
      {family::ipv6, "icmp6-adm-prohibited", "EACCES (13)"},
      {family::ipv6, "icmp6-addr-unreachable", ""},
      {family::ipv6, "icmp6-port-unreachable", "ECONNREFUSED (111)"},
      {family::ipv6, "icmp6-policy-fail", "EACCES (13)"},
      {family::ipv6, "icmp6-reject-route", "EACCES (13)"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.type);
    const std::string next = one.next;
    CHECK(words_of(rejecting_with(one.of, one.type), local(one.of, protocol::udp)) ==
          "send() fails with EPERM (1) at once" +
              (next.empty() ? "" : "; on a connected socket the next call fails with " + next + " at once"));
  }
}

TEST_CASE("DROP is a time-out for TCP and EPERM for all others, but for the ping sockets of IPv6") {
  const firewall rules = rules_of(sandbox("-j DROP"));
  for (const family of : both_families) {
    CHECK(words_of(rules, local(of, protocol::tcp)) ==
          "connect() times out with ETIMEDOUT (110) after two minutes; a non-blocking one never gets an "
          "answer");
    CHECK(words_of(rules, local(of, protocol::udp)) == "send() fails with EPERM (1) at once");
    CHECK(words_of(rules, local(of, protocol::sctp)) == "sendto() on a raw socket fails with EPERM (1) at once");
  }
  CHECK(words_of(rules, local(family::ipv4, protocol::icmp)) == "sendto() of a ping fails with EPERM (1) at once");
  CHECK(words_of(rules, local(family::ipv6, protocol::icmpv6)) ==
        "sendto() of a ping meets no error; on a raw socket it fails with EPERM (1) at once");
}

TEST_CASE("an accepted packet causes no error") {
  const firewall rules = rules_of("");
  for (const family of : both_families) {
    CHECK(words_of(rules, local(of, protocol::tcp)) == "connect() meets no error");
    CHECK(words_of(rules, local(of, protocol::udp)) == "send() meets no error");
  }
}

TEST_CASE("on a connection DROP and ICMP errors are silence, a RST ends it") {
  packet data = local(family::ipv4, protocol::tcp);
  data.flags = tcp_flag::ack | tcp_flag::psh;
  data.state = connection_state::established;
  CHECK(words_of(rules_of(sandbox("-j DROP")), data) == "send() meets no error; what follows never gets an answer");
  CHECK(words_of(rules_of(sandbox("-j REJECT")), data) == "send() meets no error; what follows never gets an answer");
  CHECK(words_of(rules_of(sandbox_tcp("-j REJECT --reject-with tcp-reset")), data) ==
        "send() meets no error; recv() fails with ECONNRESET (104) at once");
}

TEST_CASE("a packet that no program's socket sends is seen by no program") {
  packet rst = local(family::ipv4, protocol::tcp);
  rst.flags = tcp_flag::rst;
  for (const socket_kind kind : {socket_kind::none, socket_kind::kernel}) {
    rst.owner = {kind, 0, 0};
    CHECK(words_of(rules_of("-A OUTPUT -j DROP\n"), rst) ==
          "no program sees what becomes of it: it does not come from a program's socket");
  }
}

TEST_CASE("REJECT whose own answer is stopped is no better than DROP") {
  struct {
    const char* behind;
    const char* policy;
    answer_fate fate;
  } const cases[] = {
      {"", "ACCEPT", answer_fate::sent},
      {"", "DROP", answer_fate::stopped},
      {"-A OUTPUT -m conntrack --ctstate RELATED -j ACCEPT\n", "DROP", answer_fate::sent},
      {"-A OUTPUT -o lo -m owner ! --uid-owner 1001 -j ACCEPT\n", "DROP", answer_fate::sent},
      {"-A OUTPUT -j REJECT\n", "ACCEPT", answer_fate::stopped},
      {"-A OUTPUT -m owner --uid-owner 0-4294967294 -j DROP\n", "ACCEPT", answer_fate::sent},
      {"-A OUTPUT -m limit --limit 1/sec -j DROP\n", "ACCEPT", answer_fate::unknown},
  };
  for (const family of : both_families) {
    for (const auto& one : cases) {
      CAPTURE(one.behind, one.policy);
      const std::string tail = one.behind;
      const std::vector<std::string> heads = {sandbox("-j REJECT"),
                                              sandbox_tcp("-j REJECT --reject-with tcp-reset") + sandbox("-j REJECT")};
      for (const std::string& first : heads) {
        const firewall rules = rules_of(first + tail, one.policy);
        const application_view tcp = view_of(rules, local(of, protocol::tcp));
        const application_view udp = view_of(rules, local(of, protocol::udp));
        CHECK(tcp.answer == one.fate);
        CHECK(udp.answer == one.fate);
        using kind = call_result::kind;
        const kind expected = one.fate == answer_fate::sent      ? kind::error
                              : one.fate == answer_fate::stopped ? kind::times_out
                                                                 : kind::unknown;
        CHECK(tcp.connect.what == expected);
        CHECK(tcp.nonblocking_connect.what == expected);
        CHECK(udp.send.error == error_number::eperm);
        const kind next = one.fate == answer_fate::stopped ? kind::no_error : expected;
        CHECK(udp.next_call.what == next);
      }
    }
  }
}

TEST_CASE("raw sees REJECT's answer as RELATED, also where a closed port's would be INVALID") {
  for (const family of : both_families) {
    read_options options;
    options.family = of;
    auto read = read_ruleset(
        "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -o lo -m owner ! --uid-owner 1001 -m conntrack "
        "--ctstate INVALID -j DROP\nCOMMIT\n*filter\n:OUTPUT ACCEPT\n" +
            sandbox("-j REJECT") + "COMMIT\n",
        options);
    REQUIRE(read);
    firewall rules;
    rules.of(of) = family_rules(std::move(*read));
    CHECK(view_of(rules, local(of, protocol::udp)).answer == answer_fate::sent);
  }
}

TEST_CASE("what nat has led off loopback in IPv4 may have no route, and the error is another then") {
  for (const family of : both_families) {
    const bool v4 = of == family::ipv4;
    const auto led_to = [&](const std::string& destination, uint128 source) {
      firewall made;
      read_options options;
      options.family = of;
      auto read = read_ruleset("*nat\n-A OUTPUT -p tcp -j DNAT --to-destination " + destination +
                                   "\nCOMMIT\n*filter\n" + sandbox_tcp("-j REJECT") + "COMMIT\n",
                               options);
      REQUIRE(read);
      made.of(of) = family_rules(std::move(*read));
      packet sent = local(of, protocol::tcp);
      sent.source = source;
      return view_of(made, sent);
    };
    const uint128 loopback = v4 ? uint128{0x7f000001} : uint128{1};
    const application_view away = led_to(v4 ? "10.0.23.29" : "fd05::6", loopback);
    CHECK(away.connect.what == (v4 ? call_result::kind::unknown : call_result::kind::error));
    CHECK(away.raw.what == (v4 ? call_result::kind::unknown : call_result::kind::error));
    CHECK(away.answer == (v4 ? answer_fate::unknown : answer_fate::sent));
    CHECK(led_to(v4 ? "127.0.0.2" : "::1", loopback).connect.what == call_result::kind::error);
    // From an address of the host's own, by a socket that is bound to lo.
    CHECK(led_to(v4 ? "10.0.23.29" : "fd05::6", 0x0a090001).answer == (v4 ? answer_fate::unknown : answer_fate::sent));
  }
}

TEST_CASE("REJECT's answer to what DNPT has led elsewhere may find no program that it belongs to") {
  read_options options;
  options.family = family::ipv6;
  auto read = read_ruleset("*mangle\n-A OUTPUT -j DNPT --src-pfx fd4c::/64 --dst-pfx fd20::/64\nCOMMIT\n*filter\n" +
                               sandbox_tcp("-j REJECT") + "COMMIT\n",
                           options);
  REQUIRE(read);
  firewall made;
  made.of(family::ipv6) = family_rules(std::move(*read));
  const application_view seen = view_of(made, local(family::ipv6, protocol::tcp));
  CHECK(seen.connect.what == call_result::kind::unknown);
  CHECK(seen.answer == answer_fate::unknown);
}

TEST_CASE("NOTRACK does not make REJECT's answer UNTRACKED") {
  const std::string raw = "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -j CT --notrack\nCOMMIT\n*filter\n:OUTPUT ACCEPT\n";
  for (const family of : both_families) {
    for (const bool untracked : {true, false}) {
      read_options options;
      options.family = of;
      auto read = read_ruleset(raw + sandbox("-j REJECT") + "-A OUTPUT -m conntrack --ctstate " +
                                   (untracked ? "UNTRACKED" : "INVALID") + " -j DROP\nCOMMIT\n",
                               options);
      REQUIRE(read);
      firewall rules;
      rules.of(of) = family_rules(std::move(*read));
      CHECK(view_of(rules, local(of, protocol::udp)).answer == (untracked ? answer_fate::sent : answer_fate::stopped));
    }
  }
}

TEST_CASE("a stopped answer is told with its way") {
  CHECK(words_of(rules_of(sandbox("-j REJECT"), "DROP"), local(family::ipv4, protocol::tcp)) ==
        "connect() times out with ETIMEDOUT (110) after two minutes; a non-blocking one never gets an answer; "
        "OUTPUT stops REJECT's own answer (filter:OUTPUT:policy:2)");
}

TEST_CASE("an unknown verdict leaves open what a program sees, but for what is the same either way") {
  const firewall rules = rules_of("-A OUTPUT -m limit --limit 1/sec -j DROP\n" + sandbox("-j REJECT"));
  CHECK(view_of(rules, local(family::ipv4, protocol::tcp)).connect.what == call_result::kind::unknown);
  CHECK(view_of(rules, local(family::ipv4, protocol::udp)).send.error == error_number::eperm);
}

TEST_CASE("REJECT's ICMP error is a packet of the kernel's own, from the destination where that is local") {
  packet sent = local(family::ipv4, protocol::udp);
  sent.source = ipv4_address(127, 0, 0, 1).bits;
  sent.destination = ipv4_address(127, 0, 0, 2).bits;
  sent.length = 31;
  sent.traffic_class = 0xff;
  sent.connection_mark = 9;
  sent.mark = 5;
  auto answer = reject_answer(sent, reject_type::icmp_admin_prohibited);
  REQUIRE(answer);
  CHECK(answer->owner.socket == socket_kind::kernel);
  CHECK(to_text(answer->source_address()) == "127.0.0.2");
  CHECK(to_text(answer->destination_address()) == "127.0.0.1");
  CHECK(answer->protocol == protocol::icmp);
  CHECK(answer->icmp_type() == 3);
  CHECK(answer->icmp_code() == 13);
  CHECK(answer->out == "lo");
  CHECK(answer->state == connection_state::related);
  CHECK(answer->connection_mark == 9);
  CHECK(answer->mark == 0);
  CHECK(answer->length == 59);
  CHECK(answer->traffic_class == 0xde);
  CHECK(answer->hops == 64);

  sent.out = "eth0";
  sent.source = ipv4_address(10, 9, 0, 1).bits;
  sent.length = 1228;
  answer = reject_answer(sent, reject_type::icmp_port_unreachable);
  REQUIRE(answer);
  CHECK(to_text(answer->source_address()) == "10.9.0.1");
  CHECK(answer->length == 576);

  sent.nat_status = 2;
  sent.destination = ipv4_address(127, 0, 0, 1).bits;
  CHECK(to_text(reject_answer(sent, reject_type::icmp_port_unreachable)->source_address()) == "127.0.0.1");
  sent.out = "lo";
  sent.destination = ipv4_address(10, 9, 0, 9).bits;
  CHECK(to_text(reject_answer(sent, reject_type::icmp_port_unreachable)->source_address()) == "10.9.0.1");

  packet six = local(family::ipv6, protocol::udp);
  six.length = 51;
  six.traffic_class = 0xff;
  answer = reject_answer(six, reject_type::icmp6_policy_fail);
  REQUIRE(answer);
  CHECK(answer->protocol == protocol::icmpv6);
  CHECK(answer->first_word == 0x0105);
  CHECK(answer->length == 99);
  CHECK(answer->traffic_class == 0);
  six.length = 1448;
  CHECK(reject_answer(six, reject_type::icmp6_no_route)->length == 1280);
}

TEST_CASE("REJECT's RST has no socket and turns addresses and ports around") {
  packet sent = local(family::ipv4, protocol::tcp);
  sent.source = ipv4_address(10, 9, 0, 1).bits;
  sent.destination = ipv4_address(10, 9, 0, 77).bits;
  sent.out = "eth0";
  const auto answer = reject_answer(sent, reject_type::tcp_reset);
  REQUIRE(answer);
  CHECK(answer->owner.socket == socket_kind::none);
  CHECK(answer->source == sent.destination);
  CHECK(answer->destination == sent.source);
  CHECK(answer->source_port() == 8000);
  CHECK(answer->destination_port() == 40000);
  CHECK(answer->flags == (tcp_flag::rst | tcp_flag::ack));
  CHECK(answer->state == connection_state::related);
  CHECK(answer->out == "lo");
  CHECK(answer->length == 40);
  sent.flags = tcp_flag::ack | tcp_flag::psh;
  CHECK(reject_answer(sent, reject_type::tcp_reset)->flags == tcp_flag::rst);
}

TEST_CASE("the answer about a packet without a connection has none either") {
  for (const connection_state state : {connection_state::invalid, connection_state::untracked}) {
    packet sent = local(family::ipv4, protocol::tcp);
    sent.state = state;
    CHECK(reject_answer(sent, reject_type::tcp_reset)->state == connection_state::invalid);
    CHECK(reject_answer(sent, reject_type::icmp_port_unreachable)->state == connection_state::invalid);
  }
}

TEST_CASE("there is no answer to errors, RSTs, later fragments, cut headers and multicast") {
  using enum reject_type;
  for (unsigned type = 0; type < 256; ++type) {
    packet four = local(family::ipv4, protocol::icmp);
    four.first_word = static_cast<std::uint16_t>(type << 8);
    const bool asks = type == 0 || type == 8 || (type >= 13 && type <= 18);
    CHECK(reject_answer(four, icmp_port_unreachable).has_value() == asks);
    packet six = local(family::ipv6, protocol::icmpv6);
    six.first_word = static_cast<std::uint16_t>(type << 8);
    CHECK(reject_answer(six, icmp6_port_unreachable).has_value() == (type >= 128));
  }
  packet sent = local(family::ipv4, protocol::tcp);
  sent.flags = tcp_flag::rst;
  CHECK_FALSE(reject_answer(sent, tcp_reset));
  CHECK(reject_answer(sent, icmp_port_unreachable));
  CHECK_FALSE(reject_answer(local(family::ipv4, protocol::udp), tcp_reset));
  sent = local(family::ipv4, protocol::tcp);
  sent.transport = static_cast<transport_part>(18);
  CHECK_FALSE(reject_answer(sent, tcp_reset));
  CHECK_FALSE(reject_answer(sent, icmp_port_unreachable));
  for (const transport_part part : {transport_part::fragment_at_8, transport_part::later_fragment}) {
    sent.transport = part;
    CHECK_FALSE(reject_answer(sent, tcp_reset));
    CHECK_FALSE(reject_answer(sent, icmp_port_unreachable));
  }
  sent = local(family::ipv4, protocol::udp);
  sent.destination = ipv4_address(224, 0, 0, 1).bits;
  CHECK_FALSE(reject_answer(sent, icmp_port_unreachable));
}
