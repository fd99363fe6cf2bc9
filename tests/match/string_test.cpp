#include <cordon/match/string.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m string is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--string a --algo bm", "--string \"a\" --algo bm"},
      {"--string \"\" --algo bm", nullptr},
      {"--string \"a b\" --algo bm --icase", "--string \"a b\" --algo bm --icase"},
      {"--string \"a\\\"b\" --algo bm", "--string \"a\\\"b\" --algo bm"},
      {"--string \"a'b\" --algo bm", "--string \"a'b\" --algo bm"},
      {"--string \"a\\\\b\" --algo bm", "--string \"a\\\\b\" --algo bm"},
      {"--string \"\xc3\xa9"
       "\" --algo bm",
       "--hex-string \"|c3a9|\" --algo bm"},
      {"--string \"ab|30|\" --algo kmp --from 5 --to 6", "--string \"ab|30|\" --algo kmp --from 5 --to 6"},
      {"--hex-string \"a|62|c\" --algo bm", "--string \"abc\" --algo bm"},
      {"--hex-string \"|61 62|\" --algo bm", "--string \"ab\" --algo bm"},
      {"--hex-string \"|6162 00|\" --algo bm", "--hex-string \"|616200|\" --algo bm"},
      {"--hex-string \"|616|\" --algo bm", nullptr},
      {"--hex-string \"|61\" --algo bm", nullptr},
      {"--hex-string \"|zz|\" --algo bm", nullptr},
      {"--hex-string \"\" --algo bm", nullptr},
      {"--hex-string \"a\\\\|b\" --algo bm", "--string \"a|b\" --algo bm"},
      {"--hex-string \"|00|\" --algo bm", "--hex-string \"|00|\" --algo bm"},
      {"! --hex-string \"|0a|\" --algo bm", "! --hex-string \"|0a|\" --algo bm"},
      {"--string a --hex-string b --algo bm", nullptr},
      {"--string a --algo fsm", nullptr},
      {"--string a", nullptr},
      {"--string a --algo bm --from 10 --to 5", nullptr},
      {"--string a --algo bm --from 65536", nullptr},
      {"--string a --algo bm --to 0", "--string \"a\" --algo bm --to 0"},
      {"--algo bm --string \"test\"", "--string \"test\" --algo bm"},
      {"--string \"test\" --algo kmp", "--string \"test\" --algo kmp"},
      {"! --string \"test\" --algo kmp", "! --string \"test\" --algo kmp"},
      {"--string "
       "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
       "xxxxxxxxxxxxxxxxxxxxxxxx\" --algo bm",
       "--string "
       "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
       "xxxxxxxxxxxxxxxxxxxxxxxx\" --algo bm"},
      {"--string "
       "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
       "xxxxxxxxxxxxxxxxxxxxxxxxx\" --algo bm",
       nullptr},
      {"--hex-string \"|0a0a0a0a|\" --algo bm", "--hex-string \"|0a0a0a0a|\" --algo bm"},
      {"--algo bm --from 0 --to 65535 --string \"test\"", "--string \"test\" --algo bm"},
      {"--algo wrong", nullptr},
      {"--algo bm", nullptr},
      {"", nullptr},
      {"--string \"GET /\" --algo bm", "--string \"GET /\" --algo bm"},
      {"--hex-string \"|0d0a|a\" --algo kmp --from 1 --to 50 --icase",
       "--hex-string \"|0d0a61|\" --algo kmp --from 1 --to 50 --icase"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(string_match, cases, {.family = in, .backend = of});
}
