#include <cordon/classify/join_planner.hpp>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/random.hpp>

using namespace cordon;
using namespace cordon::detail;

namespace {

constexpr field_group kinds[] = {field_group::source, field_group::destination, field_group::uid, field_group::shorts,
                                 field_group::rest};

bool has(const joinable_group& of, std::uint32_t which, std::size_t words, std::size_t rule) {
  return (of.rows[which * words + rule / 64] >> (rule % 64) & 1) != 0;
}

// Groups of `counts[i]` classes, and so many rules: each asks something of a group in all cases but one of `spared`, the
// last nothing.
template <class Below>
sequence<joinable_group> drawn_groups(const sequence<std::uint32_t>& counts, std::size_t rules, std::uint32_t spared,
                                      Below below) {
  const std::size_t words = (rules + 63) / 64;
  sequence<joinable_group> made;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    joinable_group one{kinds[i], counts[i]};
    one.rows.assign(counts[i] * words, 0);
    for (std::size_t rule = 0; rule < rules; ++rule) {
      const bool is_asked = rule + 1 != rules && below(spared) != 0;
      for (std::uint32_t k = 0; k < counts[i]; ++k)
        if (!is_asked || below(3) == 0) one.rows[k * words + rule / 64] |= std::uint64_t{1} << (rule % 64);
    }
    made.push_back(std::move(one));
  }
  return made;
}

// What the tables tell of a class of each group, as lookups read them.
std::uint32_t told_by(const joined_tables& tables, const std::uint32_t* classes) {
  const auto class_of = [&](field_group which) {
    std::size_t i = 0;
    while (kinds[i] != which) ++i;
    return classes[i];
  };
  std::uint32_t known = class_of(tables.first);
  for (std::uint32_t i = 0; i < tables.join_count; ++i)
    known = tables.entries[tables.joins[i].begin + class_of(tables.joins[i].with) * tables.joins[i].width + known];
  return known;
}

}  // namespace

TEST_CASE("joined tables tell the first rule that fits the classes of all groups") {
  testing::random_choices choices(11);
  const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(choices.source().below(bound)); };
  for (unsigned round = 0; round < 200; ++round) {
    sequence<std::uint32_t> counts(2 + below(4));
    for (std::uint32_t& one : counts) one = 1 + below(5);
    const std::size_t rules = 1 + below(200);
    const std::size_t words = (rules + 63) / 64;
    const sequence<joinable_group> groups = drawn_groups(counts, rules, 2, below);
    const join_planner plan(groups, words, 1 << 19);
    REQUIRE(plan.is_possible());
    joined_tables tables;
    plan.write(tables, [](std::size_t rule) { return static_cast<std::uint16_t>(1000 + rule); });
    CHECK(tables.join_count + 1 == groups.size());
    std::uint32_t classes[5] = {};
    bool agree = true;
    for (bool is_done = false; !is_done;) {
      std::size_t first = 0;
      const auto fits_all = [&] {
        for (std::size_t i = 0; i < groups.size(); ++i)
          if (!has(groups[i], classes[i], words, first)) return false;
        return true;
      };
      while (!fits_all()) ++first;
      agree = agree && told_by(tables, classes) == 1000 + first;
      std::size_t at = 0;
      while (at < counts.size() && ++classes[at] == counts[at]) classes[at++] = 0;
      is_done = at == counts.size();
    }
    CHECK(agree);
  }
}

TEST_CASE("what no table within the bounds tells is not joined") {
  const auto possible = [](std::initializer_list<std::uint32_t> counts, std::size_t bytes = 1 << 19) {
    testing::random_choices choices(12);
    return join_planner(drawn_groups(counts, 64, 1000,
                                     [&](std::uint32_t bound) {
                                       return static_cast<std::uint32_t>(choices.source().below(bound));
                                     }),
                        1, bytes)
        .is_possible();
  };
  CHECK(possible({50, 60}));
  CHECK(possible({50, 60}, 6000));
  CHECK_FALSE(possible({50, 60}, 5999));
  // More pairs than a table may have entries.
  CHECK_FALSE(possible({800, 800}));
  // The pairs of two groups fit, but have too many classes for a third.
  CHECK(possible({200, 200}));
  CHECK_FALSE(possible({200, 200, 200}));
}
