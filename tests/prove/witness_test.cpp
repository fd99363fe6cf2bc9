#include <cordon/prove/witness.hpp>

#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

packet witness_against(std::string_view lines, const egress_policy& policy = sandbox(uid{1001})) {
  const firewall live = host_with(lines);
  const proof made = prove(live, policy);
  REQUIRE(made.v4.leaks.size() == 1);
  const packet& witness = made.v4.leaks[0].witness;
  CHECK(simulate(live, witness).accepted());
  CHECK_FALSE(policy.allows(witness));
  CHECK(holds(made.v4.leaks[0].region, witness));
  return witness;
}

}  // namespace

TEST_CASE("the witness is what a person would try first") {
  const packet anywhere = witness_against("");
  CHECK(to_text(anywhere.destination_address()) == "127.0.0.1");
  CHECK(anywhere.protocol == protocol::tcp);
  CHECK(anywhere.destination_port() == 80);
  CHECK(anywhere.flags == tcp_flag::syn);
  CHECK(anywhere.state == connection_state::fresh);
  CHECK(anywhere.out == "lo");
  CHECK(anywhere.owner.uid == 1001);
  CHECK(witness_against("-A OUTPUT -o lo -j DROP\n").out == "eth0");
  CHECK(witness_against("-A OUTPUT -p tcp -j DROP\n").protocol == protocol::udp);
  CHECK(witness_against("-A OUTPUT -p tcp --dport 0:1023 -j DROP\n-A OUTPUT ! -p tcp -j DROP\n").destination_port() ==
        8000);
}

TEST_CASE("the witness leaves by an interface whose name exists, also where only odd names are left") {
  // The numbers right behind "lo" are no names: they begin with "lo" and a zero byte.
  CHECK(witness_against("-A OUTPUT ! -o lo+ -j DROP\n-A OUTPUT -o lo -j DROP\n").out == "lo0");
  const packet short_of = witness_against(
      "-A OUTPUT ! -o eth+ -j DROP\n-A OUTPUT -o eth0+ -j DROP\n"
      "-A OUTPUT -o eth -j DROP\n");
  CHECK(short_of.out == "eth1");
  // Fourteen letters and a plus: one byte is left for the name to differ in.
  CHECK(witness_against("-A OUTPUT ! -o abcdefghijklmn+ -j DROP\n-A OUTPUT -o abcdefghijklmn -j DROP\n").out ==
        "abcdefghijklmn0");
}

TEST_CASE("the witness keeps to what rules ask of fields that people seldom think of") {
  CHECK(witness_against("-A OUTPUT -m length ! --length 1000:1100 -j DROP\n").length == 1000);
  CHECK((witness_against("-A OUTPUT ! -p tcp -j DROP\n-A OUTPUT -p tcp ! --tcp-option 5 -j DROP\n").low_kinds &
         (1U << 5)) != 0);
}
