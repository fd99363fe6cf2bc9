#include <algorithm>
#include <string>
#include <string_view>

#include <rapidcheck.h>

#include <cordon/render/interface_list.hpp>

#include "../catch.hpp"
#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr range one(std::string_view name) {
  const uint128 number = number_of(interface_name(name));
  return {number, number};
}

constexpr sequence<range> rest_of(const sequence<range>& of) {
  return detail::complement(of, domain_of(field::out, family::ipv4));
}

constexpr text list_of(const sequence<range>& numbers) { return to_text(interfaces_of(numbers)); }

static_assert(list_of({one("lo")}) == "lo");
static_assert(list_of(rest_of({one("lo")})) == "!lo");

// What a list says of a name, read as its documentation tells.
bool holds_for(const sequence<interface_item>& list, std::string_view name) {
  bool in = !list.empty() && list[0].excluded;
  for (const interface_item& item : list)
    if (item.prefix ? name.starts_with(item.name.view()) : name == item.name.view()) in = !item.excluded;
  return in;
}

}  // namespace

TEST_CASE("interfaces are told by names, prefixes, and what is left out of them") {
  const range eth = numbers_with_prefix("eth");
  CHECK(testing::shown(list_of({eth})) == "eth+");
  CHECK(testing::shown(list_of({one("eth0"), one("lo")})) == "eth0,lo");
  CHECK(testing::shown(list_of(rest_of({one("docker0"), eth}))) == "!docker0,eth+");
  const sequence<range> all_but_eth0{{eth.low, one("eth0").low - 1}, {one("eth0").high + 1, eth.high}};
  CHECK(testing::shown(list_of(all_but_eth0)) == "eth+,!eth0");
  CHECK(testing::shown(list_of(rest_of(all_but_eth0))) == "+,!eth+,eth0");
  CHECK(testing::shown(list_of({one("abcdefghijklmno")})) == "abcdefghijklmno");
}

TEST_CASE("intervals that no rules tell apart have no list") {
  CHECK(interfaces_of({{one("lo").low, one("lo").low + 1}}).empty());
}

TEST_CASE("the list of a set holds for a name exactly if the set has its number") {
  CHECK(rc::check([] {
    // Names and prefixes of two letters, so that they lie in one another; later ones change earlier ones.
    const auto short_name = [] {
      return *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(1, 4), rc::gen::element('a', 'b'));
    };
    const auto rules = *rc::gen::inRange(1, 6);
    sequence<range> cuts;
    sequence<bool> adds;
    for (int i = 0; i < rules; ++i) {
      const std::string name = short_name();
      cuts.push_back(*rc::gen::arbitrary<bool>() ? numbers_with_prefix(name) : one(name));
      adds.push_back(*rc::gen::arbitrary<bool>());
    }
    const bool otherwise = *rc::gen::arbitrary<bool>();
    const auto has = [&](uint128 number) {
      for (std::size_t i = 0; i < cuts.size(); ++i)
        if (cuts[i].contains(number)) return bool{adds[i]};
      return otherwise;
    };
    const range domain = domain_of(field::out, family::ipv4);
    sequence<uint128> starts{domain.low};
    for (const range& cut : cuts) {
      starts.push_back(cut.low);
      starts.push_back(cut.high + 1);
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    sequence<range> set;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      if (!has(starts[i])) continue;
      const uint128 last = i + 1 < starts.size() ? starts[i + 1] - 1 : domain.high;
      if (!set.empty() && set.back().high + 1 == starts[i])
        set.back().high = last;
      else
        set.push_back({starts[i], last});
    }
    if (set.empty() || set[0] == domain) return;
    const auto list = interfaces_of(set);
    RC_LOG(testing::shown(to_text(list)));
    RC_ASSERT(!list.empty());
    for (int i = 0; i < 20; ++i) {
      const std::string name = short_name() + (*rc::gen::arbitrary<bool>() ? "x" : "");
      RC_ASSERT(holds_for(list, name) == has(number_of(interface_name(name))));
    }
  }));
}
