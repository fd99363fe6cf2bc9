#include <cordon/match/osf.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m osf needs a genre and -p tcp") {
  const saved_case cases[] = {
      {"--genre Linux", "--genre Linux", just(protocol::tcp)},
      {"! --genre Linux --log 2 --ttl 1", "! --genre Linux --ttl 1 --log 2", just(protocol::tcp)},
      {"--genre Linux --ttl 5", nullptr, just(protocol::tcp)},
      {"--log 2", nullptr, just(protocol::tcp)},
      {"--genre Linux", nullptr},
  };
  check_saved(osf_match, cases, {});
}

TEST_CASE("-m osf is asked of packets that come in alone") { CHECK(valid_hooks(osf_match, {}, {}) == incoming_hooks); }
