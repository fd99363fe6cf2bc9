// Small worlds, enumerated whole: every list of up to three rules from a small pool, and one packet of every kind that
// these rules, the policy and its clients tell apart. What holds for all of these packets holds for all packets.
#include <cordon/prove/prove.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include <cordon/testing/catch2.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr std::string_view pool[] = {
    "-A OUTPUT -j A\n",
    "-A OUTPUT -g A\n",
    "-A OUTPUT -d 127.0.0.1 -p tcp -m tcp --dport 80 -j ACCEPT\n",
    "-A OUTPUT -p udp -m udp ! --dport 80 -j ACCEPT\n",
    "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n",
    "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
    "-A OUTPUT -p tcp --syn -j RETURN\n",
    "-A OUTPUT -m conntrack ! --ctstate NEW -j ACCEPT\n",
};
constexpr std::string_view user_chain =
    "-A A ! -d 127.0.0.1 -j DROP\n"
    "-A A ! -f -j RETURN\n"
    "-A A -p tcp -j ACCEPT\n";

firewall firewall_of(const sequence<std::size_t>& rules, bool accepts, backend how) {
  std::string text = "*filter\n:OUTPUT ";
  text += accepts ? "ACCEPT" : "DROP";
  text += " [0:0]\n:A - [0:0]\n";
  for (const std::size_t one : rules) text += pool[one];
  text += user_chain;
  firewall made;
  made.v4 = read_rules(text + "COMMIT\n", family::ipv4, how);
  made.v6 = family_rules::none();
  return made;
}

const egress_policy reach = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80);
const egress_policy nothing = sandbox(uid{1001});

// One packet of each kind. The other fields are asked for by nothing here.
sequence<packet> all_packets() {
  sequence<packet> all;
  packet one;
  for (const auto socket : {socket_kind::none, socket_kind::user})
    for (const std::uint32_t user : {0U, 1001U})
      for (const char* const out : {"lo", "eth0"})
        for (const protocol which : {protocol::tcp, protocol::udp, static_cast<protocol>(47)})
          for (const auto part : {transport_part::whole, transport_part::fragment_at_8, transport_part::later_fragment,
                                  static_cast<transport_part>(3)})
            for (const unsigned port : {80U, 81U})
              for (const unsigned destination : {0x7f000001U, 0x0a090001U})
                for (const tcp_flags flags : {tcp_flag::syn, tcp_flag::ack})
                  for (unsigned state = 0; state < 5; ++state) {
                    if (socket == socket_kind::none && user != 0) continue;
                    one.owner = {socket, user, 0};
                    one.out = out;
                    one.protocol = which;
                    one.transport = part;
                    one.second_word = static_cast<std::uint16_t>(port);
                    one.destination = destination;
                    one.source = destination == 0x7f000001U ? 0x7f000001U : 0xc0000201U;
                    one.flags = flags;
                    one.state = static_cast<connection_state>(state);
                    all.push_back(one);
                  }
  return all;
}

struct world {
  sequence<packet> packets = all_packets();
  std::size_t wrong = 0;
  std::string first_wrong;

  void complain(const firewall& rules, const std::string& what) {
    if (wrong++ == 0) first_wrong = testing::shown(rules) + what;
  }

  void check_decider(const firewall& live) {
    const program rules = compile(live, family::ipv4);
    layout levels(packet_domain::all(family::ipv4));
    observe(levels, rules);
    levels.finish();
    packet_space space(std::move(levels));
    decider walk(rules, space);
    const diagram decision = walk.decide();
    for (const packet& sent : packets)
      if ((space.value_at(decision, sent) != 0) != verdict_of(rules, sent).accepted())
        complain(live, "decider and simulator differ on " + testing::shown(sent));
  }

  void check_proof(const firewall& live, const egress_policy& policy) {
    const program rules = compile(live, family::ipv4);
    const proof made = prove(live, policy);
    bool leaks = false;
    for (const packet& sent : packets) {
      if (!is_judged(rules, policy, sent)) continue;
      const bool escapes = verdict_of(rules, sent).accepted() && !policy.allows(sent);
      leaks = leaks || escapes;
      int regions = 0;
      for (const leak& one : made.v4.leaks) regions += holds(one.region, sent) ? 1 : 0;
      if (regions != (escapes ? 1 : 0)) complain(live, "regions are wrong about " + testing::shown(sent));
    }
    if (made.verdict() != (leaks ? answer::leak : answer::proved)) complain(live, "the verdict is wrong");
    for (const leak& one : made.v4.leaks)
      if (!verdict_of(rules, one.witness).accepted() || policy.allows(one.witness))
        complain(live, "no witness: " + testing::shown(one.witness));
    for (const endpoint_answer& one : made.endpoints) check_endpoint(live, rules, policy, one);
  }

  void check_endpoint(const firewall& live, const program& rules, const egress_policy& policy,
                      const endpoint_answer& said) {
    const client_packets client = client_of(said.to, family::ipv4);
    bool all_pass = true;
    bool some_pass = false;
    bool some_opens = false;
    for (const packet& sent : packets) {
      if (!is_judged(rules, policy, sent)) continue;
      const bool opens = evaluate(client.opening, sent) == truth::yes;
      if (!opens && evaluate(client.following, sent) != truth::yes) continue;
      const bool passes = verdict_of(rules, sent).accepted();
      all_pass = all_pass && passes;
      some_pass = some_pass || passes;
      some_opens = some_opens || (opens && passes);
      if (said.status == endpoint_status::partial && holds(said.blocked, sent) == passes)
        complain(live, "the blocked region is wrong about " + testing::shown(sent));
    }
    const endpoint_status right = all_pass     ? endpoint_status::open
                                  : !some_opens ? endpoint_status::blocked
                                                : endpoint_status::partial;
    if (said.status != right) complain(live, "the endpoint's status is wrong");
  }
};

}  // namespace

TEST_CASE("in small worlds the proof is right about every packet, for every list of up to three rules") {
  world here;
  sequence<sequence<std::size_t>> lists = {{}};
  for (std::size_t done = 0; done < lists.size(); ++done) {
    if (lists[done].size() == 3) continue;
    for (std::size_t next = 0; next < std::size(pool); ++next) {
      sequence<std::size_t> longer = lists[done];
      longer.push_back(next);
      lists.push_back(longer);
    }
  }
  REQUIRE(lists.size() == 1 + 8 + 8 * 8 + 8 * 8 * 8);
  REQUIRE(here.packets.size() == 3 * 2 * 3 * 4 * 2 * 2 * 2 * 5);
  for (const auto& rules : lists)
    for (const bool accepts : {true, false})
      for (const backend how : {backend::legacy, backend::nft}) {
        const firewall live = firewall_of(rules, accepts, how);
        here.check_decider(live);
        here.check_proof(live, rules.size() % 2 == 0 ? reach : nothing);
        if (rules.size() < 3) here.check_proof(live, rules.size() % 2 == 0 ? nothing : reach);
      }
  INFO(here.first_wrong);
  CHECK(here.wrong == 0);
}
