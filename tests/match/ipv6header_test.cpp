#include <cordon/match/ipv6header.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context any_rule{.family = family::ipv6};

packet with_headers(extension_header_set headers, protocol last = protocol::tcp) {
  packet made;
  made.family = family::ipv6;
  made.extension_headers = headers;
  made.protocol = last;
  return made;
}
constexpr auto none = static_cast<protocol>(59);
constexpr extension_header_set hop = extension_header::hop_by_hop, fragment = extension_header::fragment;
constexpr extension_header_set all_five = 31;
}  // namespace

TEST_CASE("--header without --soft asks for exactly these headers, and for the one that stands last") {
  CHECK(decides(ipv6header_match, "--header hop,prot", with_headers(hop), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "--header hop", with_headers(hop), any_rule) == "no");
  CHECK(decides(ipv6header_match, "--header hop,prot", with_headers(hop | fragment), any_rule) == "no");
  CHECK(decides(ipv6header_match, "--header none", with_headers(0, none), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "--header esp", with_headers(0, protocol::esp), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "--header esp,none", with_headers(0, none), any_rule) == "no");
}

TEST_CASE("--soft asks for at least these headers") {
  CHECK(decides(ipv6header_match, "--header hop --soft", with_headers(hop | fragment), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "--header hop,frag --soft", with_headers(hop), any_rule) == "no");
  CHECK(decides(ipv6header_match, "--header hop,none --soft", with_headers(hop), any_rule) == "no");
}

TEST_CASE("! --header with --soft asks for none of these headers") {
  CHECK(decides(ipv6header_match, "! --header hop,ah --soft", with_headers(hop), any_rule) == "no");
  CHECK(decides(ipv6header_match, "! --header hop,ah --soft", with_headers(fragment), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "! --header prot --soft", with_headers(hop), any_rule) == "no");
  CHECK(decides(ipv6header_match, "! --header esp,none --soft", with_headers(hop), any_rule) == "yes");
}

TEST_CASE("! --header without --soft asks for any other set of headers") {
  CHECK(decides(ipv6header_match, "! --header hop,prot", with_headers(hop), any_rule) == "no");
  CHECK(decides(ipv6header_match, "! --header hop", with_headers(hop), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "! --header esp,none", with_headers(all_five), any_rule) == "yes");
  CHECK(decides(ipv6header_match, "! --header dst,prot", with_headers(0), any_rule) == "yes");
}

