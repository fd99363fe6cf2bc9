#include <cordon/target/tcpoptstrip.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j TCPOPTSTRIP is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--strip-options wscale,mss,sack-permitted,sack,timestamp,md5", "--strip-options 2,3,4,5,8,19",
       just(protocol::tcp)},
      {"--strip-options 2,3,255", "--strip-options 2,3,255", just(protocol::tcp)},
      {"--strip-options 256", nullptr, just(protocol::tcp)},
      {"--strip-options 0", nullptr, just(protocol::tcp)},
      {"--strip-options 1", nullptr, just(protocol::tcp)},
      {"--strip-options foo", nullptr, just(protocol::tcp)},
      {"--strip-options 0x10", "--strip-options 16", just(protocol::tcp)},
      {"--strip-options \"\"", nullptr, just(protocol::tcp)},
      {"", "", just(protocol::tcp)},
      {"--strip-options mss", nullptr},
      {"--strip-options mss", nullptr, all_but(protocol::tcp)},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(tcpoptstrip_target, cases, {.family = in, .backend = of, .table = "mangle"});
}

TEST_CASE("TCPOPTSTRIP takes options out, and the segment size with the option that says it") {
  const meaning_context rule{.protocol = just(protocol::tcp), .table = "mangle"};
  const auto changes = [&](const char* words) {
    return changes_of(meaning_of(tcpoptstrip_target, read_use(tcpoptstrip_target, words, rule).options, rule));
  };
  CHECK(changes("--strip-options sack") == sequence{set_bits(field::low_kinds, 0, uint128{1} << 5)});
  CHECK(changes("--strip-options 133") == sequence{set_bits(field::high_kinds, 0, uint128{1} << 5)});
  CHECK(changes("--strip-options mss") ==
        sequence{set_to(field::segment_size, no_segment_size), set_bits(field::low_kinds, 0, uint128{1} << 2)});
}
