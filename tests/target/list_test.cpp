#include <cordon/target/list.hpp>

#include <set>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("no two targets of a family share a name, and each option says what it means") {
  for (const family in : both_families_tested) {
    std::set<std::string_view> names;
    for (const target_extension* const one : all_target_extensions()) {
      if (!(in == family::ipv4 ? one->ipv4 : one->ipv6)) continue;
      CHECK(names.insert(one->name).second);
      CHECK(find_target_extension(one->name, in) == one);
      REQUIRE(one->meaning != nullptr);
      for (const option_description& option : one->options) {
        CAPTURE(one->name, option.name);
        CHECK(option.form != nullptr);
        CHECK_FALSE(option.meaning.empty());
        CHECK_FALSE(option.invertible);
      }
    }
  }
}