TEST_CASE("-m ipv6header is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--header hop,dst,route,frag,auth,esp,none,prot",
       "--header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol"},
      {"! --header 0,43 --soft", "! --header hop-by-hop,ipv6-route --soft"},
      {"--header tcp", nullptr},
      {"--header \"\"", nullptr},
      {"--header hop,", "--header hop-by-hop"},
      {"--header ipv6-nonxt,esp,ah", "--header ah,esp,ipv6-nonxt"},
      {"--header 255", "--header protocol"},
      {"--header proto", nullptr},
      {"--header HOP", nullptr},
      {"--header hop-by-hop", "--header hop-by-hop"},
      {"--header hop-by-hop --soft", "--header hop-by-hop --soft"},
      {"--header ipv6-nonxt", "--header ipv6-nonxt"},
  };
  for (const backend of : both_backends_tested)
    check_saved(ipv6header_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("what stands behind an authentication header is unknown where nf_tables has stopped there") {
  const packet hidden = with_headers(extension_header::authentication, protocol::ah);
  CHECK(decides(ipv6header_match, "--header ah,none", hidden, any_rule) == "unknown");
  CHECK(decides(ipv6header_match, "--header hop,none", hidden, any_rule) == "no");
  // ESP that is cut off there would fit nothing.
  CHECK(decides(ipv6header_match, "--header ah --soft", hidden, any_rule) == "unknown");
}

TEST_CASE("ESP that is cut off before its second byte fits nothing") {
  packet cut = with_headers(0, protocol::esp);
  cut.transport = static_cast<transport_part>(1);
  CHECK(decides(ipv6header_match, "--header esp", cut, any_rule) == "no");
  CHECK(decides(ipv6header_match, "! --header hop", cut, any_rule) == "no");
}

TEST_CASE(
    "behind an authentication header two things are open: what stands there, and whether it is ESP that is cut off") {
  struct {
    const char* words;
    unsigned extensions;
    bool soft;
    bool inverted;
    bool names_end = true;  // one of the three that may stand last
  } const cases[] = {{"--header none", 0, false, false},           {"--header hop,prot", 1, false, false},
                     {"--header ah,esp", 16, false, false},        {"! --header none", 0, false, true},
                     {"! --header hop,esp", 1, false, true},       {"! --header ah,prot", 16, false, true},
                     {"--header none --soft", 0, true, false},     {"--header hop,esp --soft", 1, true, false},
                     {"--header ah,prot --soft", 16, true, false}, {"! --header none --soft", 0, true, true},
                     {"! --header hop,esp --soft", 1, true, true}, {"! --header ah,prot --soft", 16, true, true}};
  for (const auto& one : cases) {
    const use made = read_use(ipv6header_match, one.words, any_rule);
    CAPTURE(one.words, made.refused);
    REQUIRE(made.refused.empty());
    const match_meaning meaning = meaning_of(ipv6header_match, made.options, any_rule);
    CHECK(meaning.drops == never());
    for (unsigned there = 0; there < 32; ++there)
      for (unsigned cut = 0; cut <= 22; ++cut)
        for (const bool is_end : {false, true})
          for (const bool is_cut : {false, true}) {
            packet hidden = with_headers(static_cast<extension_header_set>(there), protocol::ah);
            hidden.transport = static_cast<transport_part>(cut);
            const truth said = evaluate(meaning.holds, hidden, 0, [&](const atom& asked) {
              return truth_of(asked.name.view() == "ipv6header cut behind ah" ? is_cut : is_end);
            });
            const bool has_them = one.soft && one.inverted ? (there & one.extensions) == 0
                                  : one.soft               ? (there & one.extensions) == one.extensions
                                                           : there == one.extensions;
            const bool fits = one.soft && one.inverted ? has_them && !(one.names_end && is_end)
                                                       : (has_them && (is_end || !one.names_end)) != one.inverted;
            if (said != truth_of(fits && !is_cut)) {
              CAPTURE(there, cut, is_end, is_cut);
              REQUIRE(said == truth_of(fits && !is_cut));
            }
          }
  }
}

TEST_CASE("headers of every packet, against a plain account of what stands in it") {
  struct {
    const char* words;
    unsigned extensions;  // as of extension_header
    unsigned ends;        // 1: esp, 2: none, 4: anything else
  } const cases[] = {
      {"prot", 0, 4}, {"hop,prot", 1, 4},  {"hop,dst,prot", 3, 4}, {"frag,prot", 8, 4},
      {"none", 0, 2}, {"esp", 0, 1},       {"esp,none", 0, 3},     {"hop,dst,route,frag,auth,prot", 31, 4},
      {"hop", 1, 0},  {"hop,auth", 17, 0}, {"route,esp", 4, 1},
  };
  std::vector<uint128> headers;
  for (unsigned one = 0; one < 32; ++one) headers.push_back(one);
  std::vector<uint128> sizes = {0, 1, 2, 3, 19, 20, 21, 22};
  const meaning_context v6{.family = family::ipv6};
  const std::vector<packet> packets = mixed_packets(
      family::ipv6,
      {{field::extension_headers, headers}, {field::protocol, around({49, 51, 52, 59, 6})}, {field::transport, sizes}},
      30000);
  for (const auto& one : cases)
    for (const bool soft : {false, true})
      for (const bool inverted : {false, true}) {
        const auto fits = [&](const packet& sent) {
          const unsigned protocol = number_of(sent.protocol);
          if (protocol == 50 && static_cast<unsigned>(sent.transport) < 2) return truth::no;
          const unsigned end = protocol == 50 ? 1 : protocol == 59 ? 2 : 4;
          const unsigned there = sent.extension_headers;
          // What stands behind an authentication header nobody sees.
          truth has_end = truth_of((one.ends & end) != 0);
          if (protocol == 51 && one.ends != 0) has_end = truth::unknown;
          const bool two_ends = (one.ends & (one.ends - 1)) != 0;
          truth made = truth::no;
          if (!soft) {
            if (one.ends != 0 && !two_ends) made = both(truth_of(there == one.extensions), has_end);
            made = inverted ? !made : made;
          } else if (inverted) {
            made = both(truth_of((there & one.extensions) == 0), !has_end);
          } else if (!two_ends) {
            made = truth_of((there & one.extensions) == one.extensions);
            if (one.ends != 0) made = both(made, has_end);
          }
          return protocol == 51 ? both(made, truth::unknown) : made;
        };
        std::size_t fitting = 0;
        for (const packet& sent : packets) fitting += fits(sent) == truth::no ? 0U : 1U;
        if (fitting == 0) continue;
        check_each(ipv6header_match,
                   std::string(inverted ? "! " : "") + "--header " + one.words + (soft ? " --soft" : ""), v6, packets,
                   fits);
      }
}
