#include <cordon/match/tcp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context on(backend of, family in = family::ipv4) {
  return {.family = in, .backend = of, .protocol = {true, false, protocol::tcp}};
}
constexpr backend both_backends[] = {backend::legacy, backend::nft};

packet with_flags(unsigned flags, transport_part transport = transport_part::whole) {
  packet made;
  made.flags = static_cast<tcp_flags>(flags);
  made.transport = transport;
  return made;
}
}  // namespace

TEST_CASE("TCP flags are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--syn", "--tcp-flags FIN,SYN,RST,ACK SYN"},
      {"! --syn", "! --tcp-flags FIN,SYN,RST,ACK SYN"},
      {"--tcp-flags ALL SYN,ACK", "--tcp-flags FIN,SYN,RST,PSH,ACK,URG SYN,ACK"},
      {"--tcp-flags ALL NONE", "--tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE"},
      {"! --tcp-flags ACK,SYN SYN", "! --tcp-flags SYN,ACK SYN"},
      {"--tcp-flags syn,ack syn", "--tcp-flags SYN,ACK SYN"},
      {"--tcp-flags SYN,, SYN", "--tcp-flags SYN SYN"},
      {"--tcp-flags SYN SYN,ACK", "--tcp-flags SYN SYN,ACK"},
      {"--tcp-flags NONE NONE", ""},
      {"--tcp-option 0x10", "--tcp-option 16"},
      {"--tcp-flags SYN SYN --dport 5 --sport 6 --tcp-option 3",
       "--sport 6 --dport 5 --tcp-option 3 --tcp-flags SYN SYN"},
  };
  for (const backend of : both_backends)
    for (const auto& one : cases) {
      CAPTURE(name_of(of), one.written);
      CHECK(saved(tcp_match, one.written, on(of)) == one.printed);
    }
}

TEST_CASE("flags and options that iptables does not know are refused") {
  for (const char* const words : {"--tcp-flags SYN,ECE SYN", "--tcp-flags SYN", "--tcp-option 0", "--tcp-option 256",
                                  "--syn --tcp-flags SYN SYN"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(tcp_match, words, on(backend::nft))));
  }
}

TEST_CASE("--syn asks for SYN without ACK, RST and FIN, and for nothing of the other flags") {
  using namespace tcp_flag;
  for (const backend of : both_backends) {
    CHECK(decides(tcp_match, "--syn", with_flags(syn), on(of)) == "yes");
    CHECK(decides(tcp_match, "--syn", with_flags(syn | psh | urg | ece | cwr), on(of)) == "yes");
    CHECK(decides(tcp_match, "--syn", with_flags(syn | ack), on(of)) == "no");
    CHECK(decides(tcp_match, "--syn", with_flags(syn | rst), on(of)) == "no");
    CHECK(decides(tcp_match, "--syn", with_flags(syn | fin), on(of)) == "no");
    CHECK(decides(tcp_match, "! --syn", with_flags(ack), on(of)) == "yes");
    CHECK(decides(tcp_match, "--tcp-flags SYN SYN,ACK", with_flags(syn | ack), on(of)) == "no");
  }
}

TEST_CASE("flags compared under an empty mask are never so on legacy and left out on nft") {
  CHECK(decides(tcp_match, "--tcp-flags NONE SYN", with_flags(tcp_flag::syn), on(backend::legacy)) == "no");
  CHECK(decides(tcp_match, "--tcp-flags NONE SYN", with_flags(tcp_flag::syn), on(backend::nft)) == "yes");
  CHECK(decides(tcp_match, "! --tcp-flags NONE NONE", with_flags(0), on(backend::legacy)) == "no");
  CHECK(decides(tcp_match, "! --tcp-flags NONE NONE", with_flags(0), on(backend::nft)) == "yes");
  CHECK(saved(tcp_match, "--tcp-flags NONE SYN", on(backend::legacy)) == "");
  CHECK(saved(tcp_match, "--tcp-flags NONE SYN", on(backend::nft)) == "nothing");
  CHECK(saved(tcp_match, "! --tcp-flags NONE NONE", on(backend::legacy)) == "! --tcp-flags NONE NONE");
  CHECK(saved(tcp_match, "! --tcp-flags NONE NONE", on(backend::nft)) == "nothing");
}

TEST_CASE("a fragment at offset 8 is dropped in IPv4, and fits nothing in IPv6") {
  const packet first_cut = with_flags(0, transport_part::fragment_at_8);
  CHECK(decides(tcp_match, "--dport 80", first_cut, on(backend::legacy)) == "drop");
  CHECK(decides(tcp_match, "", first_cut, on(backend::nft)) == "drop");
  CHECK(decides(tcp_match, "--dport 80", first_cut, on(backend::legacy, family::ipv6)) == "no");
}

