#include <cordon/match/nfacct.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m nfacct shows two blanks before its name") {
  const saved_case cases[] = {{"--nfacct-name acct1", "--nfacct-name  acct1"}, {"", nullptr}};
  check_saved(nfacct_match, cases, {});
}
