#include <cordon/simulate/simulate.hpp>

#include "../catch.hpp"
#include "examples.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
void check(const sequence<example>& examples) {
  REQUIRE_FALSE(examples.empty());
  for (const example& one : examples) {
    INFO(one.says);
    const program ready = compile(one.rules, one.sent.family);
    const outcome made = simulate(ready, one.sent, one.not_known);
    CHECK(std::string(line_of(made).view()) == one.line);
    CHECK_FALSE(made.way_cut);
    CHECK(verdict_of(ready, one.sent, one.not_known) == made.verdict);
    CHECK((made.verdict.what == verdict::kind::unknown) == !made.hangs_on.empty());
    const bool decided = made.verdict.what != verdict::kind::unknown && !made.way.empty();
    CHECK(made.decided_by.has_value() == decided);
  }
}

std::string questions(const outcome& of) {
  std::string all;
  for (const open_question& one : of.hangs_on) {
    if (!all.empty()) all += "; ";
    all += std::string(name_of(one.table)) + ":" + std::string(one.chain.view()) + ":" + std::to_string(one.number) +
           " " + std::string(one.because.view());
  }
  return all;
}

// A chain that jumps twice to the next, `depth` times.
firewall fanning_out(unsigned depth, rule last) {
  sequence<chain> chains;
  const auto name = [](unsigned i) { return chain_name(std::string_view("C" + std::to_string(i))); };
  chains.push_back(output({jump(name(0))}));
  for (unsigned i = 0; i < depth; ++i) chains.push_back(user_chain(name(i), {jump(name(i + 1)), jump(name(i + 1))}));
  chains.push_back(user_chain(name(depth), {std::move(last)}));
  return firewall_of({filter(std::move(chains))});
}
}  // namespace

TEST_CASE("chains are walked as the kernel walks them") { check(chain_examples()); }
TEST_CASE("tables are walked as the kernel walks them") { check(table_examples()); }
TEST_CASE("a match that drops leaves the way that the kernel's trace leaves") { check(drop_in_match_examples()); }
TEST_CASE("an unknown decision goes both ways, and only its consequences make a verdict unknown") {
  check(unknown_examples());
}

TEST_CASE("what a target makes of a packet is there behind it") { check(change_examples()); }

TEST_CASE("an IPv6 packet goes by the rules of IPv6 alone") {
  firewall rules = firewall_of({filter({drop()})});
  rules.v4 = {};
  packet sent = to_loopback();
  CHECK(simulate(rules, sent).accepted());
  sent.family = family::ipv6;
  CHECK_FALSE(simulate(rules, sent).accepted());
}

TEST_CASE("of two back ends a packet must pass both, table by table") {
  firewall rules = firewall_of({filter({accept()})}, backend::legacy);
  rules.v4.rulesets.push_back(
      {backend::nft, {make_table(table_name::raw, {output({nothing()})}), filter({drop()})}, {}});
  CHECK(line_of(simulate(rules, to_loopback())) ==
        "DROP raw:OUTPUT:rule:1 raw:OUTPUT:policy:2 filter:OUTPUT:rule:1? filter:OUTPUT:rule:1");
}

TEST_CASE("an outcome points at the rule that decides") {
  const firewall rules = firewall_of({filter({output({jump("A")}), user_chain("A", {nothing(), drop()})})});
  const auto decided = simulate(rules, to_loopback()).decided_by;
  REQUIRE(decided);
  CHECK(decided->source == &rules.v4.rulesets[0].tables[0].chains[1].rules[1]);
  CHECK(to_text(decided->step) == "filter:A:rule:2");
  CHECK_FALSE(decided->in_match);
}

TEST_CASE("an accepted packet is decided in filter, whatever security says behind it") {
  const auto security = make_table(table_name::security, {output({accept()})});
  const firewall both = firewall_of({filter(sequence<rule>{}), security});
  CHECK(to_text(simulate(both, to_loopback()).decided_by->step) == "filter:OUTPUT:policy:1");
  const firewall one = firewall_of({make_table(table_name::mangle, {output({})}), security});
  CHECK(to_text(simulate(one, to_loopback()).decided_by->step) == "security:OUTPUT:rule:1");
}

TEST_CASE("a packet that a match drops is decided by that match's rule") {
  packet cut = to_loopback();
  cut.transport = static_cast<transport_part>(3);
  const firewall rules = firewall_of({filter({when_long_enough(8, accept())})}, backend::legacy);
  const outcome made = simulate(rules, cut);
  CHECK(line_of(made) == "DROP");
  REQUIRE(made.decided_by);
  CHECK(to_text(made.decided_by->step) == "filter:OUTPUT:rule:1");
  CHECK(made.decided_by->in_match);
}

TEST_CASE("an unknown verdict names the decisions that it hangs on, and no others") {
  const auto of = [](sequence<chain> chains) {
    return questions(simulate(firewall_of({filter(std::move(chains))}), to_loopback()));
  };
  CHECK(of({output({perhaps(nothing(), "--log"), perhaps(drop(), "--one"), accept()})}) ==
        "filter:OUTPUT:2 -m newest --one");
  CHECK(of({output({perhaps(jump("A"), "--log"), perhaps(jump("B"), "--one")}), user_chain("A", {nothing()}),
            user_chain("B", {perhaps(drop(), "--two"), accept()})}) ==
        "filter:OUTPUT:2 -m newest --one; filter:B:1 -m newest --two");
  CHECK(of({output({perhaps(accept(), "--one"), perhaps(drop(), "--two"), perhaps(accept(), "--three")})}) ==
        "filter:OUTPUT:1 -m newest --one; filter:OUTPUT:2 -m newest --two");
  CHECK(of({output({unknown_target(), when_mark(1, drop())})}) ==
        "filter:OUTPUT:1 -j NEWEST; filter:OUTPUT:2 a field whose value is not known");
  CHECK(of({output({jump("A"), jump("A")}), user_chain("A", {perhaps(drop())})}) == "filter:A:1 -m newest --often");
  CHECK(of({output({when_out("eth0", perhaps(drop(), "--never")), perhaps(drop(), "--one")})}) ==
        "filter:OUTPUT:2 -m newest --one");
}

