#include <cordon/match/frag.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m frag is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--fragid 1:5", "--fragid 1:5"},
      {"! --fragid 1:5 --fraglen 8 --fragres --fragfirst", "! --fragid 1:5 --fraglen 8 --fragres --fragfirst"},
      {"--fragmore --fraglast", nullptr},
      {"! --fragid 0:4294967295", ""},
      {"! --fraglen 8", "! --fraglen 8"},
      {"--fragmore ! --fragfirst", nullptr},
      {"--fragfirst --fragmore --fragres", "--fragres --fragfirst --fragmore"},
      {"--fragid 5 --fragmore", "--fragid 5 --fragmore"},
  };
  for (const backend of : both_backends_tested) check_saved(frag_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("-m frag fits packets with a fragment header, and what stands in it is unknown") {
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.family = family::ipv6;
  CHECK(decides(frag_match, "", sent, v6) == "no");
  CHECK(decides(frag_match, "--fragfirst", sent, v6) == "no");
  sent.extension_headers = extension_header::fragment;
  CHECK(decides(frag_match, "", sent, v6) == "yes");
  CHECK(decides(frag_match, "--fraglen 8", sent, v6) == "yes");
  CHECK(decides(frag_match, "--fragfirst", sent, v6) == "unknown");
  CHECK(decides(frag_match, "! --fragid 0:4294967295", sent, v6) == "no");
}
