// What is different between two firewalls, which rules never decide and why a packet is let out can be asked at compile time.
#include <cordon/lint/lint.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/rule_survey.hpp>
#include <cordon/prove/stopping_rule.hpp>

#include "../simulate/examples.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr firewall only_v4(sequence<rule> rules) {
  firewall made = firewall_of({filter(std::move(rules))});
  made.v6 = family_rules::none();
  return made;
}

constexpr firewall open_by_lo() { return only_v4({when_out("lo", accept()), drop()}); }

constexpr bool is_different_by_lo_alone() {
  const firewall_difference made = differences(open_by_lo(), only_v4({drop()}));
  return made.answer() == comparison::different && made.v4.differences.size() == 1 &&
         made.v4.differences[0].kind == difference_kind::stopped &&
         made.v4.differences[0].witness.out == interface_name("lo");
}
static_assert(is_different_by_lo_alone());

constexpr bool is_like_itself() {
  const firewall rules = open_by_lo();
  return differences(rules, rules).answer() == comparison::same;
}
static_assert(is_like_itself());

constexpr bool is_found_dead() {
  const sequence<finding> all = lint(only_v4({drop(), when_out("lo", accept())}));
  return all.size() == 1 && all[0].id == "behind-unconditional" && all[0].at.number == 2;
}
static_assert(is_found_dead());

constexpr bool is_stopped_by_the_second() {
  const firewall rules = open_by_lo();
  const stopping_rule made = rule_that_stops(compile(rules, family::ipv4), to_loopback());
  return made.but_for.size() == 1 && made.by && made.by->number == 2;
}
static_assert(is_stopped_by_the_second());

}  // namespace
