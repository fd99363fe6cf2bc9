#include <cordon/target/hmark.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j HMARK is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--hmark-src-prefix 32 --hmark-rnd 0x00000004 --hmark-mod 42",
       "--hmark-src-prefix 32 --hmark-rnd 0x00000004 --hmark-mod 42"},
      {"--hmark-tuple src,dst,sport,dport,spi,ct --hmark-mod 10", nullptr},
      {"--hmark-tuple src,dst,sport,dport,proto,ct --hmark-mod 10 --hmark-rnd 5",
       "--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff "
       "--hmark-proto-mask 0xffff --hmark-rnd 0x00000005 --hmark-mod 10 --hmark-tuple ct"},
      {"--hmark-tuple spi --hmark-mod 10 --hmark-rnd 5",
       "--hmark-spi-mask 0xffffffff --hmark-rnd 0x00000005 --hmark-mod 10"},
      {"--hmark-tuple src --hmark-mod 0 --hmark-rnd 5", nullptr},
      {"--hmark-tuple src --hmark-rnd 5", nullptr},
      {"--hmark-tuple src --hmark-mod 5", nullptr},
      {"--hmark-mod 5 --hmark-rnd 5", nullptr},
      {"--hmark-sport 80 --hmark-dport 0x50 --hmark-mod 5 --hmark-rnd 5",
       "--hmark-sport 0x0050 --hmark-dport 0x0050 --hmark-rnd 0x00000005 --hmark-mod 5"},
      {"--hmark-spi 80 --hmark-proto-mask 0xff --hmark-mod 5 --hmark-rnd 5 --hmark-offset 7",
       "--hmark-spi 0x00000050 --hmark-proto-mask 0xff --hmark-rnd 0x00000005 --hmark-mod 5 --hmark-offset 7"},
      {"--hmark-src-prefix 255.255.0.0 --hmark-mod 5 --hmark-rnd 5",
       "--hmark-src-prefix 16 --hmark-rnd 0x00000005 --hmark-mod 5"},
      {"--hmark-src-prefix 33 --hmark-mod 5 --hmark-rnd 5",
       "--hmark-src-prefix 32 --hmark-rnd 0x00000005 --hmark-mod 5"},
      {"", nullptr},
      {"--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff "
       "--hmark-proto-mask 0xffff --hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct",
       "--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff "
       "--hmark-proto-mask 0xffff --hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct"},
      {"--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-spi-mask 0x00000004 --hmark-proto-mask 0xffff "
       "--hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct",
       "--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-spi-mask 0x00000004 --hmark-proto-mask 0xffff "
       "--hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct"},
      {"--hmark-src-prefix 1 --hmark-dst-prefix 2 --hmark-sport-mask 0x0003 --hmark-dport-mask 0x0004 "
       "--hmark-proto-mask 0x05 --hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct",
       "--hmark-src-prefix 1 --hmark-dst-prefix 2 --hmark-sport-mask 0x0003 --hmark-dport-mask 0x0004 "
       "--hmark-proto-mask 0x05 --hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct"},
      {"--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff "
       "--hmark-proto-mask 0xffff --hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1 --hmark-tuple ct "
       "--hmark-spi-mask 4",
       nullptr},
      // The tuple and another option for a part of it: refused in this order, and overruled in the other.
      {"--hmark-tuple src,dst,sport --hmark-sport-mask 0xff --hmark-mod 10 --hmark-rnd 1", nullptr},
      {"--hmark-sport-mask 0xff --hmark-tuple src,sport --hmark-mod 10 --hmark-rnd 1",
       "--hmark-src-prefix 32 --hmark-sport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 10"},
      {"--hmark-tuple src --hmark-sport-mask 0xff --hmark-mod 10 --hmark-rnd 1",
       "--hmark-src-prefix 32 --hmark-sport-mask 0x00ff --hmark-rnd 0x00000001 --hmark-mod 10"},
      {"--hmark-tuple src,dst --hmark-mod 10 --hmark-offset 100 --hmark-rnd 0xfeedcafe",
       "--hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-rnd 0xfeedcafe --hmark-mod 10 --hmark-offset 100"},
  };
  for (const backend of : both_backends_tested)
    check_saved(hmark_target, cases, {.family = family::ipv4, .backend = of});
}

TEST_CASE("the mark that HMARK gives is unknown") {
  CHECK(changes_of(meaning_of(hmark_target, {}, {})) == sequence{make_unknown(field::mark)});
}
