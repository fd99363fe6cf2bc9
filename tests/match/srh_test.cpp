#include <cordon/match/srh.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m srh is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--srh-next-hdr tcp", nullptr},
      {"--srh-hdr-len-eq 8 --srh-hdr-len-gt 3", "--srh-hdr-len-eq 3 --srh-hdr-len-gt 3"},
      {"! --srh-segs-left-lt 5 --srh-last-entry-gt 5 ! --srh-tag 65535 --srh-hdr-len-lt 255",
       "--srh-hdr-len-lt 255 ! --srh-segs-left-lt 5 --srh-last-entry-gt 5 ! --srh-tag 65535"},
      {"--srh-psid a::1/64 ! --srh-nsid b:: --srh-lsid c::/0",
       "--srh-psid a::1/64 ! --srh-nsid b::/128 --srh-lsid c::/0"},
      {"--srh-tag 65536", nullptr},
      {"--srh-next-hdr 17", "--srh-next-hdr 17"},
      {"--srh-hdr-len-eq 8", "--srh-hdr-len-eq 8"},
      {"--srh-hdr-len-gt 8", "--srh-hdr-len-gt 8"},
      {"--srh-hdr-len-lt 8", "--srh-hdr-len-lt 8"},
      {"--srh-segs-left-eq 1", "--srh-segs-left-eq 1"},
      {"--srh-segs-left-gt 1", "--srh-segs-left-gt 1"},
      {"--srh-segs-left-lt 1", "--srh-segs-left-lt 1"},
      {"--srh-last-entry-eq 4", "--srh-last-entry-eq 4"},
      {"--srh-last-entry-gt 4", "--srh-last-entry-gt 4"},
      {"--srh-last-entry-lt 4", "--srh-last-entry-lt 4"},
      {"--srh-tag 0", "--srh-tag 0"},
      {"! --srh-next-hdr 17", "! --srh-next-hdr 17"},
      {"! --srh-hdr-len-eq 8", "! --srh-hdr-len-eq 8"},
      {"! --srh-hdr-len-gt 8", "! --srh-hdr-len-gt 8"},
      {"! --srh-hdr-len-lt 8", "! --srh-hdr-len-lt 8"},
      {"! --srh-segs-left-eq 1", "! --srh-segs-left-eq 1"},
      {"! --srh-segs-left-gt 1", "! --srh-segs-left-gt 1"},
      {"! --srh-segs-left-lt 1", "! --srh-segs-left-lt 1"},
      {"! --srh-last-entry-eq 4", "! --srh-last-entry-eq 4"},
      {"! --srh-last-entry-gt 4", "! --srh-last-entry-gt 4"},
      {"! --srh-last-entry-lt 4", "! --srh-last-entry-lt 4"},
      {"! --srh-tag 0", "! --srh-tag 0"},
      {"--srh-next-hdr 17 --srh-segs-left-eq 1 --srh-last-entry-eq 4 --srh-tag 0",
       "--srh-next-hdr 17 --srh-segs-left-eq 1 --srh-last-entry-eq 4 --srh-tag 0"},
      {"! --srh-next-hdr 17 ! --srh-segs-left-eq 0 --srh-tag 0",
       "! --srh-next-hdr 17 ! --srh-segs-left-eq 0 --srh-tag 0"},
      {"--srh-psid a::/64 --srh-nsid b::/128 --srh-lsid c::/0",
       "--srh-psid a::/64 --srh-nsid b::/128 --srh-lsid c::/0"},
      {"! --srh-psid a::/64 ! --srh-nsid b::/128 ! --srh-lsid c::/0",
       "! --srh-psid a::/64 ! --srh-nsid b::/128 ! --srh-lsid c::/0"},
      {"", ""},
  };
  for (const backend of : both_backends_tested) check_saved(srh_match, cases, {.family = family::ipv6, .backend = of});
}
