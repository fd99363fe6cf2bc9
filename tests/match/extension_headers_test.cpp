#include <cordon/match/extension_headers.hpp>
#include <cordon/match/list.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

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
    extension_header_set header;
    const char* words;
    std::size_t open;
  } const cases[] = {
      {&hbh_match, extension_header::hop_by_hop, "--hbh-len 8 --hbh-opts 5", 2},
      {&dst_match, extension_header::destination, "--dst-len 8 --dst-opts 1:4", 2},
      {&rt_match, extension_header::routing, "--rt-type 0 --rt-0-res", 2},
      {&rt_match, extension_header::routing, "--rt-type 0 --rt-0-addrs ::1 --rt-0-not-strict", 3},
      {&srh_match, extension_header::routing, "--srh-tag 0", 2},
  };
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.family = family::ipv6;
  sent.extension_headers = 31;
  for (const auto& one : cases) {
    CAPTURE(one.of->name, one.words);
    const match_meaning meaning = meaning_of(*one.of, read_use(*one.of, one.words, v6).options, v6);
    REQUIRE(meaning.holds.atoms().size() == one.open);
    CHECK(meaning.drops == never());
    for (unsigned headers = 0; headers < 32; ++headers) {
      packet other = sent;
      other.extension_headers = static_cast<extension_header_set>(headers);
      CAPTURE(headers);
      CHECK(evaluate(meaning.holds, other, 0, [](const atom&) { return truth::yes; }) ==
            truth_of((headers & one.header) != 0));
    }
    for (const atom& not_so : meaning.holds.atoms())
      CHECK(evaluate(meaning.holds, sent, 0, [&](const atom& open) { return truth_of(open.name != not_so.name); }) ==
            truth::no);
  }
}

TEST_CASE("! --srh-tag asks that the header is one for segments, whose tag is another") {
  const meaning_context v6{.family = family::ipv6};
  const match_meaning meaning = meaning_of(srh_match, read_use(srh_match, "! --srh-tag 0", v6).options, v6);
  REQUIRE(meaning.holds.atoms().size() == 2);
  CHECK(meaning.drops == never());
  for (unsigned headers = 0; headers < 32; ++headers)
    for (const bool is_for_segments : {false, true})
      for (const bool has_tag : {false, true}) {
        packet sent;
        sent.family = family::ipv6;
        sent.extension_headers = static_cast<extension_header_set>(headers);
        const truth fits = evaluate(meaning.holds, sent, 0, [&](const atom& one) {
          return truth_of(one.name.view().find("tag") == std::string_view::npos ? is_for_segments : has_tag);
        });
        CAPTURE(headers, is_for_segments, has_tag);
        CHECK(fits == truth_of((headers & extension_header::routing) != 0 && is_for_segments && !has_tag));
      }
}
