#include <cordon/target/queue.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("QUEUE is known to legacy alone, and leaves the packet to a program") {
  CHECK(canonical(queue_target, "", {.backend = backend::legacy}).empty());
  CHECK(is_refused(canonical(queue_target, "", {.backend = backend::nft})));
  CHECK(meaning_of(queue_target, {}, {}) == effect{.what = effect::kind::queue});
}
