// The table of include/cordon/target/README.md against the extensions: none is missing; families, tables and
// what becomes of a packet are right, and the kernel's file is the one that the extension's header names.
#include <array>
#include <cctype>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <cordon/target/list.hpp>
#include <cordon/testing/draw_rule.hpp>

#include "../catch.hpp"
#include "../match/readme_rows.hpp"

using namespace cordon;

namespace readme {
// Tables of OUTPUT that take some use of the target, and what becomes of a packet there, in words.
struct target_facts {
  std::string tables;
  std::string does;
};

static target_facts facts_of(const target_extension& of) {
  std::mt19937_64 engine(1);
  const choice_source choices{
      &engine, [](void* state, std::uint64_t bound) { return (*static_cast<std::mt19937_64*>(state))() % bound; }};
  constexpr std::array kinds{"goes on", "accepts",           "drops",  "answers", "returns", "jumps",
                             "goes to", "a program decides", "unknown"};
  std::map<std::string, bool> tables;
  std::map<std::size_t, bool> done;
  bool changes = false;
  for (int round = 0; round < 4000; ++round) {
    meaning_context context;
    context.family = of.ipv4 && (round % 2 == 0 || !of.ipv6) ? family::ipv4 : family::ipv6;
    context.backend = round % 4 < 2 ? backend::nft : backend::legacy;
    context.protocol = {true, false, protocol::tcp};
    const std::string_view in = name_of(all_tables[static_cast<std::size_t>(round) % std::size(all_tables)]);
    context.table = in;
    const auto options = testing::detail::draw_options(choices, of, context);
    if (!options) continue;
    tables[std::string(in)] = true;
    const effect meaning = of.meaning(*options, context);
    done[static_cast<std::size_t>(meaning.what)] = true;
    changes = changes || !meaning.changes.empty();
  }
  target_facts made;
  for (const table_name one : all_tables)
    if (tables[std::string(name_of(one))]) made.tables += (made.tables.empty() ? "" : ", ") + std::string(name_of(one));
  if (made.tables.empty()) made.tables = "refused in OUTPUT";
  for (const auto& [kind, is] : done) made.does += (made.does.empty() ? "" : ", ") + std::string(kinds[kind]);
  if (changes) made.does += ", changed";
  if (made.does.empty()) made.does = "nothing";
  return made;
}
}  // namespace readme

TEST_CASE("the table of targets has a row for each extension, and each says what the extension says") {
  const std::string folder = "include/cordon/target/";
  auto rows = readme::rows_of(folder + "README.md");
  for (const target_extension* const one : all_target_extensions()) {
    const std::string name(one->name);
    CAPTURE(name);
    const auto row = rows.find(name);
    CHECK(row != rows.end());
    if (row == rows.end()) continue;
    const std::vector<std::string> cells = row->second;
    rows.erase(row);
    REQUIRE(cells.size() == 6);
    const std::string header = cells[0].substr(cells[0].find('(') + 1, cells[0].size() - cells[0].find('(') - 2);
    const readme::target_facts facts = readme::facts_of(*one);
    CHECK(cells[1] == (!one->ipv6 ? "IPv4" : !one->ipv4 ? "IPv6" : "both"));
    CHECK(cells[3] == facts.tables);
    CHECK(cells[4] == facts.does);
    CHECK_FALSE(cells[5].empty());
    CHECK(readme::quoted_words_in(cells[2], readme::head_of(folder + header)) >= 1);
  }
  for (const auto& [name, cells] : rows) FAIL_CHECK("the table has a row for " << name << ", which is no target");
}
