#include <string>

#include <cordon/prove/later_hooks.hpp>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
firewall host(std::string_view rules) {
  firewall made;
  made.v4 = read_rules(rules);
  return made;
}
}  // namespace

TEST_CASE("rules that drop or rewrite behind OUTPUT are found, also through user chains") {
  const auto found =
      later_rules(host("*mangle\n:CUT - [0:0]\n-A POSTROUTING -p udp -j CUT\n-A CUT -j DROP\nCOMMIT\n"
                       "*nat\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n"
                       "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j REJECT\nCOMMIT\n"));
  REQUIRE(found.size() == 4);
  CHECK(found[0].hook == hook::postrouting);
  CHECK(found[0].at.chain == "CUT");
  CHECK_FALSE(found[0].rewrites);
  CHECK(found[1].at.table == table_name::nat);
  CHECK(found[1].rewrites);
  CHECK(found[2].hook == hook::input);
  CHECK(found[2].at.number == 1);
  CHECK(found[3].at.is_policy());
}

TEST_CASE("rules of OUTPUT, of FORWARD and for other interfaces than lo are none of them") {
  CHECK(later_rules(host("*filter\n:FORWARD DROP [0:0]\n-A OUTPUT -j DROP\n-A FORWARD -j DROP\n-A INPUT -i "
                         "eth0 -j DROP\n"
                         "-A INPUT ! -i lo -j DROP\n-A INPUT -i eth+ -j DROP\n-A INPUT -j ACCEPT\nCOMMIT\n"))
            .empty());
  CHECK(later_rules(host("*filter\n-A INPUT -i lo -j DROP\n-A INPUT -i l+ -j DROP\n-A INPUT ! -i eth0 -j "
                         "DROP\nCOMMIT\n"))
            .size() == 3);
}