TEST_CASE("a verdict that hangs on whether nat is met says so") {
  const auto nat = make_table(table_name::nat, {output({unknown_target()})});
  const firewall rules = firewall_of({nat});
  const outcome made =
      simulate(compile(rules, family::ipv4), in_state(connection_state::related), set_of(field::expected_first));
  CHECK(to_text(made.verdict) == "UNKNOWN");
  CHECK(questions(made) == "nat:OUTPUT:0 whether the packet opens a connection; nat:OUTPUT:1 -j NEWEST");
}

TEST_CASE("an outcome tells what the packet was last") {
  const auto nat = make_table(table_name::nat, {output({send_to(53, 60)})});
  const outcome sent = simulate(firewall_of({nat, filter({set_mark(7)})}), to_loopback());
  CHECK(sent.became.mark == 7);
  CHECK(sent.became.nat_status == 2);
  CHECK(sent.open == set_of(field::second_word));
  const outcome stopped = simulate(firewall_of({nat, filter({set_mark(7), drop(), set_mark(8)})}), to_loopback());
  CHECK(stopped.became.mark == 7);
  const outcome either = simulate(firewall_of({filter({perhaps(set_mark(7))})}), to_loopback());
  CHECK(either.accepted());
  CHECK(either.open == set_of(field::mark));
  CHECK(either.became.second_word == 8000);
}

TEST_CASE("more versions of a packet than are kept apart lose what is known, but no possible verdict") {
  sequence<rule> rules;
  for (unsigned bit = 0; bit < 10; ++bit) rules.push_back(perhaps(set_mark(1U << bit, 0)));
  rules.push_back(when_mark(1023, drop()));
  CHECK(simulate(firewall_of({filter(rules)}), to_loopback()).possible.size() == 2);
  // Another field is not touched by that.
  rules.push_back(when_port_up_to(7999, reject(reject_type::tcp_reset)));
  CHECK(simulate(firewall_of({filter(rules)}), to_loopback()).possible.size() == 2);
}

TEST_CASE("chains that fan out are judged all the same, but their way stops short") {
  for (const bool open : {false, true}) {
    const firewall rules = fanning_out(60, open ? perhaps(drop()) : nothing());
    const outcome made = simulate(rules, to_loopback());
    CHECK(made.way_cut);
    CHECK(made.way.size() == 65536);
    CHECK(to_text(made.verdict) == (open ? "UNKNOWN" : "ACCEPT"));
    CHECK(questions(made) == (open ? "filter:C60:1 -m newest --often" : ""));
    CHECK(verdict_of(compile(rules, family::ipv4), to_loopback()) == made.verdict);
  }
}

TEST_CASE("a way of 2^15 visits is whole") {
  const outcome made = simulate(fanning_out(13, nothing()), to_loopback());
  CHECK_FALSE(made.way_cut);
  // One jump in OUTPUT, 2^13 visits of the last chain with two steps each, for each of the chains before it
  // 2^i visits with two jumps and an end, and the policy.
  CHECK(made.way.size() == 1 + 2 * 8192 + 3 * 8191 + 1);
}

TEST_CASE("chains may nest twenty thousand deep") {
  sequence<chain> chains;
  const auto name = [](unsigned i) { return chain_name(std::string_view("C" + std::to_string(i))); };
  chains.push_back(output({jump(name(0)), drop()}));
  for (unsigned i = 0; i < 20000; ++i) chains.push_back(user_chain(name(i), {jump(name(i + 1))}));
  chains.push_back(user_chain(name(20000), {}));
  const outcome made = simulate(firewall_of({filter(std::move(chains))}), to_loopback());
  CHECK(to_text(made.verdict) == "DROP");
  CHECK(made.way.size() == 1 + 20000 + 1 + 20000 + 1);
}

TEST_CASE("many stateless matches in play are no excuse for a wrong verdict") {
  // Twelve that drop, each with its opposite, and one rule behind that no packet reaches.
  sequence<rule> rules;
  static constexpr match_extension weathers[] = {
      {.name = "a", .meaning = [](const sequence<option>& o, const meaning_context&) -> match_meaning {
         predicate holds = unknown(join("weather ", decimal(o[0].numbers[0].low)), false);
         return {o[0].inverted ? !holds : holds};
       }}};
  for (unsigned i = 0; i < 12; ++i) {
    for (const bool inverted : {false, true}) {
      rule made = when(weathers[0], i, inverted ? nothing() : drop());
      if (i == 11) made.target = drop().target;
      made.matches.back().options[0].inverted = inverted;
      rules.push_back(made);
    }
  }
  rules.push_back(accept());
  CHECK(to_text(simulate(firewall_of({filter(rules)}), to_loopback()).verdict) == "DROP");
}
