#include <cordon/simulate/quick_test.hpp>

#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

using namespace cordon;

namespace {

program without_quick_tests(program made) {
  for (program_table& table : made.tables)
    for (program_chain& chain : table.chains) chain.quick_tests.clear();
  return made;
}

std::size_t count_quick_tests(const program& of) {
  std::size_t count = 0;
  for (const program_table& table : of.tables)
    for (const program_chain& chain : table.chains) count += chain.quick_tests.size();
  return count;
}

// Whether a rule is skipped for a packet.
bool is_skipped(const predicate& holds, const predicate& drops, const packet& sent, field_set not_known = 0) {
  cordon::detail::quick_parts parts;
  parts.begin(0, sent, not_known);
  return !parts.passes({holds, drops, sent.family}, sent, not_known);
}

}  // namespace

TEST_CASE("a packet that is taken past rules meets the same ones as one that asks each") {
  rc::prop("its way, its verdict, and what that hangs on", [] {
    const auto setting = testing::firewall_setting{.with_opaque = *rc::gen::arbitrary<bool>()};
    const firewall rules = *testing::firewalls(setting);
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    for (const family in : both_families) {
      const program quick = compile(rules, in);
      const program slow = without_quick_tests(quick);
      const auto around = testing::edges::of_firewall(rules, in);
      for (int i = 0; i < 20; ++i) {
        const packet sent = testing::draw_packet(choices, around);
        field_set not_known = 0;
        while (choices.one_in(2)) not_known |= set_of(static_cast<field>(choices.below(field_count)));
        RC_LOG() << testing::shown(rules) << "\n" << testing::shown(sent) << " not known: " << not_known << "\n";
        const outcome a = simulate(quick, sent, not_known);
        const outcome b = simulate(slow, sent, not_known);
        RC_ASSERT(a.way == b.way);
        RC_ASSERT(a.possible == b.possible);
        RC_ASSERT(a.became == b.became);
        RC_ASSERT(a.open == b.open);
        RC_ASSERT(a.hangs_on.size() == b.hangs_on.size());
      }
    }
  });
}

TEST_CASE("rules have quick tests at run time") {
  const auto read = read_ruleset("*filter\n:f - [0:0]\n-A OUTPUT -p tcp -j f\n-A f -d 10.0.0.0/8 -j DROP\nCOMMIT\n");
  firewall rules;
  rules.v4 = *read;
  CHECK(count_quick_tests(compile(rules, family::ipv4)) == 2);
}

TEST_CASE("the narrowest bounds are asked") {
  packet sent;
  sent.destination = 0x0a000001;
  sent.second_word = 80;
  const predicate to_host = is(field::protocol, 6) && is(field::destination, 0x0a000002);
  CHECK(is_skipped(to_host, never(), sent));
  CHECK_FALSE(is_skipped(to_host, never(), sent, set_of(field::destination)));
  CHECK_FALSE(is_skipped(!to_host, never(), sent));
  CHECK_FALSE(is_skipped(always(), never(), sent));
  CHECK(is_skipped(never(), never(), sent));
  // Of alternatives all that lies between.
  CHECK(is_skipped(is(field::second_word, 90) || is(field::second_word, 100), never(), sent));
  CHECK_FALSE(is_skipped(is(field::second_word, 70) || is(field::second_word, 100), never(), sent));
  CHECK_FALSE(is_skipped(is(field::second_word, 90) || is(field::destination, 1), never(), sent));
}

TEST_CASE("what a match drops is not skipped") {
  packet sent;
  const predicate cut = between(field::transport, 0, 7);
  CHECK(is_skipped(never(), cut, sent));
  CHECK(is_skipped(never(), cut && is(field::protocol, 17), sent));
  CHECK_FALSE(is_skipped(never(), cut || is(field::protocol, 17), sent));
  CHECK_FALSE(is_skipped(never(), cut, sent, set_of(field::transport)));
  // What no packet has.
  sent.transport = static_cast<transport_part>(77);
  CHECK_FALSE(is_skipped(never(), cut, sent));
  sent.transport = static_cast<transport_part>(7);
  CHECK_FALSE(is_skipped(never(), cut, sent));
}

TEST_CASE("addresses of IPv6 and names are compared by their beginnings") {
  packet sent;
  sent.family = family::ipv6;
  sent.destination = (uint128{0xfd090000U} << 96) | 1;
  sent.out = "eth0";
  const auto prefix = [](std::uint32_t first) {
    return between(field::destination, uint128{first} << 96, (uint128{first + 1} << 96) - 1);
  };
  CHECK(is_skipped(prefix(0xfd080000U), never(), sent));
  CHECK_FALSE(is_skipped(prefix(0xfd090000U), never(), sent));
  // The same upper half.
  CHECK_FALSE(is_skipped(is(field::destination, (uint128{0xfd090000U} << 96) | 2), never(), sent));
  CHECK(is_skipped(is(field::out, number_of(interface_name("lo"))), never(), sent));
  CHECK_FALSE(is_skipped(is(field::out, number_of(interface_name("eth0"))), never(), sent));
}
