#include "../catch.hpp"

#include <string>

#include <cordon/prove/own_chain.hpp>
#include <cordon/repair/edit_lines.hpp>
#include <cordon/target/standard.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

rule read_rule(std::string_view words) {
  return read_rules("*filter\n-A OUTPUT " + std::string(words) + "\nCOMMIT\n")
      .find(table_name::filter)
      ->find("OUTPUT")
      ->rules[0];
}

std::string lines(const sequence<rule_edit>& edits, const firewall& host) {
  std::string all;
  for (const edit_line& one : lines_of(edits, host.v4, family::ipv4)) all += testing::shown(one.words) + "\n";
  return all;
}

const chain_place output{0, table_name::filter, "OUTPUT"};

}  // namespace

TEST_CASE("what lets out comes first, and each number is that of its moment") {
  const firewall host =
      host_with("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -p udp -j ACCEPT\n-A OUTPUT -p icmp -j ACCEPT\n");
  const sequence<rule_edit> edits = {
      {rule_edit::kind::remove, output, 1, {}},
      {rule_edit::kind::replace, output, 2, read_rule("-p udp --dport 53 -j ACCEPT")},
      {rule_edit::kind::insert, output, 2, read_rule("-p udp -j DROP")},
      {rule_edit::kind::insert, output, 2, read_rule("-p sctp -j ACCEPT")},
      {rule_edit::kind::policy, output, 0, {}},
      {rule_edit::kind::insert, output, 4, read_rule("-j DROP")},
  };
  CHECK(lines(edits, host) ==
        "-I OUTPUT 2 -p sctp -j ACCEPT\n"
        "-R OUTPUT 3 -p udp -m udp --dport 53 -j ACCEPT\n"
        "-I OUTPUT 3 -p udp -j DROP\n"
        "-I OUTPUT 6 -j DROP\n"
        "-D OUTPUT 1\n"
        "-P OUTPUT DROP\n");
  const family_rules after = edited(host.v4, edits);
  CHECK(lines_lead_to(lines_of(edits, host.v4, family::ipv4), host.v4, after, family::ipv4));
  std::string rules;
  for (const rule& one : after.rulesets[0].find(table_name::filter)->find("OUTPUT")->rules)
    rules += testing::shown(write_rule(one, family::ipv4, "OUTPUT")) + "\n";
  CHECK(rules ==
        "-A OUTPUT -p sctp -j ACCEPT\n-A OUTPUT -p udp -j DROP\n-A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\n"
        "-A OUTPUT -p icmp -j ACCEPT\n-A OUTPUT -j DROP\n");
}

TEST_CASE("lines that lead elsewhere are found") {
  const firewall host = host_with("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -p udp -j ACCEPT\n");
  const family_rules after = edited(host.v4, {{rule_edit::kind::remove, output, 1, {}}});
  CHECK(lines_lead_to({{0, table_name::filter, "-D OUTPUT 1"}}, host.v4, after, family::ipv4));
  CHECK_FALSE(lines_lead_to({{0, table_name::filter, "-D OUTPUT 2"}}, host.v4, after, family::ipv4));
  CHECK_FALSE(lines_lead_to({{0, table_name::filter, "-D OUTPUT 3"}}, host.v4, after, family::ipv4));
}

TEST_CASE("whatever is changed, its lines come to it") {
  CHECK(rc::check([] {
    const backend how = *rc::gen::element(backend::legacy, backend::nft);
    const ruleset rules = *testing::rulesets(family::ipv4, how, {.most_rules = 4});
    family_rules before(rules);
    sequence<rule_edit> edits;
    for (const table& in : rules.tables)
      for (const chain& each : in.chains)
        for (std::uint32_t number = 1; number <= each.rules.size() + 1; ++number) {
          const int what = *rc::gen::inRange(0, 6);
          const chain_place here{0, in.name, each.name};
          if (what < 2) {
            rule made;
            made.protocol = {true, false, what == 0 ? protocol::tcp : protocol::udp};
            made.target = what == 0 ? detail::target_of(accept_target) : detail::target_of(drop_target);
            if (in.name == table_name::nat && what == 1) continue;
            edits.push_back({rule_edit::kind::insert, here, number, made});
          } else if (what == 2 && number <= each.rules.size()) {
            edits.push_back({rule_edit::kind::remove, here, number, {}});
          } else if (what == 3 && number <= each.rules.size()) {
            rule made = each.rules[number - 1];
            made.destination = {true, false, {ipv4_address(10, 1, 2, 3), prefix_mask(family::ipv4, 32)}};
            edits.push_back({rule_edit::kind::replace, here, number, made});
          }
        }
    RC_ASSERT(lines_lead_to(lines_of(edits, before, family::ipv4), before, edited(before, edits), family::ipv4));
  }));
}
