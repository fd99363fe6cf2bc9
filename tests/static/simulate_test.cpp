// A packet can be sent through a firewall at compile time.
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/simulate.hpp>

#include "../simulate/examples.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr bool holds(const sequence<example>& examples) {
  for (const example& one : examples)
    if (!(line_of(simulate(compile(one.rules, one.sent.family), one.sent, one.not_known)) == one.line)) return false;
  return !examples.empty();
}

static_assert(holds(chain_examples()));
static_assert(holds(table_examples()));
static_assert(holds(drop_in_match_examples()));
static_assert(holds(unknown_examples()));
static_assert(holds(change_examples()));

constexpr text view_of(const firewall& rules) {
  const program ready = compile(rules, family::ipv4);
  return to_text(sees(ready, to_loopback(), simulate(ready, to_loopback())));
}
constexpr bool dropped_connections_time_out() {
  return view_of(firewall_of({filter({drop()})})) ==
         "connect() times out with ETIMEDOUT (110) after two minutes; a non-blocking one never gets an "
         "answer";
}
static_assert(dropped_connections_time_out());

constexpr bool a_reject_of_everything_stops_its_own_answer() {
  return view_of(firewall_of({filter({when_out("eth0", drop()), reject(reject_type::tcp_reset)})})) ==
         "connect() times out with ETIMEDOUT (110) after two minutes; a non-blocking one never gets an "
         "answer; "
         "OUTPUT stops REJECT's own answer (filter:OUTPUT:rule:2)";
}
static_assert(a_reject_of_everything_stops_its_own_answer());
}  // namespace