TEST_CASE("a TCP header that is cut off is dropped by xtables") {
  const packet cut = with_flags(0, static_cast<transport_part>(19));
  CHECK(decides(tcp_match, "--syn", cut, on(backend::legacy)) == "drop");
  CHECK(decides(tcp_match, "--tcp-option 2", cut, on(backend::nft)) == "drop");
  CHECK(decides(tcp_match, "! --syn", cut, on(backend::nft)) == "yes");
  CHECK(decides(tcp_match, "! --syn", with_flags(0, static_cast<transport_part>(13)), on(backend::nft)) == "no");
}

TEST_CASE("an option is there if its kind is, and an MSS option also if it says a size") {
  packet sent;
  CHECK(decides(tcp_match, "--tcp-option 8", sent, on(backend::nft)) == "no");
  CHECK(decides(tcp_match, "! --tcp-option 8", sent, on(backend::nft)) == "yes");
  sent.low_kinds = uint128{1} << 8;
  CHECK(decides(tcp_match, "--tcp-option 8", sent, on(backend::nft)) == "yes");
  CHECK(decides(tcp_match, "--tcp-option 136", sent, on(backend::nft)) == "no");
  sent.high_kinds = uint128{1} << 8;
  CHECK(decides(tcp_match, "--tcp-option 136", sent, on(backend::legacy)) == "yes");
  CHECK(decides(tcp_match, "--tcp-option 2", sent, on(backend::nft)) == "no");
  sent.segment_size = 1460;
  CHECK(decides(tcp_match, "--tcp-option 2", sent, on(backend::nft)) == "yes");
}

TEST_CASE("in a later IPv6 fragment nft takes a byte of the source address for the flags") {
  packet later = with_flags(0, transport_part::later_fragment);
  later.family = family::ipv6;
  later.source = uint128{0x20010db80002} << 80;
  CHECK(decides(tcp_match, "--syn", later, on(backend::nft, family::ipv6)) == "yes");
  later.source = uint128{0x20010db80012} << 80;
  CHECK(decides(tcp_match, "--syn", later, on(backend::nft, family::ipv6)) == "no");
  CHECK(decides(tcp_match, "--tcp-flags SYN,ACK SYN,ACK", later, on(backend::nft, family::ipv6)) == "yes");
  CHECK(decides(tcp_match, "--syn", later, on(backend::legacy, family::ipv6)) == "no");
}

TEST_CASE("flags that every byte passes want the byte, and packets of other protocols may end before it") {
  packet sent = with_flags(0);
  sent.protocol = protocol::tcp;
  CHECK(decides(tcp_match, "! --tcp-flags SYN SYN,ACK", sent, on(backend::nft)) == "yes");
  sent.protocol = protocol::sctp;
  CHECK(decides(tcp_match, "! --tcp-flags SYN SYN,ACK", sent, on(backend::nft)) == "unknown");
  CHECK(decides(tcp_match, "! --tcp-flags SYN SYN", sent, on(backend::nft)) == "yes");
}

TEST_CASE("what flags that every byte passes say of every packet, whole or cut, of TCP and of others") {
  for (const family in : both_families_tested) {
    const std::vector<packet> packets = mixed_packets(in,
                                                      {{field::flags, {0, 2, 0x10, 0x12, 0xff}},
                                                       {field::source, {0, uint128{0x12} << 80}},
                                                       {field::second_word, {79, 80, 80, 81}},
                                                       {field::protocol, {5, 6, 6, 7, 17, 132}},
                                                       every_part()},
                                                      3000);
    for (const char* const ports : {"", "--dport 80 "})
      check_each(tcp_match, std::string(ports) + "! --tcp-flags SYN SYN,ACK", on(backend::nft, in), packets,
                 [&](const packet& sent) -> std::string_view {
                   if (sent.transport < static_cast<transport_part>(14)) return "no";
                   if (ports[0] != 0 && sent.second_word != 80) return "no";
                   return sent.protocol == protocol::tcp ? "yes" : "unknown";
                 });
  }
}

TEST_CASE("whether a packet of another protocol has the byte of the flags is one question") {
  packet sent = with_flags(0);
  sent.protocol = protocol::sctp;
  const meaning_context context = on(backend::nft);
  const match_meaning made =
      meaning_of(tcp_match, read_use(tcp_match, "! --tcp-flags SYN SYN,ACK", context).options, context);
  for (const truth is_long : {truth::no, truth::yes})
    CHECK(evaluate(made.holds, sent, 0, [&](const atom&) { return is_long; }) == is_long);
}
