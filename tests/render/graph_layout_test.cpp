#include <cordon/render/graph_layout.hpp>

#include <string>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::size_t place_in(const graph_layout& of, const chain_graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < of.chains.size(); ++i)
    if (testing::shown(graph.chains[of.chains[i].chain].name) == name) return i;
  FAIL("no chain " << name);
  return 0;
}

}  // namespace

TEST_CASE("a chain is drawn below and to the right of what leads to it") {
  const chain_graph graph = graph_of(
      host_with(":OUTPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]\n"
                "-A OUTPUT -p tcp -j A\n-A OUTPUT -p udp -j C\n-A OUTPUT -p icmp -j B\n-A A -p tcp -j B\n-A B -p "
                "tcp -j C\n-A C -j DROP\n"));
  const graph_layout made = layout_of(graph, family::ipv4);
  REQUIRE(made.chains.size() == 4);
  std::size_t last = 0;
  for (const std::string name : {"filter OUTPUT", "filter A", "filter B", "filter C"}) {
    const placed_chain& one = made.chains[place_in(made, graph, name)];
    CHECK(one.y >= last);
    CHECK(one.layer == (name == "filter OUTPUT" ? 0U : static_cast<std::size_t>(name.back() - 'A' + 1)));
    last = one.y + one.height;
  }
  // From rule 2 of OUTPUT, and from rule 1 of B, to the title of C.
  const placed_chain& c = made.chains[place_in(made, graph, "filter C")];
  const placed_chain& output = made.chains[place_in(made, graph, "filter OUTPUT")];
  bool found = false;
  for (const placed_edge& one : made.edges) {
    if (graph.edges[one.edge].from != output.chain || graph.edges[one.edge].to != c.chain) continue;
    found = true;
    CHECK(one.from_y == sequence<std::size_t>{output.line_y(1)});
    CHECK(one.to_y == c.title_y());
    CHECK(one.to_x == c.x);
  }
  CHECK(found);
}

TEST_CASE(
    "rules that share an edge leave from their own lines, those that are left out from the line that stands for them") {
  std::string rules = ":OUTPUT DROP [0:0]\n:A - [0:0]\n";
  for (int i = 0; i < 40; ++i)
    rules += i == 1 || i == 20 ? "-A OUTPUT -p tcp -j A\n"
                               : "-A OUTPUT -p udp -m udp --dport " + std::to_string(i) + " -j ACCEPT\n";
  const chain_graph graph = graph_of(host_with(rules));
  const graph_layout made = layout_of(graph, family::ipv4);
  REQUIRE(made.edges.size() == 1);
  const placed_chain& output = made.chains[0];
  CHECK(made.edges[0].from_y == sequence<std::size_t>{output.line_y(1), output.line_y(7)});
}

TEST_CASE("of whatever rules, no boxes meet, all lies within the picture, and no two jumps share a stretch of a lane") {
  rc::prop("for both families", [] {
    const firewall live = *testing::firewalls();
    const chain_graph graph = graph_of(live);
    for (const family in : both_families) {
      const graph_layout made = layout_of(graph, in);
      std::size_t bottom = 0;
      for (const placed_chain& one : made.chains) {
        RC_ASSERT(graph.chains[one.chain].family == in);
        RC_ASSERT(one.y > bottom);
        bottom = one.y + one.height;
        RC_ASSERT(one.x + one.width < made.width);
        RC_ASSERT(one.line_y(graph.chains[one.chain].lines.size()) <= bottom + detail::line_height);
      }
      RC_ASSERT(made.chains.empty() || bottom < made.height);
      for (std::size_t i = 0; i < made.edges.size(); ++i) {
        const placed_edge& one = made.edges[i];
        RC_ASSERT(one.from_y.front() < one.to_y);
        RC_ASSERT(one.lane_x < one.from_x);
        RC_ASSERT(one.lane_x < one.to_x);
        for (std::size_t other = 0; other < i; ++other)
          RC_ASSERT(made.edges[other].lane_x != one.lane_x || made.edges[other].to_y < one.from_y.front() ||
                    one.to_y < made.edges[other].from_y.front());
      }
    }
  });
}
