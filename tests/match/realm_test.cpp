#include <cordon/match/realm.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m realm is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --realm 0x10/0xff", "! --realm 0x10/0xff"},
      {"--realm cosmos", "--realm cosmos"},
      {"--realm 0/0", "--realm 0x0/0x0"},
      {"--realm foo", nullptr},
      {"--realm 5/", nullptr},
      {"--realm 5", "--realm 0x5"},
  };
  for (const backend of : both_backends_tested)
    check_saved(realm_match, cases, {.family = family::ipv4, .backend = of});
}
