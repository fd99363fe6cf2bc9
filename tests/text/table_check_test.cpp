#include <cordon/text/table_check.hpp>

#include <string>

#include "../catch.hpp"
#include "reading.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// OUTPUT leads to c0, each chain to the next, `count` of them.
std::string nested(int count, const std::string& how) {
  std::string made = "*filter\n";
  for (int i = 0; i < count; ++i) made += ":c" + std::to_string(i) + " - [0:0]\n";
  made += "-A OUTPUT " + how + " c0\n";
  for (int i = 0; i + 1 < count; ++i)
    made += "-A c" + std::to_string(i) + " " + how + " c" + std::to_string(i + 1) + "\n";
  return made + "COMMIT\n";
}

}  // namespace

TEST_CASE("a loop that a built-in chain reaches is refused at the jump that closes it, by either back end") {
  const std::string rules = "*filter\n:A - [0:0]\n:B - [0:0]\n-A OUTPUT -j A\n-A A -p tcp -j B\n-A B -g A\nCOMMIT\n";
  const std::string said =
      "rules:6:1: error: this jump closes a loop that OUTPUT reaches: A -> B -> A; the kernel refuses such a table, "
      "take one of these jumps out\n";
  CHECK(read_text(rules, nft) == said);
  CHECK(read_text(rules, legacy) == said);
  CHECK(read_lines("-A A -j A\n-A OUTPUT -j A\n").starts_with("rules:3:1: error: this jump closes a loop"));
}

TEST_CASE("a loop that nothing reaches is loaded") {
  CHECK(read_lines("-A A -j A\n") == "-A A -j A\n");
  const std::string two = "*filter\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -g A\nCOMMIT\n";
  CHECK(read_text(two, legacy).starts_with("*filter"));
  CHECK(read_text(two, nft).starts_with("*filter"));
}

TEST_CASE("nf_tables takes fifteen chains below a built-in one, by jump or goto; legacy takes any number") {
  for (const char* const how : {"-j", "-g"}) {
    CAPTURE(how);
    CHECK(read_text(nested(15, how), nft).starts_with("*filter"));
    CHECK(
        read_text(nested(16, how), nft) ==
        "rules:18:1: error: from here chains nest 16 deep below OUTPUT: nf_tables takes 15, so make the way shorter\n");
    CHECK(read_text(nested(16, how), legacy).starts_with("*filter"));
  }
}

TEST_CASE("chains that nothing reaches may nest as deep as they like") {
  std::string rules = nested(40, "-j");
  rules.erase(rules.find("-A OUTPUT"), std::string("-A OUTPUT -j c0\n").size());
  CHECK(read_text(rules, nft).starts_with("*filter"));
}

TEST_CASE("a chain that several chains reach is no loop, and its depth is that of the longest way") {
  std::string rules = "*filter\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]\n";
  rules += "-A OUTPUT -j A\n-A OUTPUT -j B\n-A OUTPUT -j C\n-A A -j C\n-A A -j B\n-A B -j C\nCOMMIT\n";
  CHECK(read_text(rules, nft).starts_with("*filter"));
}

TEST_CASE("ten thousand nested chains are an answer, and a loop of them is named in short") {
  CHECK(read_text(nested(10000, "-j"), legacy).starts_with("*filter"));
  std::string loop = nested(10000, "-j");
  loop.insert(loop.rfind("COMMIT"), "-A c9999 -j c0\n");
  const std::string said = read_text(loop, legacy);
  CHECK(said.find("c0 -> c1 -> c2 -> c3 -> c4 -> c5 -> ... -> c9994") != std::string::npos);
  CHECK(said.size() < 400);
}
