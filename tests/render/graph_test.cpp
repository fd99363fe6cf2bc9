#include <cordon/render/graph.hpp>

#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const std::string rules_with_chains =
    ":OUTPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n:UNREACHED - [0:0]\n"
    "-A OUTPUT -p tcp -j A\n-A OUTPUT -p udp -j A\n-A OUTPUT -p icmp -g B\n-A A -o lo -j ACCEPT\n-A A -o lo -p tcp -j DROP\n-A B -j DROP\n";

const graph_chain& chain_of(const chain_graph& in, const std::string& name) {
  for (const graph_chain& one : in.chains)
    if (testing::shown(one.name) == name) return one;
  FAIL("no chain " << name);
  return in.chains[0];
}

std::size_t count_of(const std::string& words, const std::string& in) {
  std::size_t count = 0;
  for (std::size_t at = in.find(words); at != std::string::npos; at = in.find(words, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a graph has the chains that OUTPUT leads to, what leads there, and what never decides") {
  const chain_graph made = graph_of(host_with(rules_with_chains));
  REQUIRE(made.chains.size() == 3);
  const graph_chain& a = chain_of(made, "filter A");
  REQUIRE(a.lines.size() == 2);
  CHECK(testing::shown(a.lines[0].words) == "1  -o lo -j ACCEPT");
  CHECK(a.lines[0].mark == graph_mark::plain);
  CHECK(a.lines[1].mark == graph_mark::dead);
  CHECK(testing::shown(chain_of(made, "filter OUTPUT").lines.back().words) == "policy ACCEPT");
  REQUIRE(made.edges.size() == 2);
  CHECK(testing::shown(made.edges[0].words) == "1, 2");
  CHECK(testing::shown(made.edges[1].words) == "3");
}

TEST_CASE("the way of a leak is marked, in the rules, the chains and between them") {
  const firewall live = host_with(rules_with_chains);
  const egress_policy policy = sandbox(uid{1001});
  const proof answer = prove(live, policy);
  const chain_graph made = graph_of(live, &answer);
  CHECK(chain_of(made, "filter A").lines[0].mark == graph_mark::leaks);
  CHECK(chain_of(made, "filter A").mark == graph_mark::leaks);
  CHECK(chain_of(made, "filter B").mark == graph_mark::plain);
  CHECK(made.edges[0].mark == graph_mark::leaks);
  CHECK(made.edges[1].mark == graph_mark::plain);

  firewall without_rules;
  const proof open = prove(without_rules, policy);
  const chain_graph two = graph_of(without_rules, &open);
  REQUIRE(two.chains.size() == 2);
  CHECK(two.chains[1].mark == graph_mark::leaks);
  CHECK(testing::shown(two.chains[1].lines[0].words) == "all is accepted");
}

TEST_CASE("a large chain is shown in part, its target never cut off") {
  std::string many = ":OUTPUT DROP [0:0]\n";
  for (int i = 0; i < 40; ++i)
    many += "-A OUTPUT -p tcp -m tcp --dport " + std::to_string(1 + i) + " -m comment --comment " +
            std::string(120, 'x') + " -j ACCEPT\n";
  const chain_graph made = graph_of(host_with(many));
  const sequence<graph_line>& lines = made.chains[0].lines;
  CHECK(lines.size() == 7 + 1 + 3 + 1);
  CHECK(testing::shown(lines[7].words) == "... 30 more rules");
  CHECK(testing::shown(lines[0].words).ends_with("... -j ACCEPT"));
}

TEST_CASE("of a large table the chains that no leak touches are one line each, and beyond some they are counted") {
  std::string many = ":OUTPUT DROP [0:0]\n";
  for (int i = 0; i < 40; ++i) many += ":C" + std::to_string(i) + " - [0:0]\n";
  for (int i = 0; i < 40; ++i)
    many += "-A OUTPUT -d 10." + std::to_string(i) + ".0.0/16 -j C" + std::to_string(i) + "\n";
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < 5; ++j)
      many += "-A C" + std::to_string(i) + " -p tcp -m tcp --dport " + std::to_string(j + 1) +
              " -m owner --uid-owner " + (i == 35 ? "1001" : "7") + " -j ACCEPT\n";
  const firewall live = host_with(many);
  const proof answer = prove(live, sandbox(uid{1001}));
  const chain_graph made = graph_of(live, &answer);
  REQUIRE(made.chains.size() == 25);
  CHECK(chain_of(made, "filter C35").lines.size() == 5);
  CHECK(chain_of(made, "filter C35").mark == graph_mark::leaks);
  REQUIRE(chain_of(made, "filter C0").lines.size() == 1);
  CHECK(testing::shown(chain_of(made, "filter C0").lines[0].words) == "... 5 rules");
  CHECK(testing::shown(chain_of(made, "filter: 17 more chains").lines[0].words) ==
        "... 85 rules, none on the way of a leak");
  for (const graph_edge& one : made.edges)
    CHECK((one.mark == graph_mark::leaks) == (testing::shown(made.chains[one.to].name) == "filter C35"));
}

TEST_CASE("many rules of a chain that leak are shown in part too, and what is left out says so") {
  std::string many = ":OUTPUT DROP [0:0]\n";
  for (int i = 0; i < 100; ++i) many += "-A OUTPUT -p tcp -m tcp --dport " + std::to_string(1 + i) + " -j ACCEPT\n";
  const firewall live = host_with(many);
  const proof answer = prove(live, sandbox(uid{1001}));
  const sequence<graph_line> lines = graph_of(live, &answer).chains[0].lines;
  CHECK(lines.size() == 7 + 17 + 1 + 3 + 1);
  CHECK(testing::shown(lines[24].words) == "... 73 more rules, some on the way of a leak");
  CHECK(lines[24].mark == graph_mark::leaks);
  CHECK(lines[3].leak == 4);
}

TEST_CASE("a graph of what is forwarded starts at FORWARD") {
  const firewall live = host_with(":FORWARD DROP [0:0]\n-A FORWARD -i eth1 -j ACCEPT\n");
  const proof answer = prove(live, packets_through(hook::forward));
  const chain_graph made = graph_of(live, &answer);
  REQUIRE(made.chains.size() == 1);
  CHECK(testing::shown(made.chains[0].name) == "filter FORWARD");
  CHECK(made.chains[0].lines[0].mark == graph_mark::leaks);
}

TEST_CASE("tables follow one another") {
  firewall live = host_with("");
  live.v4 = read_rules("*nat\n-A OUTPUT -p udp -j REDIRECT --to-ports 5\nCOMMIT\n*filter\n-A OUTPUT -j DROP\nCOMMIT\n");
  const chain_graph made = graph_of(live);
  REQUIRE(made.edges.size() == 1);
  CHECK(made.edges[0].words.empty());
  CHECK(testing::shown(write_dot(made)).find("n0 -> n1 [color=\"#202020\", label=\"then\", style=dashed];") !=
        std::string::npos);
  CHECK(testing::shown(write_mermaid(made)).find("n0 -. then .-> n1") != std::string::npos);
}

TEST_CASE("whatever the rules hold, labels hold no mark-up of theirs") {
  const chain_graph made =
      graph_of(host_with(":OUTPUT ACCEPT [0:0]\n-A OUTPUT -m comment --comment \"<b>&\\\"\" -j ACCEPT\n"));
  CHECK(testing::shown(write_dot(made)).find("&lt;b&gt;&amp;") != std::string::npos);
  CHECK(testing::shown(write_mermaid(made)).find("&lt;b&gt;&amp;") != std::string::npos);
  rc::prop("a node for each chain, a line for each edge", [] {
    const chain_graph all = graph_of(*testing::firewalls({.with_opaque = true}));
    const std::string dot = testing::shown(write_dot(all));
    RC_ASSERT(count_of(" [label=<<table", dot) == all.chains.size());
    RC_ASSERT(count_of(" -> n", dot) == all.edges.size());
    RC_ASSERT(count_of("{", dot) == count_of("}", dot));
  });
}
