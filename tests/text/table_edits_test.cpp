#include <cordon/text/table_edits.hpp>

#include <algorithm>
#include <string>

#include <rapidcheck.h>

#include "../catch.hpp"
#include "reading.hpp"

using namespace cordon;
using namespace cordon::test;

// Each expectation here is what iptables-legacy-save and iptables-nft-save 1.8.9 printed after a load.

TEST_CASE("-I puts a rule first, or before the rule of its number") {
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-I OUTPUT -d 2.2.2.2\n-I OUTPUT 2 -d 3.3.3.3\n-I OUTPUT 4 -d 4.4.4.4\n") ==
        "-A OUTPUT -d 2.2.2.2/32\n-A OUTPUT -d 3.3.3.3/32\n-A OUTPUT -d 1.1.1.1/32\n-A OUTPUT -d 4.4.4.4/32\n");
  CHECK(read_lines("-I OUTPUT 2 -j ACCEPT\n") ==
        "rules:3:1: error: the chain has 0 rules, so 1 is the last place for another\n");
  CHECK(read_lines("-I OUTPUT 0 -j ACCEPT\n") ==
        "rules:3:11: error: '0' is no rule number: 1 is the chain's first rule\n");
}

TEST_CASE("-A puts the rules of address lists in order, source by source; -I puts them the other way round") {
  CHECK(read_lines("-A OUTPUT -d 3.3.3.3,4.4.4.4 -s 1.1.1.1,2.2.2.2\n") ==
        "-A OUTPUT -s 1.1.1.1/32 -d 3.3.3.3/32\n-A OUTPUT -s 1.1.1.1/32 -d 4.4.4.4/32\n"
        "-A OUTPUT -s 2.2.2.2/32 -d 3.3.3.3/32\n-A OUTPUT -s 2.2.2.2/32 -d 4.4.4.4/32\n");
  CHECK(read_lines("-A OUTPUT -d 9.9.9.9\n-I OUTPUT 2 -s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4\n") ==
        "-A OUTPUT -d 9.9.9.9/32\n-A OUTPUT -s 2.2.2.2/32 -d 4.4.4.4/32\n-A OUTPUT -s 2.2.2.2/32 -d 3.3.3.3/32\n"
        "-A OUTPUT -s 1.1.1.1/32 -d 4.4.4.4/32\n-A OUTPUT -s 1.1.1.1/32 -d 3.3.3.3/32\n");
}

TEST_CASE("a list may hold an address that fits all, and one twice") {
  CHECK(read_lines("-A OUTPUT -s 1.2.3.4,0.0.0.0/0,1.2.3.4 -j ACCEPT\n") ==
        "-A OUTPUT -s 1.2.3.4/32 -j ACCEPT\n-A OUTPUT -j ACCEPT\n-A OUTPUT -s 1.2.3.4/32 -j ACCEPT\n");
}

TEST_CASE("-D takes out a rule by its number or by what it says, and nothing else will do") {
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-A OUTPUT -d 2.2.2.2\n-D OUTPUT 1\n") == "-A OUTPUT -d 2.2.2.2/32\n");
  CHECK(read_lines("-A OUTPUT -p tcp --dport 80\n-A OUTPUT -d 2.2.2.2\n-D OUTPUT -p 6 -m tcp --dport http\n") ==
        "-A OUTPUT -d 2.2.2.2/32\n");
  CHECK(read_lines("-D OUTPUT -d 1.1.1.1\n") == "rules:3:1: error: the chain has no such rule to delete\n");
  CHECK(read_lines("-D OUTPUT 1\n") == "rules:3:1: error: the chain has only 0 rules\n");
}

TEST_CASE("-R puts a rule in the place of another, of which iptables-nft-restore makes a crash") {
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-A OUTPUT -d 2.2.2.2\n-R OUTPUT 2 -d 3.3.3.3\n", legacy) ==
        "-A OUTPUT -d 1.1.1.1/32\n-A OUTPUT -d 3.3.3.3/32\n");
  CHECK(said_about_lines("-A OUTPUT -d 1.1.1.1\n-R OUTPUT 1 -d 3.3.3.3\n", nft) ==
        "rules:4:1: warning: iptables-nft-restore 1.8.9 crashes on a -R of what the same text made: do without it\n");
  CHECK(read_lines("-R OUTPUT 1 -d 3.3.3.3\n") == "rules:3:1: error: the chain has only 0 rules\n");
  CHECK(read_lines("-R OUTPUT -d 3.3.3.3\n") ==
        "rules:3:1: error: -R needs the number of the rule to replace behind the chain\n");
}

