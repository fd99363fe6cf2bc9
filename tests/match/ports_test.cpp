#include <cordon/match/ports.hpp>

#include <tuple>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context legacy_tcp{.backend = backend::legacy, .protocol = {true, false, protocol::tcp}};
constexpr meaning_context nft_tcp{.backend = backend::nft, .protocol = {true, false, protocol::tcp}};
constexpr meaning_context legacy_udp{.backend = backend::legacy, .protocol = {true, false, protocol::udp}};
constexpr meaning_context nft_udp{.backend = backend::nft, .protocol = {true, false, protocol::udp}};

packet any_with_ports(std::uint16_t source, std::uint16_t destination,
                      transport_part transport = transport_part::whole) {
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
    for (const auto& context : {legacy_tcp, nft_tcp}) CHECK(canonical(tcp_match, one.written, context) == one.printed);
    for (const auto& context : {legacy_udp, nft_udp}) CHECK(canonical(udp_match, one.written, context) == one.printed);
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

namespace {

/// The port option of a rule: `! --sport low:high`.
struct asked_port {
  bool given = false;
  bool inverted = false;
  unsigned low = 0;
  unsigned high = 65535;

  bool is_single() const { return given && low != 0 && low == high; }
  bool is_every() const { return low == 0 && high == 65535; }
  bool fits(unsigned port) const { return !given || (port >= low && port <= high) != inverted; }
  std::string words(const char* name) const {
    if (!given) return "";
    return std::string(inverted ? " ! " : " ") + name + " " + std::to_string(low) + ":" + std::to_string(high);
  }
};

struct asked_ports {
  asked_port source;
  asked_port destination;

  bool are_given() const { return source.given || destination.given; }
  std::string words() const { return source.words("--sport") + destination.words("--dport"); }
};

const asked_ports rules_of_ports[] = {
    {{}, {true, false, 80, 80}},
    {{}, {true, true, 80, 80}},
    {{}, {true, false, 1000, 2000}},
    {{}, {true, true, 1000, 2000}},
    {{true, false, 53, 53}, {}},
    {{true, true, 53, 60}, {}},
    {{true, false, 0, 53}, {}},
    {{true, false, 24576, 24600}, {}},
    {{true, true, 24576, 24600}, {}},
    {{true, false, 24000, 30000}, {}},
    {{true, false, 7, 7}, {true, false, 80, 80}},
    {{true, true, 7, 7}, {true, true, 80, 80}},
    {{true, true, 7, 7}, {true, false, 80, 80}},
    {{true, false, 25000, 25000}, {true, false, 80, 80}},
    {{true, true, 25000, 25000}, {true, true, 80, 80}},
    {{true, true, 7, 8}, {true, true, 80, 80}},
    {{true, false, 1, 65535}, {true, false, 0, 65534}},
    {{true, true, 0, 65535}, {true, false, 80, 80}},
    {{true, false, 1000, 2000}, {true, true, 1000, 2000}},
    {{true, false, 24576, 24600}, {true, true, 1000, 2000}},
};

/// Packets with whole, cut and no headers and such ports. A later IPv6 fragment has its own beginning in their place.
std::vector<packet> packets_with_ports(family in, const asked_ports& asked, std::vector<few_values> more = {},
                                       std::size_t count = 2000) {
  std::vector<uint128> source = around({asked.source.low, asked.source.high, 0x6000});
  std::vector<uint128> destination = around({asked.destination.low, asked.destination.high});
  if (asked.source.given && asked.destination.given)
    for (const auto& [into, one, other] : {std::tuple{&source, asked.source.low, asked.destination.low},
                                           std::tuple{&destination, asked.destination.low, asked.source.low}}) {
      into->insert(into->end(), 3, one);
      into->push_back(other);
    }
  more.push_back({field::first_word, source});
  more.push_back({field::second_word, destination});
  more.push_back(every_part());
  std::vector<packet> all = mixed_packets(in, more, count);
  for (packet& one : all)
    if (in == family::ipv6 && one.transport > transport_part::whole)
      one.first_word = static_cast<std::uint16_t>(0x6000 | (one.first_word & 0xfff));
  return all;
}

/// What xtables says where the header has so many bytes.
std::string_view fate_in_xtables(const packet& sent, const asked_ports& asked, unsigned bytes, bool drops_at_8) {
  const auto there = static_cast<unsigned>(sent.transport);
  if (there < bytes || (drops_at_8 && there == 21)) return "drop";
  return there <= 20 && asked.source.fits(sent.first_word) && asked.destination.fits(sent.second_word) ? "yes" : "no";
}

/// What the bytes that iptables-nft compares say.
bool fits_as_bytes(const packet& sent, const asked_ports& asked) {
  const auto there = static_cast<unsigned>(sent.transport);
  const asked_port& source = asked.source;
  const asked_port& destination = asked.destination;
  if (source.is_single() && destination.is_single() && source.inverted == destination.inverted) {
    const bool both = sent.first_word == source.low && sent.second_word == destination.low;
    return there >= 4 && both != source.inverted;
  }
  if (source.given && !source.is_every() && (there < 2 || !source.fits(sent.first_word))) return false;
  return !destination.given || destination.is_every() || (there >= 4 && destination.fits(sent.second_word));
}

}  // namespace

TEST_CASE("ports of every packet, whole, cut or in pieces, against plain numbers") {
  for (const family in : both_families_tested)
    for (const asked_ports& asked : rules_of_ports) {
      const std::vector<packet> packets = packets_with_ports(in, asked);
      for (const backend of : both_backends_tested) {
        const auto context = [&](protocol which) {
          return meaning_context{.family = in, .backend = of, .protocol = just(which)};
        };
        const bool drops_at_8 = in == family::ipv4;
        const bool never_fits = asked.source.inverted && asked.source.is_every();
        if (!never_fits) {
          check_each(sctp_match, asked.words(), context(protocol::sctp), packets,
                     [&](const packet& sent) { return fate_in_xtables(sent, asked, 12, false); });
          check_each(dccp_match, asked.words(), context(protocol::dccp), packets,
                     [&](const packet& sent) { return fate_in_xtables(sent, asked, 12, false); });
        }
        if (of == backend::nft) {
          for (const match_extension* const one : {&tcp_match, &udp_match})
            check_each(*one, asked.words(), context(one == &tcp_match ? protocol::tcp : protocol::udp), packets,
                       [&](const packet& sent) { return fits_as_bytes(sent, asked); });
          continue;
        }
        check_each(tcp_match, asked.words(), context(protocol::tcp), packets,
                   [&](const packet& sent) { return fate_in_xtables(sent, asked, 20, drops_at_8); });
        check_each(udp_match, asked.words(), context(protocol::udp), packets,
                   [&](const packet& sent) { return fate_in_xtables(sent, asked, 8, false); });
      }
    }
}

TEST_CASE("TCP's flags and options of every packet, against plain numbers") {
  const auto bit = [](unsigned kind) { return uint128{1} << kind; };
  std::vector<uint128> flags;
  for (unsigned one = 0; one < 256; ++one) flags.push_back(one);
  const asked_ports any;
  const asked_ports to_80{{}, {true, false, 80, 80}};
  struct {
    const char* words;
    unsigned mask;
    unsigned wanted;
    bool inverted;
  } const cases[] = {
      {" --tcp-flags FIN,SYN,RST,ACK SYN", 0x17, 0x02, false},
      {" ! --tcp-flags FIN,SYN,RST,ACK SYN", 0x17, 0x02, true},
      {" --tcp-flags SYN,ACK SYN", 0x12, 0x02, false},
      {" ! --tcp-flags SYN,ACK SYN", 0x12, 0x02, true},
      {" --tcp-flags RST RST", 0x04, 0x04, false},
      {" --tcp-flags ALL NONE", 0x3f, 0, false},
  };
  for (const family in : both_families_tested)
    for (const asked_ports& asked : {any, to_80}) {
      std::vector<uint128> sources;
      for (const uint128 one : flags)
        for (const unsigned last : {0U, 1U}) sources.push_back(one << 80 | last);
      const std::vector<packet> packets = packets_with_ports(
          in, asked,
          {{field::flags, flags},
           {field::source, sources},
           {field::low_kinds,
            {0, bit(0), bit(2), bit(8), bit(9), bit(2) | bit(8), bit(3), bit(0) | bit(2), bit(0) | bit(8),
             low_bits(128)}},
           {field::high_kinds, {0, bit(0), bit(8), bit(2), bit(127), bit(126), bit(0) | bit(8), bit(0) | bit(127)}},
           {field::segment_size, {0, 1, 1460, 65535, 65536, 65536, 65536}}},
          6000);
      for (const backend of : both_backends_tested) {
        const meaning_context context{.family = in, .backend = of, .protocol = just(protocol::tcp)};
        const bool drops_at_8 = in == family::ipv4;
        for (const auto& one : cases)
          check_each(tcp_match, asked.words() + one.words, context, packets,
                     [&](const packet& sent) -> std::string_view {
                       const bool fits = ((sent.flags & one.mask) == one.wanted) != one.inverted;
                       if (of == backend::legacy) {
                         const std::string_view by_ports = fate_in_xtables(sent, asked, 20, drops_at_8);
                         return by_ports == "yes" && !fits ? "no" : by_ports;
                       }
                       const auto there = static_cast<unsigned>(sent.transport);
                       // The sixth byte of the source address stands there in a later IPv6 fragment.
                       const auto byte = static_cast<unsigned>(sent.source >> 80 & 0xff);
                       const bool in_piece = ((byte & one.mask) == one.wanted) != one.inverted;
                       const bool has_flags = there > 20 && in == family::ipv6 ? in_piece : there >= 14 && fits;
                       return has_flags && fits_as_bytes(sent, asked) ? "yes" : "no";
                     });
        for (const unsigned kind : {2U, 8U, 136U, 255U})
          for (const bool inverted : {false, true})
            check_each(tcp_match, asked.words() + (inverted ? " ! " : " ") + "--tcp-option " + std::to_string(kind),
                       context, packets, [&](const packet& sent) -> std::string_view {
                         const std::string_view by_ports = fate_in_xtables(sent, asked, 20, drops_at_8);
                         if (by_ports != "yes") return by_ports;
                         const uint128 kinds = kind < 128 ? sent.low_kinds : sent.high_kinds;
                         const bool has_size = kind == 2 && sent.segment_size != 65536;
                         return ((kinds & bit(kind & 127)) != 0 || has_size) != inverted ? "yes" : "no";
                       });
      }
    }
}

TEST_CASE("DCCP's types and options and SCTP's chunks of every packet, against plain numbers") {
  const auto bit = [](unsigned kind) { return uint128{1} << kind; };
  std::vector<uint128> types;
  for (unsigned one = 0; one < 16; ++one) types.push_back(one);
  const asked_ports any;
  const asked_ports to_80{{}, {true, false, 80, 80}};
  const asked_ports both_ends{{true, false, 7, 7}, {true, true, 80, 90}};
  for (const asked_ports& asked : {any, to_80, both_ends}) {
    const std::vector<packet> packets = packets_with_ports(
        family::ipv4, asked,
        {{field::dccp_type, types},
         {field::low_kinds,
          {0, 0, bit(1), bit(0), bit(0) | bit(3), bit(1) | bit(3), bit(3), bit(4) | bit(0), low_bits(128),
           low_bits(128), low_bits(128) - 1}},
         {field::high_kinds,
          {0, 0, 0, bit(1), bit(0), bit(127), bit(126), low_bits(128), low_bits(128), low_bits(128) - 1}}},
        20000);
    const auto fate_if = [&](const packet& sent, bool fits) -> std::string_view {
      const std::string_view by_ports = fate_in_xtables(sent, asked, 12, false);
      return by_ports == "yes" && !fits ? "no" : by_ports;
    };
    const meaning_context dccp_rule{.protocol = just(protocol::dccp)};
    const meaning_context sctp_rule{.protocol = just(protocol::sctp)};
    for (const bool inverted : {false, true}) {
      const std::string negation = inverted ? " ! " : " ";
      check_each(
          dccp_match, asked.words() + negation + "--dccp-types REQUEST,ACK", dccp_rule, packets,
          [&](const packet& sent) { return fate_if(sent, (sent.dccp_type == 0 || sent.dccp_type == 3) != inverted); });
      check_each(dccp_match, asked.words() + negation + "--dccp-types INVALID", dccp_rule, packets,
                 [&](const packet& sent) { return fate_if(sent, (sent.dccp_type >= 10) != inverted); });
      check_each(dccp_match, asked.words() + negation + "--dccp-option 3", dccp_rule, packets,
                 [&](const packet& sent) { return fate_if(sent, ((sent.low_kinds & bit(3)) != 0) != inverted); });
      const auto check_chunks = [&](const char* words, auto fits) {
        check_each(sctp_match, asked.words() + negation + "--chunk-types " + words, sctp_rule, packets,
                   [&](const packet& sent) -> std::string_view {
                     const std::string_view made = fate_if(sent, fits(sent.low_kinds, sent.high_kinds) != inverted);
                     // A first chunk must be there, once the ports fit.
                     const bool is_bare = sent.low_kinds == 0 && sent.high_kinds == 0;
                     return is_bare && fate_if(sent, true) == "yes" ? "drop" : made;
                   });
      };
      check_chunks("any DATA,SACK", [&](uint128 low, uint128) { return (low & (bit(0) | bit(3))) != 0; });
      check_chunks("all DATA,SACK",
                   [&](uint128 low, uint128) { return (low & (bit(0) | bit(3))) == (bit(0) | bit(3)); });
      check_chunks("only DATA,SACK",
                   [&](uint128 low, uint128 high) { return (low & ~(bit(0) | bit(3))) == 0 && high == 0; });
      check_chunks("any ASCONF_ACK", [&](uint128, uint128 high) { return (high & bit(0)) != 0; });
      check_chunks("all ALL", [&](uint128 low, uint128 high) { return low == low_bits(128) && high == low_bits(128); });
      check_chunks("any ALL", [&](uint128 low, uint128 high) { return low != 0 || high != 0; });
    }
  }
}
