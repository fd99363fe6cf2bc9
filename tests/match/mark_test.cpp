#include <cordon/match/mark.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("marks are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--mark 1", "--mark 0x1"},           {"--mark 16/0xff", "--mark 0x10/0xff"},
      {"! --mark 0x10", "! --mark 0x10"},   {"--mark 0/0", "--mark 0x0/0x0"},
      {"--mark 010", "--mark 0x8"},         {"--mark 5/0xffffffff", "--mark 0x5"},
      {"--mark 0x5/0x4", "--mark 0x5/0x4"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(mark_match, one.written) == one.printed);
  }
}

TEST_CASE("marks that are none are refused") {
  for (const char* const words : {"", "--mark 4294967296", "--mark 5/", "--mark /5", "--mark -1", "--mark x"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(mark_match, words)));
  }
}

TEST_CASE("a mark is compared under its mask, and a value outside the mask fits nothing") {
  packet sent;
  sent.mark = 0x15;
  CHECK(decides(mark_match, "--mark 0x15", sent) == "yes");
  CHECK(decides(mark_match, "--mark 5/0xf", sent) == "yes");
  CHECK(decides(mark_match, "! --mark 5/0xf", sent) == "no");
  CHECK(decides(mark_match, "--mark 0x15/0xf", sent) == "no");
  CHECK(decides(mark_match, "! --mark 0x15/0xf", sent) == "yes");
  CHECK(decides(mark_match, "--mark 0/0", sent) == "yes");
  CHECK(decides(mark_match, "! --mark 0/0", sent) == "no");
}
