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
