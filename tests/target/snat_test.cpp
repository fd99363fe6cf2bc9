#include <cordon/target/snat.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j SNAT is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--to-source 1.2.3.4", "--to-source 1.2.3.4"},
      {"--to-source 1.2.3.4-1.2.3.9 --random --random-fully --persistent",
       "--to-source 1.2.3.4-1.2.3.9 --random --random-fully --persistent"},
      {"--to-source 1.2.3.4:80-90", "--to-source 1.2.3.4:80-90", just(protocol::tcp)},
      {"--to-source :80", "--to-source :80", just(protocol::tcp)},
      {"--to-source 1.2.3.4:80", nullptr},
      {"--to-source 1.2.3.4:10-20/5", "--to-source 1.2.3.4:10-20/0", just(protocol::tcp)},
      {"--to-source 1.2.3.4 --persistent --random", "--to-source 1.2.3.4 --random --persistent"},
      {"", nullptr},
  };
  for (const backend of : both_backends_tested)
    check_saved(snat_target, cases, {.family = family::ipv4, .backend = of, .table = "nat"});
}

TEST_CASE("what SNAT does to a packet, behind OUTPUT alone, is unknown") {
  const meaning_context rule{.table = "nat"};
  const use made = read_use(snat_target, "--to-source 1.2.3.4", rule);
  REQUIRE(made.refused.empty());
  CHECK(meaning_of(snat_target, made.options, rule) == effect{.what = effect::kind::unknown});
}
