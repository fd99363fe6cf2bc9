#include <cordon/target/secmark.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("SECMARK labels packets in mangle and security alone, and no rule sees it") {
  for (const char* const table : {"mangle", "security"})
    CHECK(canonical(secmark_target, "--selctx system_u:object_r:x_t:s0", {.table = table}) ==
          "--selctx system_u:object_r:x_t:s0");
  CHECK(is_refused(canonical(secmark_target, "--selctx system_u:object_r:x_t:s0", {.table = "filter"})));
  CHECK(is_refused(canonical(secmark_target, "", {.table = "mangle"})));
  CHECK(meaning_of(secmark_target, {}, {}) == effect{});
}
