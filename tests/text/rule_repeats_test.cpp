#include <cordon/text/rule_repeats.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <rapidcheck.h>

#include "../catch.hpp"
#include "reading.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// So many rules that a reader remembers those that follow.
std::string many_rules() {
  std::string lines;
  for (int i = 0; i < 80; ++i) lines += "-A OUTPUT -d 10.0.0." + std::to_string(i) + "/32 -j ACCEPT\n";
  return lines;
}

// The same lines with a second blank behind each -A, which no line has that iptables-save prints: each is read.
std::string never_repeated(std::string_view content) {
  std::string changed;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = content.find('\n', at) + 1;
    std::string line(content.substr(at, end - at));
    if (line.starts_with("-A ")) line.insert(2, " ");
    changed += line;
    at = end;
  }
  return changed;
}

// Both readings of a text: what is read, what each rule remembers of its line, and how much was said of which lines.
std::string all_of(std::string_view content, const reading& how) {
  const auto read = read_ruleset(content, {.family = how.family, .backend = how.backend, .file = "rules"});
  std::string told;
  for (const diagnostic& one : read.diagnostics())
    told += std::to_string(one.at.line) + " " + string_from(one.message) + "\n";
  if (!read) return told;
  told += string_from(write_ruleset(*read, how.family));
  for (const table& each : read->tables)
    for (const chain& one : each.chains)
      for (const rule& of : one.rules) {
        std::string written(of.written.view());
        if (written.starts_with("-A  ")) written.erase(2, 1);
        told += std::to_string(of.at.line) + ":" + std::to_string(of.at.column) + " " + written + "\n";
      }
  return told;
}

}  // namespace

TEST_CASE("a line is cut into its chain, its addresses and what stands behind") {
  appended_rule parts;
  REQUIRE(cut_appended_rule("-A OUTPUT -s 10.0.0.0/8 -d 1.2.3.4/32 -p tcp -j ACCEPT", family::ipv4, parts));
  CHECK(parts.chain == "OUTPUT");
  CHECK((parts.has_source && parts.source == network{{family::ipv4, 0x0a000000}, 0xff000000}));
  CHECK((parts.has_destination && parts.destination == network{{family::ipv4, 0x01020304}, 0xffffffff}));
  CHECK(parts.rest == " -p tcp -j ACCEPT");
  parts = {};
  REQUIRE(cut_appended_rule("-A A -d ::1/128", family::ipv6, parts));
  CHECK((!parts.has_source && parts.has_destination && parts.rest.empty()));
  parts = {};
  REQUIRE(cut_appended_rule("-A A ! -s 1.2.3.4/32 -j B", family::ipv4, parts));
  CHECK((!parts.has_source && !parts.has_destination && parts.rest == " ! -s 1.2.3.4/32 -j B"));
}

TEST_CASE("a line whose addresses are not quite as printed is not cut") {
  for (const std::string_view line :
       {"-A A -s 1.2.3.4,5.6.7.8 -j B", "-A A -s 010.2.3.4 -j B", "-A A -s ::1 -j B", "-A A -d 0.0.0.0/0",
        "-A A -s host", "-I A -s 1.2.3.4/32", "-A", "", "-A\tA -j B"}) {
    appended_rule parts;
    CHECK_FALSE(cut_appended_rule(line, family::ipv4, parts));
  }
  for (const std::string_view line : {"-A A -s 1.2.3.4/32 -j B", "-A A -d ::/0 -j B", "-A A -d ::1,::2 -j B"}) {
    appended_rule parts;
    CHECK_FALSE(cut_appended_rule(line, family::ipv6, parts));
  }
}

