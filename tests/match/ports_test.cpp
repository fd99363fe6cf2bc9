#include <cordon/match/ports.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context legacy_tcp{.backend = backend::legacy, .protocol = {true, false, protocol::tcp}};
constexpr meaning_context nft_tcp{.backend = backend::nft, .protocol = {true, false, protocol::tcp}};
constexpr meaning_context legacy_udp{.backend = backend::legacy, .protocol = {true, false, protocol::udp}};
constexpr meaning_context nft_udp{.backend = backend::nft, .protocol = {true, false, protocol::udp}};

packet any_with_ports(std::uint16_t source, std::uint16_t destination, transport_part transport = transport_part::whole) {
  packet made;
  made.first_word = source;
  made.second_word = destination;
  made.transport = transport;
  return made;
}
}  // namespace

TEST_CASE("ports are printed as iptables-save prints them") {
  // Each pair went through iptables-restore and iptables-save 1.8.9, legacy and nft alike.
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--dport 80", "--dport 80"},
      {"--dport http", "--dport 80"},
      {"--destination-port 80:80", "--dport 80"},
      {"--dport 1000:2000 --sport 1:", "--sport 1:65535 --dport 1000:2000"},
      {"--dport :2000", "--dport 0:2000"},
      {"--dport 0:65535", ""},
      {"--dport :", ""},
      {"! --sport 53 --dport 1:2", "! --sport 53 --dport 1:2"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    for (const auto& context : {legacy_tcp, nft_tcp})
      CHECK(canonical(tcp_match, one.written, context) == one.printed);
    for (const auto& context : {legacy_udp, nft_udp})
      CHECK(canonical(udp_match, one.written, context) == one.printed);
  }
}

TEST_CASE("ports that are none are refused") {
  for (const char* const words :
       {"--dport 65536", "--dport 90:80", "--dport x", "--dport 1:2:3", "--dport -1", "--dport \"\""}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(tcp_match, words, nft_tcp)));
  }
}

TEST_CASE("udp reads ports as getaddrinfo does, and keeps a range that runs backwards") {
  const saved_case cases[] = {{"--dport 65536", "--dport 0"},
                              {"--dport 90:80", "--dport 90:80"},
                              {"! --sport 9:3", "! --sport 9:3"},
                              {"--dport \"\"", "--dport 0"},
                              {"--dport 010", "--dport 10"},
                              {"--dport 0x50", nullptr},
                              {"--dport -1", nullptr},
                              {"--dport x", nullptr},
                              {"--dport ssh", "--dport 22"},
                              {"--dport 5:ssh", "--dport 5:22"}};
  for (auto one : cases) {
    one.protocol = just(protocol::udp);
    for (const backend of : both_backends_tested) check_saved(udp_match, {one}, {.backend = of});
  }
  for (const auto& context : {legacy_udp, nft_udp}) {
    CHECK(decides(udp_match, "--dport 4:3", any_with_ports(1, 3), context) == "no");
    CHECK(decides(udp_match, "! --dport 4:3", any_with_ports(1, 3), context) == "yes");
  }
}

TEST_CASE("a later IPv6 fragment has ports in its flow label on nft") {
  packet later = any_with_ports(7, 53, transport_part::later_fragment);
  later.family = family::ipv6;
  meaning_context context = nft_udp;
  context.family = family::ipv6;
  CHECK(decides(udp_match, "--sport 7", later, context) == "no");
  CHECK(decides(udp_match, "! --sport 7", later, context) == "yes");
  CHECK(decides(udp_match, "--sport 1024:", later, context) == "yes");
  CHECK(decides(udp_match, "--dport 53", later, context) == "yes");
  CHECK(decides(udp_match, "! --dport 53", later, context) == "no");
}

TEST_CASE("a negated range of all ports fits nothing on legacy and everything on nft, and neither shows it") {
  CHECK(decides(udp_match, "! --dport 0:65535", any_with_ports(1, 2), legacy_udp) == "no");
  CHECK(decides(udp_match, "! --dport 0:65535", any_with_ports(1, 2), nft_udp) == "yes");
  CHECK(saved(udp_match, "! --dport 0:65535", legacy_udp) == "");
  CHECK(saved(udp_match, "! --dport 0:65535", nft_udp) == "nothing");
  CHECK(saved(tcp_match, "! --dport 0:65535 --sport 5", nft_tcp) == "--sport 5");
  CHECK(saved(udp_match, "", nft_udp) == "");
}

TEST_CASE("two negated single ports exclude either port on legacy and only both together on nft") {
  const char* const words = "! --sport 1 ! --dport 2";
  CHECK(decides(udp_match, words, any_with_ports(1, 2), legacy_udp) == "no");
  CHECK(decides(udp_match, words, any_with_ports(1, 5), legacy_udp) == "no");
  CHECK(decides(udp_match, words, any_with_ports(5, 2), legacy_udp) == "no");
  CHECK(decides(udp_match, words, any_with_ports(5, 5), legacy_udp) == "yes");
  CHECK(decides(udp_match, words, any_with_ports(1, 2), nft_udp) == "no");
  CHECK(decides(udp_match, words, any_with_ports(1, 5), nft_udp) == "yes");
  CHECK(decides(udp_match, words, any_with_ports(5, 2), nft_udp) == "yes");
  CHECK(decides(udp_match, words, any_with_ports(5, 5), nft_udp) == "yes");
}

TEST_CASE("legacy drops a packet whose header is cut off, nft reads the bytes that are there") {
  const auto cut = [](unsigned bytes) { return any_with_ports(1, 80, static_cast<transport_part>(bytes)); };
  CHECK(decides(tcp_match, "--dport 80", cut(8), legacy_tcp) == "drop");
  CHECK(decides(tcp_match, "--dport 81", cut(8), legacy_tcp) == "drop");
  CHECK(decides(tcp_match, "--dport 80", cut(8), nft_tcp) == "yes");
  CHECK(decides(tcp_match, "--dport 81", cut(8), nft_tcp) == "no");
  CHECK(decides(udp_match, "--dport 80", cut(4), nft_udp) == "yes");
  CHECK(decides(udp_match, "--dport 80", cut(2), nft_udp) == "no");
  CHECK(decides(udp_match, "", cut(6), nft_udp) == "drop");
}

TEST_CASE("a later fragment has no ports on legacy, and has the bytes at their place on nft") {
  const packet later = any_with_ports(1, 80, transport_part::later_fragment);
  CHECK(decides(udp_match, "--dport 80", later, legacy_udp) == "no");
  CHECK(decides(udp_match, "! --dport 81", later, legacy_udp) == "no");
  CHECK(decides(udp_match, "--dport 80", later, nft_udp) == "yes");
  CHECK(decides(udp_match, "! --dport 81", later, nft_udp) == "yes");
}

TEST_CASE("a match of ports needs -p, and nft makes do with its opposite where it compares bytes") {
  constexpr meaning_context none_nft{.backend = backend::nft};
  CHECK(is_refused(canonical(tcp_match, "--dport 80", none_nft)));
  CHECK(is_refused(canonical(udp_match, "", none_nft)));
  CHECK(is_refused(canonical(udp_match, "--dport 53", nft_tcp)));
  const auto not_tcp = [](backend of) { return meaning_context{.backend = of, .protocol = all_but(protocol::tcp)}; };
  CHECK(is_refused(canonical(tcp_match, "--dport 80", not_tcp(backend::legacy))));
  CHECK(canonical(tcp_match, "--dport 80", not_tcp(backend::nft)) == "--dport 80");
  CHECK(is_refused(canonical(tcp_match, "", not_tcp(backend::nft))));
}
