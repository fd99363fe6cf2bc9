#include <cordon/match/list.hpp>
#include <cordon/match/opaque.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

truth with_every_atom(const match_meaning& meaning, truth value) {
  return evaluate(meaning.holds, packet{}, 0, [&](const atom&) { return value; });
}

// What no packet decides. Stateless is what the same text says alike of the same packet; all else has a fresh value each time.
struct opaque_case {
  const match_extension* of;
  const char* words;
  const char* negated;  // null: nothing of it can be
  bool stateful;
  protocol_match protocol = {};
  cordon::family family = family::ipv4;
};

const opaque_case opaque_cases[] = {
    {&bpf_match, "--bytecode \"1,6 0 0 0\"", nullptr, true},
    {&cluster_match, "--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 5", nullptr, true},
    {&connbytes_match, "--connbytes 5 --connbytes-dir both --connbytes-mode bytes",
     "! --connbytes 5 --connbytes-dir both --connbytes-mode bytes", true},
    {&connlabel_match, "--label 5", "! --label 5", true},
    {&cpu_match, "--cpu 1", "! --cpu 1", true},
    {&devgroup_match, "--dst-group 5", "! --dst-group 5", false},
    {&helper_match, "--helper ftp", "! --helper ftp", true},
    {&limit_match, "--limit 5/sec", nullptr, true},
    {&nfacct_match, "--nfacct-name a", nullptr, true},
    {&eui64_match, "", nullptr, false, {}, family::ipv6},
    {&mac_match, "--mac-source 00:11:22:33:44:55", "! --mac-source 00:11:22:33:44:55", false},
    {&osf_match, "--genre Linux", "! --genre Linux", true, just(protocol::tcp)},
    {&rpfilter_match, "--loose", nullptr, true},
    {&physdev_match, "--physdev-is-bridged", "! --physdev-is-bridged", true},
    {&quota_match, "--quota 5", "! --quota 5", true},
    {&rateest_match, "--rateest a --rateest-gt --rateest-bps 5", nullptr, true},
    {&realm_match, "--realm 5", "! --realm 5", true},
    {&recent_match, "--rcheck --name a", "! --rcheck --name a", true},
    {&socket_match, "--transparent", nullptr, true},
    {&statistic_match, "--mode random --probability 0.5", "--mode random ! --probability 0.5", true},
    {&string_match, "--algo bm --string a", "! --string a --algo bm", true},
    {&time_match, "--timestart 01:00", nullptr, true},
    {&u32_match, "--u32 0=1", "! --u32 0=1", false},
    {&u32_match, "--u32 16=1&&12&0xff=0:3", "! --u32 16=1&&12&0xff=0:3", false},
    {&u32_match, "--u32 17=1", "! --u32 17=1", true},
    {&u32_match, "--u32 17=1", "! --u32 17=1", false, {}, family::ipv6},
    {&u32_match, "--u32 37=1", "! --u32 37=1", true, {}, family::ipv6},
    {&u32_match, "--u32 16=1&&20>>8=1", "! --u32 16=1&&20>>8=1", true},
    {&u32_match, "--u32 0>>22&0x3C@0=1", "! --u32 0>>22&0x3C@0=1", true},
};

}  // namespace

TEST_CASE("what no packet decides is one atom, its negation the opposite of the same, and nothing is dropped") {
  for (const opaque_case& one : opaque_cases) {
    const meaning_context context{.family = one.family, .protocol = one.protocol, .table = "raw"};
    const use made = read_use(*one.of, one.words, context);
    CAPTURE(one.of->name, one.words, made.refused);
    REQUIRE(made.refused.empty());
    const match_meaning plain = meaning_of(*one.of, made.options, context);
    REQUIRE(plain.holds.atoms().size() == 1);
    CHECK(plain.holds.atoms()[0].stateful == one.stateful);
    CHECK(plain.holds.atoms()[0].name.view().starts_with(one.of->name));
    CHECK(with_every_atom(plain, truth::yes) == truth::yes);
    CHECK(with_every_atom(plain, truth::no) == truth::no);
    CHECK(decides(*one.of, one.words, packet{}, context) == "unknown");
    CHECK(plain.drops == never());
    if (one.negated == nullptr) continue;
    const match_meaning negated = meaning_of(*one.of, read_use(*one.of, one.negated, context).options, context);
    CHECK(negated.holds.atoms() == plain.holds.atoms());
    CHECK(with_every_atom(negated, truth::yes) == truth::no);
    CHECK(with_every_atom(negated, truth::no) == truth::yes);
    CHECK(negated.drops == never());
  }
}
