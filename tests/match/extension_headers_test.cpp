#include <cordon/match/extension_headers.hpp>
#include <cordon/match/list.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("what stands in an extension header is unknown where there is one, and does not fit where there is none") {
  // If all that is unknown were so, and if none of it were.
  struct {
    const match_extension* of;
    unsigned header;
    const char* words;
    const char* if_so;
    const char* if_not;
  } const cases[] = {
      {&dst_match, extension_header::destination, "", "yes", "yes"},
      {&dst_match, extension_header::destination, "--dst-len 8", "yes", "no"},
      {&dst_match, extension_header::destination, "! --dst-len 8", "no", "yes"},
      {&dst_match, extension_header::destination, "--dst-opts 1:4", "yes", "no"},
      {&hbh_match, extension_header::hop_by_hop, "", "yes", "yes"},
      {&hbh_match, extension_header::hop_by_hop, "--hbh-len 8", "yes", "no"},
      {&hbh_match, extension_header::hop_by_hop, "! --hbh-len 8", "no", "yes"},
      {&hbh_match, extension_header::hop_by_hop, "--hbh-len 8 --hbh-opts 5", "yes", "no"},
      {&frag_match, extension_header::fragment, "--fragid 5", "yes", "no"},
      {&frag_match, extension_header::fragment, "! --fragid 5", "no", "yes"},
      {&rt_match, extension_header::routing, "", "yes", "yes"},
      {&rt_match, extension_header::routing, "--rt-type 0", "yes", "no"},
      {&rt_match, extension_header::routing, "! --rt-type 0", "no", "yes"},
      {&rt_match, extension_header::routing, "! --rt-len 8", "no", "yes"},
      {&rt_match, extension_header::routing, "--rt-type 0 --rt-0-res", "yes", "no"},
      {&rt_match, extension_header::routing, "--rt-type 0 --rt-0-addrs ::1 --rt-0-not-strict", "yes", "no"},
      {&srh_match, extension_header::routing, "", "yes", "no"},
      {&srh_match, extension_header::routing, "--srh-tag 0", "yes", "no"},
      {&srh_match, extension_header::routing, "! --srh-tag 0", "no", "no"},
  };
  const meaning_context v6{.family = family::ipv6};
  for (const auto& one : cases) {
    const use made = read_use(*one.of, one.words, v6);
    CAPTURE(one.of->name, one.words, made.refused);
    REQUIRE(made.refused.empty());
    const match_meaning meaning = meaning_of(*one.of, made.options, v6);
    CHECK(meaning.drops == never());
    for (unsigned headers = 0; headers < 32; ++headers) {
      packet sent;
      sent.family = family::ipv6;
      sent.extension_headers = static_cast<extension_header_set>(headers);
      const auto if_all_were = [&](truth value) {
        constexpr const char* names[] = {"no", "yes", "unknown"};
        return std::string(
            names[static_cast<unsigned>(evaluate(meaning.holds, sent, 0, [&](const atom&) { return value; }))]);
      };
      const bool is_there = (headers & one.header) != 0;
      CAPTURE(headers);
      CHECK(if_all_were(truth::yes) == (is_there ? one.if_so : "no"));
      CHECK(if_all_were(truth::no) == (is_there ? one.if_not : "no"));
    }
  }
}

TEST_CASE("where an extension header of several options fits, each of them does: one that is not so is enough") {
  struct {
    const match_extension* of;
    const char* words;
    std::size_t open;
  } const cases[] = {
      {&hbh_match, "--hbh-len 8 --hbh-opts 5", 2},
      {&dst_match, "--dst-len 8 --dst-opts 1:4", 2},
      {&rt_match, "--rt-type 0 --rt-0-res", 2},
      {&rt_match, "--rt-type 0 --rt-0-addrs ::1 --rt-0-not-strict", 3},
      {&srh_match, "--srh-tag 0", 2},
  };
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.family = family::ipv6;
  sent.extension_headers = 31;
  for (const auto& one : cases) {
    CAPTURE(one.of->name, one.words);
    const match_meaning meaning = meaning_of(*one.of, read_use(*one.of, one.words, v6).options, v6);
    REQUIRE(meaning.holds.atoms().size() == one.open);
    for (const atom& not_so : meaning.holds.atoms())
      CHECK(evaluate(meaning.holds, sent, 0, [&](const atom& open) { return truth_of(open.name != not_so.name); }) ==
            truth::no);
  }
}