TEST_CASE("-Z changes nothing, and needs the rule that it names") {
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-Z\n-Z OUTPUT\n-Z OUTPUT 1\n", legacy) == "-A OUTPUT -d 1.1.1.1/32\n");
  CHECK(said_about_lines("-A OUTPUT -d 1.1.1.1\n-Z\n-Z OUTPUT\n", nft).empty());
  CHECK(said_about_lines("-A OUTPUT -d 1.1.1.1\n-Z OUTPUT 1\n", nft) ==
        "rules:4:1: warning: iptables-nft-restore 1.8.9 crashes on a -Z of what the same text made: do without it\n");
  CHECK(read_lines("-Z OUTPUT 1\n") == "rules:3:1: error: the chain has only 0 rules\n");
}

TEST_CASE("-C holds if the rule is there") {
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-C OUTPUT -d 1.1.1.1/32\n") == "-A OUTPUT -d 1.1.1.1/32\n");
  CHECK(read_lines("-C OUTPUT -d 1.1.1.1\n") == "rules:3:1: error: the chain has no such rule\n");
}

TEST_CASE("-F empties a chain, or all of them") {
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-I OUTPUT -d 2.2.2.2\n-A A -d 3.3.3.3\n-F OUTPUT\n") ==
        "-A A -d 3.3.3.3/32\n");
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-A A -d 3.3.3.3\n-F\n").empty());
  CHECK(read_lines("-A OUTPUT -d 1.1.1.1\n-FOUTPUT\n").empty());
  CHECK(read_lines("-F B\n").starts_with("rules:3:4: error: there is no chain 'B'"));
}

TEST_CASE("a hundred thousand rules put in front are read, and what would take hours is refused") {
  std::string many;
  for (int i = 0; i < 100000; ++i) many += "-I OUTPUT -j ACCEPT\n";
  CHECK(read_lines(many).size() == 100000 * std::string("-A OUTPUT -j ACCEPT\n").size());
  std::string slow = "-A OUTPUT -j DROP\n-A OUTPUT -j DROP\n";
  for (int i = 0; i < 20000; ++i) slow += "-I OUTPUT 2 -j ACCEPT\n";
  CHECK(read_lines(slow).find("error: too much is moved one by one: write rules in their order, with -A") !=
        std::string::npos);
}

namespace {
// A command on a chain as a model of plain strings sees it.
struct model_command {
  char letter;
  std::size_t number;  // 0: none
  int address;
};
std::string line_of(const model_command& one) {
  std::string line = std::string("-") + one.letter + " OUTPUT";
  if (one.number != 0) line += " " + std::to_string(one.number);
  if (one.letter != 'D' || one.number == 0) line += " -d 10.0.0." + std::to_string(one.address);
  return line + "\n";
}
}  // namespace

TEST_CASE("any order of -A, -I, -D and -R leaves what a list of them leaves") {
  CHECK(rc::check("edits of a chain", [] {
    sequence<int> model;
    std::string lines;
    const int count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
      const auto size = static_cast<int>(model.size());
      model_command one{*rc::gen::element('A', 'I', 'I', 'D', 'R'), 0, *rc::gen::inRange(0, 4)};
      if (one.letter == 'A') {
        model.push_back(one.address);
      } else if (one.letter == 'I') {
        one.number = static_cast<std::size_t>(*rc::gen::inRange(0, size + 2));
        model.insert(model.begin() + (one.number == 0 ? 0 : static_cast<int>(one.number) - 1), one.address);
      } else if (size == 0) {
        continue;
      } else if (one.letter == 'R') {
        one.number = static_cast<std::size_t>(*rc::gen::inRange(1, size + 1));
        model[one.number - 1] = one.address;
      } else if (const auto found = std::find(model.begin(), model.end(), one.address); found != model.end()) {
        model.erase(found);
      } else {
        one.number = static_cast<std::size_t>(*rc::gen::inRange(1, size + 1));
        model.erase(model.begin() + static_cast<int>(one.number) - 1);
      }
      lines += line_of(one);
    }
    std::string wanted;
    for (const int address : model) wanted += "-A OUTPUT -d 10.0.0." + std::to_string(address) + "/32\n";
    RC_ASSERT(read_lines(lines, legacy) == wanted);
  }));
}
