#include <cordon/match/rpfilter.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m rpfilter shows its flags in its own order, in raw and mangle alone") {
  const saved_case cases[] = {
      {"", ""}, {"--invert --accept-local --validmark --loose", "--loose --validmark --accept-local --invert"}};
  for (const char* const table : {"raw", "mangle"}) check_saved(rpfilter_match, cases, {.table = table});
  CHECK(is_refused(canonical(rpfilter_match, "", {.table = "filter"})));
  CHECK(valid_hooks(rpfilter_match, {}, {}) == set_of(hook::prerouting));
}
