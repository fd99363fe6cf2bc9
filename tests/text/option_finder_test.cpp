#include <cordon/text/option_finder.hpp>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>

#include "../catch.hpp"

using namespace cordon;
using known_as = found_option::owner;

namespace {
rule with_matches(std::initializer_list<const char*> names) {
  rule made;
  for (const char* const name : names) {
    made.matches.push_back({});
    made.matches.back().extension = find_match_extension(name, family::ipv4);
    REQUIRE(made.matches.back().extension != nullptr);
  }
  return made;
}
}  // namespace

TEST_CASE("iptables' own options are found by name, those of a match once it is loaded") {
  const rule none;
  CHECK(option_finder(none, 0).find("source").letter == 's');
  CHECK(option_finder(none, 0).find("dport").of == known_as::none);
  const rule tcp = with_matches({"tcp"});
  const found_option found = option_finder(tcp, 0).find("destination-port");
  REQUIRE(found.of == known_as::match);
  CHECK(tcp.matches[0].extension->options[found.index].name == "--dport");
}

// `-m mark -m connmark --mark 1` gives the option to connmark, and so does `-m mark -m connmark -m mark --mark 1`: the
// second -m mark loads nothing.
TEST_CASE("of two matches that know an option the one has it that was first loaded later") {
  CHECK(option_finder(with_matches({"mark", "connmark"}), 0).find("mark").match == 1);
  CHECK(option_finder(with_matches({"connmark", "mark"}), 0).find("mark").match == 1);
  CHECK(option_finder(with_matches({"mark", "connmark", "mark"}), 0).find("mark").match == 1);
  CHECK(option_finder(with_matches({"mark", "connmark", "mark", "connmark"}), 0).find("mark").match == 3);
}

TEST_CASE("of several uses of one match the last has its options") {
  CHECK(option_finder(with_matches({"owner", "owner"}), 0).find("uid-owner").match == 1);
}

TEST_CASE("an abbreviation is found if it fits one option alone") {
  const rule none;
  CHECK(option_finder(none, 0).find_abbreviated("dest").letter == 'd');
  CHECK(option_finder(none, 0).find_abbreviated("proto").letter == 'p');
  CHECK(option_finder(none, 0).find_abbreviated("fragment").letter == 'f');
  CHECK(option_finder(none, 0).find_abbreviated("d").of == known_as::several);
  CHECK(option_finder(none, 0).find_abbreviated("dport").of == known_as::none);
}

TEST_CASE("an option of a loaded match makes an abbreviation of one of iptables' own ambiguous") {
  const rule tcp = with_matches({"tcp"});
  CHECK(option_finder(tcp, 0).find_abbreviated("dest").of == known_as::several);
  CHECK(option_finder(tcp, 0).find_abbreviated("destination-p").of == known_as::match);
  CHECK(option_finder(tcp, 0).find_abbreviated("dpo").of == known_as::match);
}

TEST_CASE("a match that is used twice makes no abbreviation ambiguous") {
  CHECK(option_finder(with_matches({"owner", "owner"}), 0).find_abbreviated("uid").match == 1);
}

TEST_CASE("a target's options are found beside those of the matches") {
  rule made = with_matches({"tcp"});
  made.target.extension = find_target_extension("REJECT", family::ipv4);
  REQUIRE(made.target.extension != nullptr);
  CHECK(option_finder(made, 1).find("reject-with").of == known_as::target);
  CHECK(option_finder(made, 1).find_abbreviated("rej").of == known_as::target);
}
