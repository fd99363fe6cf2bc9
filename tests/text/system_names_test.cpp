#include <cordon/text/system_names.hpp>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("this machine knows root as user and group 0, and no user of a strange name") {
  CHECK(system_names().user("root") == 0U);
  CHECK(system_names().group("root") == 0U);
  CHECK_FALSE(system_names().user("no such user"));
  CHECK_FALSE(system_names().group("no such group"));
  CHECK_FALSE(system_names().service("no such service", "tcp"));
}