TEST_CASE("of rules that were remembered only that of the same words, chain and addresses given is found") {
  // So many that different ones come to the same place.
  constexpr std::uint32_t count = 60'000;
  std::string words;
  for (std::uint32_t i = 0; i < count; ++i) words += " -j CHAIN" + std::to_string(100'000 + i);
  const auto rest = [&](std::uint32_t i) { return std::string_view(words).substr(i * 15U, 15); };
  rule_repeats repeats;
  std::uint32_t found = 0;
  const auto look_for = [&](std::uint32_t chain, const appended_rule& parts, std::uint32_t wanted) {
    const std::uint32_t at = repeats.find(chain, parts);
    CHECK((at == wanted || at == rule_repeats::none));
    if (at == wanted) ++found;
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    appended_rule parts{.chain = {}, .rest = rest(i)};
    look_for(1, parts, rule_repeats::none);
    repeats.remember(parts, i);
    look_for(1, parts, i);
    parts.has_source = true;
    look_for(1, parts, rule_repeats::none);
    parts = {.chain = {}, .has_destination = true, .rest = rest(i)};
    look_for(1, parts, rule_repeats::none);
  }
  CHECK(found == 4 * count);
  repeats.clear();
  found = 0;
  const appended_rule same{.chain = {}, .rest = rest(7)};
  for (std::uint32_t i = 0; i < count; ++i) {
    look_for(i, same, rule_repeats::none);
    repeats.remember(same, i);
  }
  CHECK(found == count);
  repeats.clear();
  look_for(count - 1, same, rule_repeats::none);
  CHECK(found == count + 1);
}

TEST_CASE("rules of lines that differ in addresses alone hold the same matches, until one of them changes") {
  auto read = read_ruleset(filter(many_rules() + "-A OUTPUT -d 1.1.1.1/32 -p tcp -m tcp --dport 80 -j A\n"
                                                 "-A OUTPUT -d 2.2.2.2/32 -p tcp -m tcp --dport 80 -j A\n"));
  REQUIRE(read);
  sequence<rule>& rules = read->tables[0].find("OUTPUT")->rules;
  REQUIRE(rules.size() == 82);
  const rule& one = rules[80];
  const rule& other = rules[81];
  CHECK(one.matches.data() == other.matches.data());
  CHECK(to_text(other.destination.network) == "2.2.2.2/32");
  CHECK(other.written == "-A OUTPUT -d 2.2.2.2/32 -p tcp -m tcp --dport 80 -j A");
  rules[81].matches[0].options[0].numbers[0] = {81, 81};
  CHECK(one.matches[0].options[0].numbers[0] == range{80, 80});
  CHECK(other.matches[0].options[0].numbers[0] == range{81, 81});
}

TEST_CASE("the same words mean something else once a chain has the name of their target") {
  const std::string rules = read_text("*filter\n" + many_rules() +
                                      "-A OUTPUT -d 1.1.1.1/32 -j LOG\n:LOG - [0:0]\n-A OUTPUT -d 2.2.2.2/32 -j LOG\n"
                                      "-N RETURN2\n-A OUTPUT -d 3.3.3.3/32 -j LOG\nCOMMIT\n");
  REQUIRE(rules.starts_with("*filter"));
  const auto read =
      read_ruleset("*filter\n" + many_rules() +
                   "-A OUTPUT -d 1.1.1.1/32 -j LOG\n:LOG - [0:0]\n-A OUTPUT -d 2.2.2.2/32 -j LOG\nCOMMIT\n");
  REQUIRE(read);
  const sequence<rule>& kept = read->tables[0].find("OUTPUT")->rules;
  CHECK(kept[80].target.what == target::kind::extension);
  CHECK(kept[81].target.what == target::kind::jump);
}

TEST_CASE("rules of another table are not repeated, nor those of a table that is opened again") {
  for (const std::string_view next : {"*filter", "*security"}) {
    const std::string content = "*filter\n" + many_rules() + "-A OUTPUT -d 1.1.1.1/32 -p tcp -j DROP\nCOMMIT\n" +
                                std::string(next) +
                                "\n-A OUTPUT -d 2.2.2.2/32 -j ACCEPT\n-A OUTPUT -d 3.3.3.3/32 -p tcp -j DROP\nCOMMIT\n";
    CHECK(all_of(content, nft) == all_of(never_repeated(content), nft));
  }
}

TEST_CASE("what is said of a line is said of each that repeats it") {
  const std::string lines = many_rules() +
                            "-A OUTPUT -d 1.1.1.1/32 -m strange -j ACCEPT\n"
                            "-A OUTPUT -d 2.2.2.2/32 -m strange -j ACCEPT\n";
  CHECK(said_about_lines(lines).find("rules:83:") != std::string::npos);
  CHECK(said_about_lines(lines).find("rules:84:") != std::string::npos);
}

TEST_CASE("a text is read as if each of its lines stood alone") {
  const auto prop = [] {
    static constexpr std::string_view starts[] = {"-A OUTPUT",
                                                  "-A OUTPUT",
                                                  "-A A",
                                                  "-A A",
                                                  "-A OUTPUT -s 1.2.3.4/32",
                                                  "-A OUTPUT -d 1.2.3.4/32",
                                                  "-A OUTPUT -s 9.0.0.0/8",
                                                  "-A OUTPUT -s 9.0.0.0/8 -d 8.8.8.8/32",
                                                  "-A A -s 9.0.0.0/8 -d 8.8.8.8/8",
                                                  "-A OUTPUT -s 1.2.3.4,5.6.7.8",
                                                  "-A OUTPUT -d 0.0.0.0/0",
                                                  "-A OUTPUT ! -s 9.9.9.9/32",
                                                  "-A OUTPUT -s 010.1.1.1",
                                                  "[1:1] -A OUTPUT -s 1.2.3.4/32"};
    static constexpr std::string_view rests[] = {
        " -j ACCEPT",
        " -j DROP",
        " -j A",
        " -g A",
        " -j LOG",
        " -j LOG --log-prefix \"a b\"",
        "",
        " -p tcp -m tcp --dport 80 -j ACCEPT",
        " -p udp -m udp --dport 80 -j ACCEPT",
        " -p tcp --dport 80 -j ACCEPT",
        " -o lo -j RETURN",
        " ! -d 7.7.7.7/32 -j DROP",
        " -m strange --new -j ACCEPT",
        " -p tcp -m multiport --dports 80,443 -m comment --comment \"a \\\" b\" -j REJECT",
        " -m mark --mark 0x1/0xff -j MARK --set-xmark 0x2/0xff",
        "  -j ACCEPT",
        " -j ACCEPT "};
    static constexpr std::string_view others[] = {"-I OUTPUT -j DROP",
                                                  "-D OUTPUT 1",
                                                  "-I OUTPUT 3 -s 3.3.3.3/32 -j ACCEPT",
                                                  ":B - [0:0]",
                                                  "-F OUTPUT",
                                                  "-R OUTPUT 2 -j DROP",
                                                  ":LOG - [0:0]",
                                                  "COMMIT\n*filter\n:A - [0:0]",
                                                  "COMMIT\n*raw\n:A - [0:0]",
                                                  "COMMIT\n*filter",
                                                  "COMMIT\n*security"};
    const auto below = [](std::size_t bound) { return *rc::gen::inRange<std::size_t>(0, bound); };
    std::string content = "*filter\n:A - [0:0]\n" + many_rules();
    const std::size_t most_rests = 1 + below(std::size(rests));  // few of them come again and again
    for (int i = 0; i < 60; ++i) {
      if (below(12) == 0) {
        content += others[below(std::size(others))];
      } else {
        content += starts[below(std::size(starts))];
        content += rests[below(most_rests)];
      }
      content += '\n';
    }
    content += "COMMIT\n";
    const reading how{below(2) == 0 ? backend::nft : backend::legacy};
    RC_ASSERT(all_of(content, how) == all_of(never_repeated(content), how));
  };
  CHECK(rc::check(prop));
}
