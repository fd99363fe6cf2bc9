#include <cordon/target/trace.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("TRACE goes on, and legacy has it in raw alone") {
  CHECK(meaning_of(trace_target, {}, {}) == effect{});
  CHECK(canonical(trace_target, "", {.backend = backend::nft, .table = "filter"}).empty());
  CHECK(canonical(trace_target, "", {.backend = backend::legacy, .table = "raw"}).empty());
  CHECK(is_refused(canonical(trace_target, "", {.backend = backend::legacy, .table = "filter"})));
}
