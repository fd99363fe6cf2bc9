// The table of include/cordon/match/README.md against the extensions: none is missing, families and what
// decides are right, and the kernel's function is the one that the extension's file names.
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <cordon/match/list.hpp>
#include <cordon/testing/draw_rule.hpp>

#include "../catch.hpp"
#include "readme_rows.hpp"

using namespace cordon;

namespace readme {
static const char* word_for(field of) {
  switch (of) {
    case field::socket:
    case field::uid:
    case field::gid: return "owner";
    case field::out:
    case field::in: return "interface";
    case field::protocol: return "protocol";
    case field::source:
    case field::destination: return "addresses";
    case field::transport:
    case field::first_word:
    case field::second_word: return "transport header";
    case field::flags: return "TCP flags";
    case field::low_kinds:
    case field::high_kinds:
    case field::segment_size:
    case field::dccp_type: return "what is behind the ports";
    case field::spi:
    case field::extension_headers: return "extension headers";
    case field::length: return "length";
    case field::hops: return "TTL";
    case field::traffic_class: return "TOS";
    case field::mac: return "Ethernet address";
    case field::state: return "state";
    case field::mark: return "mark";
    case field::connection_mark: return "connection mark";
    default: return "connection";
  }
}
constexpr std::array words{"owner",
                           "interface",
                           "protocol",
                           "addresses",
                           "transport header",
                           "TCP flags",
                           "what is behind the ports",
                           "extension headers",
                           "length",
                           "TTL",
                           "TOS",
                           "Ethernet address",
                           "state",
                           "mark",
                           "connection mark",
                           "connection",
                           "atom",
                           "fresh atom"};

// Options of an extension that it accepts, whichever hook it is for; nothing if this try gives none.
static maybe<sequence<option>> draw_use(const choice_source& choices, const match_extension& of,
                                        const meaning_context& context) {
  sequence<option> made;
  const std::uint64_t rarity = 1 + choices.below(4);
  for (std::size_t i = 0; i < of.options.size(); ++i) {
    if (of.options[i].only_read || of.options[i].only_written) continue;
    if (of.options[i].least_count == 0 && !choices.one_in(rarity)) continue;
    option one{static_cast<std::uint8_t>(i), of.options[i].invertible && choices.one_in(3), {}, {}};
    of.options[i].form->draw(choices, context.family, one);
    made.push_back(one);
  }
  if (of.check != nullptr && !of.check(made, context).empty()) return no_value;
  if (of.normalise != nullptr) of.normalise(made, context);
  testing::detail::put_in_order(made);
  return made;
}

// What the meanings of many drawn uses ask, in words.
static std::string asked_by(const match_extension& of) {
  std::mt19937_64 engine(1);
  const choice_source choices{
      &engine, [](void* state, std::uint64_t bound) { return (*static_cast<std::mt19937_64*>(state))() % bound; }};
  std::map<std::string, bool> asked;
  const auto look_at = [&](const predicate& condition) {
    for (const predicate_step& step : condition.steps())
      if (step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked)
        asked[word_for(step.field)] = true;
    for (const atom& one : condition.atoms()) asked[one.stateful ? "fresh atom" : "atom"] = true;
  };
  bool in_output = false;
  for (int round = 0; round < 4000; ++round) {
    meaning_context context;
    context.family = of.ipv4 && (round % 2 == 0 || !of.ipv6) ? family::ipv4 : family::ipv6;
    context.backend = round % 4 < 2 ? backend::nft : backend::legacy;
    context.protocol = {true, false, protocol{static_cast<std::uint8_t>(of.implied_by != 0 ? of.implied_by : 6)}};
    context.table = round % 3 != 0 ? "filter" : "raw";
    const auto options = draw_use(choices, of, context);
    if (!options) continue;
    const hook_set hooks = valid_hooks(of, *options, context);
    in_output = in_output || contains(hooks, hook::output);
    if (!contains(hooks, hook::output)) context.hook = contains(hooks, hook::input) ? hook::input : hook::prerouting;
    const match_meaning meaning = of.meaning(*options, context);
    look_at(meaning.holds);
    look_at(meaning.drops);
  }
  std::string all;
  for (const char* const word : words)
    if (asked[word]) all += (all.empty() ? "" : ", ") + std::string(word);
  return (all.empty() ? "nothing" : all) + (in_output ? "" : "; refused in OUTPUT");
}
}  // namespace readme

TEST_CASE("the table of matches has a row for each extension, and each says what the extension says") {
  const std::string folder = "include/cordon/match/";
  auto rows = readme::rows_of(folder + "README.md");
  for (const match_extension* const one : all_match_extensions()) {
    const std::string name(one->name == "ah" && !one->ipv4 ? "ah6" : one->name);
    CAPTURE(name);
    const auto row = rows.find(name);
    CHECK(row != rows.end());
    if (row == rows.end()) continue;
    const std::vector<std::string> cells = row->second;
    rows.erase(row);
    REQUIRE(cells.size() == 5);
    CHECK(cells[0] == "[" + name + "](" + name + ".hpp)");
    CHECK(cells[1] == (!one->ipv6 ? "IPv4" : !one->ipv4 ? "IPv6" : "both"));
    CHECK(cells[3] == readme::asked_by(*one));
    CHECK_FALSE(cells[4].empty());
    // Each word in backquotes of the kernel's place stands in the head of the extension's file.
    CHECK(readme::quoted_words_in(cells[2], readme::head_of(folder + name + ".hpp")) >= 2);
  }
  for (const auto& [name, cells] : rows) FAIL_CHECK("the table has a row for " << name << ", which is no match");
}
