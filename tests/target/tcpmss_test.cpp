#include <cordon/target/tcpmss.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
std::string beside(const char* words, const char* tcp_words, backend of) {
  meaning_context rule{.backend = of, .protocol = just(protocol::tcp), .table = "mangle"};
  sequence<match> matches;
  matches.push_back({&tcp_match, "tcp", read_use(tcp_match, tcp_words, rule).options, {}});
  rule.matches = &matches;
  return canonical(tcpmss_target, words, rule);
}
}  // namespace

TEST_CASE("legacy takes TCPMSS only beside a match that asks for SYN, nft beside any") {
  // Each asked of the live iptables 1.8.9.
  for (const char* const tcp_words : {"--syn", "--tcp-flags SYN SYN", "--tcp-flags SYN,RST SYN"}) {
    CAPTURE(tcp_words);
    CHECK(beside("--clamp-mss-to-pmtu", tcp_words, backend::legacy) == "--clamp-mss-to-pmtu");
    CHECK(beside("--set-mss 1400", tcp_words, backend::nft) == "--set-mss 1400");
  }
  for (const char* const tcp_words : {"", "! --syn", "--tcp-flags SYN,ACK ACK", "--tcp-flags SYN NONE", "--dport 80"}) {
    CAPTURE(tcp_words);
    CHECK(is_refused(beside("--set-mss 5", tcp_words, backend::legacy)));
    CHECK(beside("--set-mss 5", tcp_words, backend::nft) == "--set-mss 5");
  }
}

TEST_CASE("TCPMSS needs -p tcp, something to do, and a size that fits") {
  CHECK(is_refused(canonical(tcpmss_target, "--clamp-mss-to-pmtu", {.backend = backend::nft})));
  CHECK(is_refused(beside("", "--syn", backend::nft)));
  CHECK(is_refused(beside("--set-mss 65516", "--syn", backend::nft)));
  CHECK(beside("--set-mss 65515", "--syn", backend::nft) == "--set-mss 65515");
  CHECK(beside("--set-mss 5 --clamp-mss-to-pmtu", "--syn", backend::nft) == "--clamp-mss-to-pmtu");
}

TEST_CASE("--set-mss takes less in IPv6, whose header is longer") {
  const auto answer = [](std::string_view words, family of) {
    return canonical(tcpmss_target, words, {.family = of, .backend = backend::nft, .protocol = just(protocol::tcp)});
  };
  CHECK(answer("--set-mss 65515", family::ipv4) == "--set-mss 65515");
  CHECK(answer("--set-mss 65495", family::ipv6) == "--set-mss 65495");
  CHECK(is_refused(answer("--set-mss 65496", family::ipv6)));
}

TEST_CASE("TCPMSS changes the segment size, the option that says it, and so the length, to what no rule says") {
  for (const char* const words : {"--set-mss 1200", "--clamp-mss-to-pmtu"}) {
    const meaning_context rule{.backend = backend::nft, .protocol = just(protocol::tcp), .table = "mangle"};
    const use made = read_use(tcpmss_target, words, rule);
    CAPTURE(words, made.refused);
    REQUIRE(made.refused.empty());
    CHECK(changes_of(meaning_of(tcpmss_target, made.options, rule)) ==
          sequence{make_unknown(field::segment_size), make_unknown(field::low_kinds), make_unknown(field::length)});
  }
}
