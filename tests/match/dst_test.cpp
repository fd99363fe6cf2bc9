#include <cordon/match/dst.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m dst is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--dst-len 42 --dst-opts 149:92,12:12,123:12", "--dst-len 42 --dst-opts 149:92,12:12,123:12"},
      {"! --dst-len 42", "! --dst-len 42"},
      {"--dst-len 0", "--dst-len 0"},
      {"--dst-opts 149:92,12:12,123:12", "--dst-opts 149:92,12:12,123:12"},
      {"--dst-opts 149:92", "--dst-opts 149:92"},
      {"--dst-opts 149,0:7", nullptr},
  };
  for (const backend of : both_backends_tested) check_saved(dst_match, cases, {.family = family::ipv6, .backend = of});
}
