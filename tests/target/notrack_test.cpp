#include <cordon/target/notrack.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("NOTRACK makes a packet untracked, in raw alone") {
  CHECK(changes_of(meaning_of(notrack_target, {}, {})) ==
        sequence{set_to(field::state, static_cast<unsigned>(connection_state::untracked))});
  CHECK(canonical(notrack_target, "", {.table = "raw"}).empty());
  for (const char* const table : {"mangle", "nat", "filter", "security"})
    CHECK(is_refused(canonical(notrack_target, "", {.table = table})));
}
