#include <cordon/match/mh.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m mh is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mh-type bu", "--mh-type 5", just(protocol::mobility_header)},
      {"--mh-type 5:3", nullptr, just(protocol::mobility_header)},
      {"! --mh-type :", "", just(protocol::mobility_header)},
      {"--mh-type 256", nullptr, just(protocol::mobility_header)},
      {"--mh-type hoti:hot", "--mh-type 1:3", just(protocol::mobility_header)},
      {"--mh-type b", "--mh-type 0", just(protocol::mobility_header)},
      {"--mh-type BRR", "--mh-type 0", just(protocol::mobility_header)},
      {"--mh-type home", "--mh-type 1", just(protocol::mobility_header)},
      {"--mh-type care", "--mh-type 2", just(protocol::mobility_header)},
      {"", nullptr},
      {"", "", just(protocol::mobility_header)},
      {"--mh-type 1", "--mh-type 1", just(protocol::mobility_header)},
      {"! --mh-type 4", "! --mh-type 4", just(protocol::mobility_header)},
      {"--mh-type 4:123", "--mh-type 4:123", just(protocol::mobility_header)},
      {"--mh-type :", "", just(protocol::mobility_header)},
      {"! --mh-type :", "", just(protocol::mobility_header)},
      {"--mh-type :3", "--mh-type 0:3", just(protocol::mobility_header)},
      {"--mh-type 3:", "--mh-type 3:255", just(protocol::mobility_header)},
      {"--mh-type 3:3", "--mh-type 3", just(protocol::mobility_header)},
      {"--mh-type 4:3", nullptr, just(protocol::mobility_header)},
      {"--mh-type binding-refresh-request", "--mh-type 0", just(protocol::mobility_header)},
  };
  for (const backend of : both_backends_tested) check_saved(mh_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("the type of a mobility header is its third byte, and a header that is not the last is dropped") {
  const meaning_context mh_rule{.family = family::ipv6, .protocol = just(protocol::mobility_header)};
  packet sent;
  sent.family = family::ipv6;
  sent.first_word = 59 * 256;
  sent.second_word = 5 * 256 + 7;
  CHECK(decides(mh_match, "--mh-type bu", sent, mh_rule) == "yes");
  CHECK(decides(mh_match, "--mh-type 0:4", sent, mh_rule) == "no");
  CHECK(decides(mh_match, "! --mh-type 5", sent, mh_rule) == "no");
  CHECK(decides(mh_match, "! --mh-type 0:255", sent, mh_rule) == "no");
  sent.first_word = 6 * 256;
  CHECK(decides(mh_match, "--mh-type bu", sent, mh_rule) == "drop");
}
