#include <cordon/match/tcpmss.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m tcpmss is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mss 5:3", nullptr, just(protocol::tcp)},
      {"! --mss 5", "! --mss 5", just(protocol::tcp)},
      {"--mss 5", nullptr, all_but(protocol::tcp)},
      {"--mss 42", nullptr},
      {"--mss 42", "--mss 42", just(protocol::tcp)},
      {"--mss :", "--mss 0:65535", just(protocol::tcp)},
      {"--mss :42", "--mss 0:42", just(protocol::tcp)},
      {"--mss 42:", "--mss 42:65535", just(protocol::tcp)},
      {"--mss 42:42", "--mss 42", just(protocol::tcp)},
      {"--mss 42:12345", "--mss 42:12345", just(protocol::tcp)},
      {"--mss 42:65536", nullptr, just(protocol::tcp)},
      {"--mss 65535:1000", nullptr, just(protocol::tcp)},
      {"--mss 536:1460", "--mss 536:1460", just(protocol::tcp)},
      {"--mss 536", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(tcpmss_match, cases, {.family = in, .backend = of});
}

TEST_CASE("a packet without an MSS option fits the negation alone, and a header that is cut off is dropped") {
  const meaning_context of_tcp{.protocol = just(protocol::tcp)};
  packet sent;
  CHECK(decides(tcpmss_match, "--mss 0:65535", sent, of_tcp) == "no");
  CHECK(decides(tcpmss_match, "! --mss 0:65535", sent, of_tcp) == "yes");
  sent.segment_size = 1460;
  CHECK(decides(tcpmss_match, "--mss 1400:1460", sent, of_tcp) == "yes");
  CHECK(decides(tcpmss_match, "! --mss 1400:1460", sent, of_tcp) == "no");
  CHECK(decides(tcpmss_match, "--mss 536", sent, of_tcp) == "no");
  sent.transport = static_cast<transport_part>(19);
  CHECK(decides(tcpmss_match, "--mss 1400:1460", sent, of_tcp) == "drop");
}
