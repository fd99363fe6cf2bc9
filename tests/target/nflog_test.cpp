#include <cordon/target/nflog.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context legacy{.backend = backend::legacy};
constexpr meaning_context nft{.backend = backend::nft};
}  // namespace

TEST_CASE("NFLOG options are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"", ""},
      {"--nflog-group 5 --nflog-prefix \"a b\" --nflog-size 64 --nflog-threshold 1",
       "--nflog-prefix \"a b\" --nflog-group 5 --nflog-size 64 --nflog-threshold 1"},
      {"--nflog-group 0", ""},
      {"--nflog-threshold 0", ""},
      {"--nflog-size 0", "--nflog-size 0"},
      {"--nflog-group 65535", "--nflog-group 65535"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    for (const auto& context : {legacy, nft}) CHECK(canonical(nflog_target, one.written, context) == one.printed);
  }
}

TEST_CASE("legacy keeps 63 bytes of the prefix and the range without effect, nft 127 bytes and no range") {
  const std::string prefix(200, 'x');
  CHECK(canonical(nflog_target, "--nflog-prefix " + prefix, legacy) == "--nflog-prefix " + prefix.substr(0, 63));
  CHECK(canonical(nflog_target, "--nflog-prefix " + prefix, nft) == "--nflog-prefix " + prefix.substr(0, 127));
  CHECK(canonical(nflog_target, "--nflog-range 10", legacy) == "--nflog-range 10");
  CHECK(canonical(nflog_target, "--nflog-range 10", nft) == "");
}

TEST_CASE("numbers out of range, an empty prefix, and a range with a size are refused") {
  for (const char* const words :
       {"--nflog-group 65536", "--nflog-threshold 65536", "--nflog-prefix \"\"", "--nflog-range 10 --nflog-size 5"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(nflog_target, words, nft)));
  }
}

TEST_CASE("a packet that NFLOG copies goes on") { CHECK(meaning_of(nflog_target, {}, {}) == effect{}); }
