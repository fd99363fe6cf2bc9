#include <cordon/render/graph_svg.hpp>

#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string picture_of_rules(const firewall& live) {
  const proof answer = prove(live, sandbox(uid{1001}));
  return testing::shown(write_svg(graph_of(live, &answer)));
}

bool is_drawn(const std::string& in, const std::string& words) { return in.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a picture shows rules that never decide, those that leak, jumps, and what follows") {
  firewall live = host_with("");
  live.v4 = read_rules(
      "*nat\n-A OUTPUT -p udp -j REDIRECT --to-ports 5\nCOMMIT\n"
      "*filter\n:OUTPUT DROP [0:0]\n:A - [0:0]\n-A OUTPUT -p tcp -j A\n-A A -o lo -j ACCEPT\n-A A -o lo -j DROP\nCOMMIT\n");
  const std::string made = picture_of_rules(live);
  CHECK(made.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\""));
  CHECK(is_drawn(made, "class=\"leaks\">1  -o lo -j ACCEPT</text>"));
  CHECK(is_drawn(made, "class=\"dead\">2  -o lo -j DROP</text>"));
  CHECK(is_drawn(made, "class=\"title\">filter A</text>"));
  CHECK(is_drawn(made, "class=\"leaks jump\""));
  CHECK(is_drawn(made, "<title>by rule 1</title>"));
  CHECK(is_drawn(made, "class=\"plain next\""));
  CHECK(is_drawn(made, "<title>then the next table</title>"));
  CHECK(is_drawn(made, ">IPv4</text>"));
  CHECK_FALSE(is_drawn(made, ">IPv6</text>"));
  // No page stands around it that would lead anywhere, or know a colour by its name.
  CHECK_FALSE(is_drawn(made, "href"));
  CHECK_FALSE(is_drawn(made, "var("));
  CHECK(is_drawn(made, ".graph text{fill:#1a1f26;"));
}

TEST_CASE("families stand below each other") {
  const std::string made = picture_of_rules(firewall{});
  CHECK(is_drawn(made, ">IPv4</text>"));
  const auto second = made.find("class=\"graph\" role=\"group\" y=\"", made.find(">IPv6</text>"));
  REQUIRE(second != std::string::npos);
  CHECK(made.find("class=\"graph\" role=\"group\" y=\"24\"") < second);
}
