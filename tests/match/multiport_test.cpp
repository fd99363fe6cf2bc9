#include <cordon/match/multiport.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context tcp_rule{.protocol = {true, false, protocol::tcp}};

packet with_ports(std::uint16_t source, std::uint16_t destination) {
  packet made;
  made.first_word = source;
  made.second_word = destination;
  return made;
}
}  // namespace

TEST_CASE("port lists are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--dports 80,443,1000:2000", "--dports 80,443,1000:2000"},
      {"--destination-ports http,https", "--dports 80,443"},
      {"--dports 81,80,80", "--dports 81,80,80"},
      {"! --source-ports 0x50,010", "! --sports 80,8"},
      {"--ports 53", "--ports 53"},
      {"--dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15", "--dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(multiport_match, one.written, tcp_rule) == one.printed);
  }
}

TEST_CASE("port lists that iptables refuses are refused") {
  for (const char* const words :
       {"", "--dports 80:80", "--dports 90:80", "--dports :80", "--dports 80:", "--dports 80,", "--dports 80,,81",
        "--dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16", "--dports 1 --sports 2",
        "--dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "--dports 65536"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(multiport_match, words, tcp_rule)));
  }
}

TEST_CASE("multiport needs a protocol with ports") {
  for (const protocol which : {protocol::tcp, protocol::udp, protocol::udplite, protocol::sctp, protocol::dccp})
    CHECK(canonical(multiport_match, "--dports 1", {.protocol = just(which)}) == "--dports 1");
  CHECK(is_refused(canonical(multiport_match, "--dports 1", {})));
  CHECK(is_refused(canonical(multiport_match, "--dports 1", {.protocol = all_but(protocol::tcp)})));
  CHECK(is_refused(canonical(multiport_match, "--dports 1", {.protocol = just(protocol::icmp)})));
}

TEST_CASE("a list fits if one of its ports does, and its negation if none does") {
  CHECK(decides(multiport_match, "--dports 80,1000:2000", with_ports(5, 1500), tcp_rule) == "yes");
  CHECK(decides(multiport_match, "--dports 80,1000:2000", with_ports(80, 81), tcp_rule) == "no");
  CHECK(decides(multiport_match, "--sports 80,1000:2000", with_ports(80, 81), tcp_rule) == "yes");
  CHECK(decides(multiport_match, "--ports 80", with_ports(80, 81), tcp_rule) == "yes");
  CHECK(decides(multiport_match, "--ports 80", with_ports(81, 80), tcp_rule) == "yes");
  CHECK(decides(multiport_match, "! --ports 80", with_ports(81, 80), tcp_rule) == "no");
  CHECK(decides(multiport_match, "! --ports 80", with_ports(81, 82), tcp_rule) == "yes");
}

TEST_CASE("multiport reads four bytes, drops what has fewer, and never fits a later fragment") {
  packet sent = with_ports(5, 80);
  sent.transport = static_cast<transport_part>(4);
  CHECK(decides(multiport_match, "--dports 80", sent, tcp_rule) == "yes");
  sent.transport = static_cast<transport_part>(3);
  CHECK(decides(multiport_match, "--dports 80", sent, tcp_rule) == "drop");
  sent.transport = transport_part::later_fragment;
  CHECK(decides(multiport_match, "--dports 80", sent, tcp_rule) == "no");
  CHECK(decides(multiport_match, "! --dports 81", sent, tcp_rule) == "no");
}

TEST_CASE("port lists of every packet, whole, cut or in pieces, against plain numbers") {
  struct {
    const char* list;
    std::vector<range> ports;
  } const cases[] = {{"80", {{80, 80}}},
                     {"53,80", {{53, 53}, {80, 80}}},
                     {"80,53", {{80, 80}, {53, 53}}},
                     {"53:80", {{53, 80}}},
                     {"80,1000:2000", {{80, 80}, {1000, 2000}}},
                     {"1000:2000,80", {{1000, 2000}, {80, 80}}},
                     {"0,53,65535", {{0, 0}, {53, 53}, {65535, 65535}}},
                     {"0:53,80,1000:65535", {{0, 53}, {80, 80}, {1000, 65535}}},
                     {"53:54,79:80,1999:2000", {{53, 54}, {79, 80}, {1999, 2000}}}};
  std::vector<uint128> values = around({53, 80, 1000, 2000});
  values.insert(values.end(), {0, 1, 55, 78, 1500, 1998, 65534, 65535, 80, 80});
  const std::vector<packet> packets =
      mixed_packets(family::ipv4, {{field::first_word, values}, {field::second_word, values}, every_part()}, 6000);
  for (const auto& one : cases)
    for (const char* const option : {"--sports", "--dports", "--ports"})
      for (const bool inverted : {false, true})
        check_each(multiport_match, std::string(inverted ? "! " : "") + option + " " + one.list, tcp_rule, packets,
                   [&, of = std::string(option)](const packet& sent) {
                     const auto is_listed = [&](unsigned port) {
                       return std::any_of(one.ports.begin(), one.ports.end(),
                                          [&](const range& some) { return port >= some.low && port <= some.high; });
                     };
                     const bool fits = (of != "--dports" && is_listed(sent.first_word)) ||
                                       (of != "--sports" && is_listed(sent.second_word));
                     return fate_by_bytes(sent, 4, fits != inverted);
                   });
}
