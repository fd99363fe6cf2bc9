#include <cordon/testing/draw_conversation.hpp>

#include <algorithm>
#include <cstddef>

#include <cordon/prove/enforce.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/judgement.hpp"
#include "../prove/rules.hpp"
#include "incident_policy.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

struct talk {
  egress_policy policy;
  firewall live;
  sequence<packet> seen;

  static talk draw() {
    const egress_policy policy = *testing::policies();
    const firewall live = *testing::firewalls_for(policy, {.most_rules = 2, .most_chains = 1});
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    return {policy, live, *testing::conversations(live, policy, in)};
  }
};

bool is_answer(const packet& of) { return of.connection_direction == 1; }

}  // namespace

TEST_CASE("a conversation is opened by the sandbox, and what follows is of a connection that is known") {
  rc::prop("in packets that can exist", [] {
    const talk one = talk::draw();
    const packet& first = one.seen.front();
    RC_ASSERT(one.policy.owns(first));
    RC_ASSERT((first.flags == tcp_flag::syn && first.state == connection_state::fresh));
    const program rules = compile(one.live, first.family);
    RC_ASSERT(is_judged(rules, one.policy, first));
    for (std::size_t i = 1; i < one.seen.size(); ++i) {
      const packet& next = one.seen[i];
      RC_ASSERT(next.state == connection_state::established);
      RC_ASSERT(next.protocol == protocol::tcp);
      RC_ASSERT((next.flags & (tcp_flag::ack | tcp_flag::rst)) != 0);
      const bool swapped = is_answer(next);
      RC_ASSERT((swapped ? next.destination : next.source) == first.source);
      RC_ASSERT((swapped ? next.source : next.destination) == first.destination);
      RC_ASSERT((swapped ? next.second_word : next.first_word) == first.first_word);
      RC_ASSERT((swapped ? next.first_word : next.second_word) == first.second_word);
      RC_ASSERT(next.out == first.out);
    }
  });
}

TEST_CASE("a server of the host is heard, one by the wire is not") {
  rc::prop("whoever it is", [] {
    const talk one = talk::draw();
    const bool on_host = one.seen.front().out == "lo";
    RC_ASSERT(std::any_of(one.seen.begin(), one.seen.end(), is_answer) == on_host);
    if (one.seen.front().destination_address().is_loopback()) RC_ASSERT(on_host);
    RC_ASSERT((!on_host || (one.seen[1].flags == (tcp_flag::syn | tcp_flag::ack))));
  });
}

TEST_CASE("what each side sends has its owner, or none where its socket is not there yet, or no more") {
  rc::prop("of a connection", [] {
    const talk one = talk::draw();
    sequence<owner> servers;
    for (const packet& next : one.seen) {
      if (next.owner.socket == socket_kind::none) {
        RC_ASSERT((next.flags & (tcp_flag::syn | tcp_flag::psh)) == 0);
        continue;
      }
      RC_ASSERT(next.owner.socket == socket_kind::user);
      if (!is_answer(next)) RC_ASSERT(next.owner == one.seen.front().owner);
      if (is_answer(next)) servers.push_back(next.owner);
    }
    for (const owner& each : servers) RC_ASSERT(each == servers.front());
  });
}

TEST_CASE("every kind of conversation comes up") {
  const firewall live = enforce(egress).firewall->rules();
  const testing::edges around = testing::edges::of_firewall(live, egress, family::ipv4);
  testing::random_choices random(1);
  std::size_t to_proxy = 0, by_wire = 0, closed = 0, reset = 0, not_accepted = 0;
  for (int i = 0; i < 1000; ++i) {
    const sequence<packet> seen = testing::draw_conversation(random.source(), around, egress);
    const packet& last = seen.back();
    to_proxy += egress.allows(seen.front()) ? 1U : 0U;
    by_wire += seen.front().out == "lo" ? 0U : 1U;
    closed += last.owner.socket == socket_kind::none && last.flags == tcp_flag::ack ? 1U : 0U;
    reset += (last.flags & tcp_flag::rst) != 0 ? 1U : 0U;
    not_accepted +=
        std::any_of(seen.begin(), seen.end(),
                    [](const packet& one) {
                      return is_answer(one) && one.flags == tcp_flag::ack && one.owner.socket == socket_kind::none;
                    })
            ? 1U
            : 0U;
    // Our rules ask nothing but the owner and the endpoint: what the sandbox says to the proxy gets out from
    // the first packet to the last, and of other connections nothing that is its own.
    for (const packet& one : seen)
      if (egress.owns(one) && !is_answer(one)) CHECK(simulate(live, one).accepted() == egress.allows(seen.front()));
  }
  for (const std::size_t count : {to_proxy, by_wire, closed, reset, not_accepted}) CHECK(count > 50);
}
