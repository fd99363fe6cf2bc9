#include <cordon/text/extension_index.hpp>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("the index finds the extension that a walk through the list finds, in both families") {
  for (const family of : both_families) {
    for (const match_extension* const one : all_match_extensions()) {
      CAPTURE(one->name, title_of(of));
      CHECK(look_up_match(one->name, of) == find_match_extension(one->name, of));
    }
    for (const target_extension* const one : all_target_extensions()) {
      CAPTURE(one->name, title_of(of));
      CHECK(look_up_target(one->name, of) == find_target_extension(one->name, of));
    }
  }
}

TEST_CASE("a name that no extension has is not found") {
  CHECK(look_up_match("", family::ipv4) == nullptr);
  CHECK(look_up_match("tcpx", family::ipv4) == nullptr);
  CHECK(look_up_match("TCP", family::ipv4) == nullptr);
  CHECK(look_up_target("accept", family::ipv6) == nullptr);
}
