#include <cordon/testing/draw_rule.hpp>

#include <set>
#include <string>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/random.hpp>

using namespace cordon;

namespace {

constexpr protocol of_matches[] = {
    protocol::tcp,  protocol::udp, protocol::icmp, protocol::icmpv6,           protocol::sctp,
    protocol::dccp, protocol::esp, protocol::ah,   static_cast<protocol>(108), static_cast<protocol>(135)};

/// What is drawn of an extension, "--option" and "! --option", in all the rules that may hold it.
template <class Extension>
std::set<std::string> drawn_of(const Extension& of) {
  testing::random_choices choices(1);
  std::set<std::string> all;
  for (const family in : both_families) {
    if (!testing::detail::exists_for(of, in)) continue;
    for (const table_name table : all_tables)
      for (const backend how : {backend::legacy, backend::nft})
        for (int tries = 0; tries < 200; ++tries) {
          const protocol_match before = {tries % 4 != 0, false, testing::draw_one(choices.source(), of_matches)};
          const meaning_context context{.family = in, .backend = how, .protocol = before, .table = name_of(table)};
          const auto options = testing::detail::draw_options(choices.source(), of, context);
          if (!options) continue;
          all.insert("");
          for (const option& one : *options)
            all.insert((one.inverted ? "! " : "") + std::string(of.options[one.index].name));
        }
  }
  return all;
}

/// What of the extension's table was not, but for what is only another word for an option.
template <class Extension>
void add_missing(const Extension& of, std::set<std::string>& into) {
  const std::set<std::string> drawn = drawn_of(of);
  if (drawn.empty()) {
    into.insert(std::string(of.name));
    return;
  }
  for (const option_description& one : of.options) {
    if (one.only_read || one.only_written) continue;
    if (!drawn.contains(std::string(one.name)) && !drawn.contains("! " + std::string(one.name)))
      into.insert(std::string(of.name) + " " + std::string(one.name));
    if (one.invertible && !drawn.contains("! " + std::string(one.name)))
      into.insert(std::string(of.name) + " ! " + std::string(one.name));
  }
}

namespace made_up {
enum : std::uint8_t { least, nothing };
constexpr option_description table[] = {
    {.name = "--least", .form = &forms::number<5, 9>, .least_count = 1, .meaning = "a number of 5 to 9"},
    {.name = "--nothing", .form = &forms::nothing, .invertible = false, .meaning = "nothing at all"},
};
constexpr match_extension match{
    .name = "made-up", .options = table, .meaning = [](const sequence<option>& options, const meaning_context&) {
      return match_meaning{between(field::hops, 0, options[0].numbers[0].low)};
    }};
}  // namespace made_up

}  // namespace

TEST_CASE("every extension of the lists is drawn, with every option, but for what OUTPUT does not know") {
  std::set<std::string> missing;
  for (const match_extension* const one : all_match_extensions()) add_missing(*one, missing);
  for (const target_extension* const one : all_target_extensions()) add_missing(*one, missing);
  const std::set<std::string> not_in_output = {
      "MASQUERADE", "SNAT", "SNPT", "SYNPROXY", "TPROXY", "addrtype --limit-iface-in", "devgroup --src-group",
      "devgroup ! --src-group", "eui64", "mac", "osf", "rpfilter", "socket",
      // These are turned into what they are the opposite of.
      "connlimit ! --connlimit-above", "connlimit ! --connlimit-upto", "hashlimit ! --hashlimit-above",
      "hashlimit ! --hashlimit-upto", "time ! --monthdays", "time ! --weekdays"};
  CHECK(missing == not_in_output);
}

TEST_CASE("a new extension is drawn from its table alone") {
  testing::random_choices choices(1);
  std::set<unsigned> numbers;
  std::set<std::size_t> counts;
  std::set<bool> inverted;
  for (int tries = 0; tries < 200; ++tries) {
    const auto drawn = testing::detail::draw_match(choices.source(), made_up::match, {}, /*with_opaque=*/false);
    REQUIRE(drawn);
    CHECK(drawn->extension == &made_up::match);
    REQUIRE(drawn->options[0].index == made_up::least);
    numbers.insert(static_cast<unsigned>(drawn->options[0].numbers[0].low));
    inverted.insert(drawn->options[0].inverted);
    counts.insert(drawn->options.size());
  }
  CHECK(numbers == std::set<unsigned>{5, 6, 7, 8, 9});
  CHECK(counts == std::set<std::size_t>{1, 2});
  CHECK(inverted.size() == 2);
}
