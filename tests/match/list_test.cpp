#include <cordon/match/list.hpp>

#include <random>
#include <set>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
struct dice {
  std::mt19937_64 engine;
  choice_source source() {
    return {&engine,
            [](void* state, std::uint64_t bound) { return (*static_cast<std::mt19937_64*>(state))() % bound; }};
  }
};

// Draws values of every option, and reads again what is written of them.
template <class Extension>
void check_values(const Extension& of, family in, dice& dice) {
  for (const option_description& one : of.options) {
    // What is replaced by another option, or is only ever written, has no words of its own to read.
    if (one.only_read || one.only_written) continue;
    for (int round = 0; round < 40; ++round) {
      option drawn;
      one.form->draw(dice.source(), in, drawn);
      text words;
      one.form->write(drawn, in, words);
      const std::vector<std::string> read_words = split(words.view());
      sequence<std::string_view> values(read_words.begin(), read_words.end());
      values.resize(4);
      CAPTURE(of.name, one.name, words.view(), name_of(in));
      if (!one.form->optional) REQUIRE(read_words.size() == one.form->word_count);
      option read;
      const text wrong = one.form->read(values.data(), {.family = in, .option_name = one.name}, read);
      REQUIRE(wrong == "");
      text again;
      one.form->write(read, in, again);
      CHECK(again == words);
    }
  }
}
}  // namespace

TEST_CASE("every value that is drawn is read as it was written") {
  dice dice;
  for (const family in : both_families_tested) {
    for (const match_extension* const one : all_match_extensions())
      if (in == family::ipv4 ? one->ipv4 : one->ipv6) check_values(*one, in, dice);
    for (const target_extension* const one : all_target_extensions())
      if (in == family::ipv4 ? one->ipv4 : one->ipv6) check_values(*one, in, dice);
  }
}

TEST_CASE("no two extensions of a family share a name, and each option says what it means") {
  for (const family in : both_families_tested) {
    std::set<std::string_view> names;
    for (const match_extension* const one : all_match_extensions()) {
      if (!(in == family::ipv4 ? one->ipv4 : one->ipv6)) continue;
      CHECK(names.insert(one->name).second);
      CHECK(find_match_extension(one->name, in) == one);
      REQUIRE(one->meaning != nullptr);
      for (const option_description& option : one->options) {
        CAPTURE(one->name, option.name);
        CHECK(option.form != nullptr);
        CHECK_FALSE(option.meaning.empty());
        CHECK(option.name.substr(0, 2) == "--");
      }
    }
  }
}
