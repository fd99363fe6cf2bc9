#include <cordon/prove/changed_rules.hpp>

#include <string>

#include <cordon/prove/compared_sides.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/mutants.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr table_name filter_alone[] = {table_name::filter};
constexpr testing::firewall_setting many_rules{.tables = filter_alone, .most_rules = 12};

// Whether both let out, or both stop, or both hang on the same.
bool are_alike(const outcome& one, const outcome& other) {
  return one.possible.may_accept() == other.possible.may_accept() &&
         one.possible.may_stop() == other.possible.may_stop();
}

unsigned rules_that_hold(const program& of) {
  unsigned count = 0;
  for (const program_table& table : of.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps) count += step.holds.is_never() ? 0U : 1U;
  return count;
}

// Which rules of the first table's OUTPUT are left, a letter each: - for what is left out.
std::string left(const program& of) {
  std::string made;
  for (const program_step& step : of.tables.front().chains[of.tables.front().start].steps)
    made += step.holds.is_never() ? '-' : 'x';
  return made;
}

}  // namespace

TEST_CASE(
    "two versions of a firewall differ for packets of changed rules alone, and these are asked all that decides") {
  unsigned met = 0;
  unsigned left_out = 0;
  rc::prop("as the simulator says, through all rules and through those that are left", [&] {
    const egress_policy policy = *testing::policies();
    const firewall before = *testing::firewalls_for(policy, many_rules);
    const sequence<testing::mutant> edits = testing::mutants_of(before);
    RC_PRE(!edits.empty());
    const firewall after = edits[*rc::gen::inRange<std::size_t>(0, edits.size())].of(before);
    for (const family in : both_families) {
      detail::compared_sides sides{{before, in}, {after, in}};
      const maybe<sequence<predicate>> changed = detail::changed_rules(sides.before, sides.after);
      if (!changed) continue;
      const program before_as_it_is = sides.before.decides;
      const program after_as_it_is = sides.after.decides;
      detail::keep_what_is_asked(sides);
      left_out += rules_that_hold(before_as_it_is) - rules_that_hold(sides.before.decides);
      for (const packet& sent :
           *rc::gen::container<sequence<packet>>(20, testing::packets_near(before).only(in).gen())) {
        const bool is_asked =
            detail::any_of(*changed, [&](const predicate& one) { return evaluate(one, sent) != truth::no; });
        const outcome was = simulate(before_as_it_is, sent);
        const outcome is = simulate(after_as_it_is, sent);
        if (!is_asked) {
          RC_ASSERT(are_alike(was, is));
          continue;
        }
        ++met;
        RC_ASSERT(are_alike(was, simulate(sides.before.decides, sent)));
        RC_ASSERT(are_alike(is, simulate(sides.after.decides, sent)));
      }
    }
  });
  CHECK(met > 0);
  CHECK(left_out > 0);
}

TEST_CASE("rules that have no packet in common with a changed one are left out") {
  const std::string around = "-A OUTPUT -d 10.0.0.0/8 -p tcp -j ACCEPT\n-A OUTPUT -d 192.0.2.0/24 -j DROP\n";
  const std::string behind =
      "-A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\n-A OUTPUT ! -o lo -j DROP\n-A OUTPUT -o eth0 -j DROP\n";
  const auto compared = [&](const std::string& one, const std::string& other) {
    const firewall before = host_with(around + one + behind);
    const firewall after = host_with(around + other + behind);
    detail::compared_sides sides{{before, family::ipv4}, {after, family::ipv4}};
    detail::keep_what_is_asked(sides);
    return left(sides.before.decides) + " " + left(sides.after.decides);
  };
  CHECK(compared("-A OUTPUT -d 10.1.2.3 -p tcp -j DROP\n", "-A OUTPUT -d 10.1.2.3 -p tcp -j ACCEPT\n") ==
        "x-x-xx x-x-xx");
  CHECK(compared("-A OUTPUT -d 192.0.2.1 -o lo -j DROP\n", "") == "-xxxx- -xxx-");
  CHECK(compared("-A OUTPUT -p udp -j ACCEPT\n", "-A OUTPUT -d 10.1.2.3 -p tcp -j ACCEPT\n") == "xxxxxx xxxxxx");
}
