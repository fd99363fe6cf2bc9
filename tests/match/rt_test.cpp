#include <cordon/match/rt.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m rt is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--rt-type 0 --rt-segsleft 1:23 --rt-len 42 --rt-0-res",
       "--rt-type 0 --rt-segsleft 1:23 --rt-len 42 --rt-0-res"},
      {"--rt-type 2 --rt-0-res", nullptr},
      {"--rt-type 0 --rt-0-addrs ::1,::2 --rt-0-not-strict", "--rt-type 0 --rt-0-addrs ::1,::2 --rt-0-not-strict"},
      {"--rt-type 0 --rt-0-not-strict", nullptr},
      {"--rt-segsleft 5:1", "--rt-segsleft 5:1"},
      {"! --rt-segsleft 0:4294967295", ""},
      {"--rt-type 256", "--rt-type 256"},
      {"! --rt-type 0 --rt-0-res", nullptr},
      {"--rt-type 0 ! --rt-segsleft 1:23 ! --rt-len 42 --rt-0-res",
       "--rt-type 0 ! --rt-segsleft 1:23 ! --rt-len 42 --rt-0-res"},
      {"! --rt-type 1 ! --rt-segsleft 12:23 ! --rt-len 42", "! --rt-type 1 ! --rt-segsleft 12:23 ! --rt-len 42"},
      {"", ""},
      {"--rt-segsleft :", ""},
      {"! --rt-segsleft :", ""},
      {"--rt-segsleft :3", "--rt-segsleft 0:3"},
      {"--rt-segsleft 3:", "--rt-segsleft 3:4294967295"},
      {"--rt-segsleft 3:3", "--rt-segsleft 3"},
      {"--rt-segsleft 4:3", "--rt-segsleft 4:3"},
      {"--rt-type 0", "--rt-type 0"},
  };
  for (const backend of : both_backends_tested) check_saved(rt_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("-m rt fits packets with a routing header, and what stands in it is unknown") {
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.family = family::ipv6;
  CHECK(decides(rt_match, "", sent, v6) == "no");
  sent.extension_headers = extension_header::routing;
  CHECK(decides(rt_match, "", sent, v6) == "yes");
  CHECK(decides(rt_match, "--rt-type 0", sent, v6) == "unknown");
  CHECK(decides(rt_match, "! --rt-segsleft 0:4294967295", sent, v6) == "no");
}
