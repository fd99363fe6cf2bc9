#include <cordon/match/ipv6header.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

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
