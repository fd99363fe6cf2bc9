#include <cordon/text/ipset_text.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {

// Lines that ipset save of ipset 7.17 printed.
constexpr std::string_view printed_sets =
    "create a hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x4235b40b\n"
    "add a 10.0.0.0/8,eth0\n"
    "add a 10.1.0.0/16,physdev:eth1 nomatch\n"
    "create p hash:ip,port family inet hashsize 1024 maxelem 65536 timeout 100 counters comment bucketsize 12 initval 0x47e464c0\n"
    "add p 10.0.0.1,tcp:82 timeout 99 packets 0 bytes 0\n"
    "add p 10.0.0.1,gre:0 timeout 99 packets 0 bytes 0\n"
    "add p 10.0.0.1,icmp:echo-request timeout 99 packets 0 bytes 0 comment \"x nomatch y\"\n"
    "add p 10.0.0.2,253:0 timeout 99 packets 0 bytes 0\n"
    "create b bitmap:ip range 10.0.0.0-10.0.255.255 netmask 24\n"
    "add b 10.0.1.0\n"
    "create bp bitmap:port range 1-100\n"
    "add bp 22\n"
    "create q hash:ip,port family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0xd924adfb\n"
    "add q fd09::1,ipv6-icmp:echo-request\n"
    "create l list:set size 8\n"
    "add l p\n"
    "add l a\n";

const address_set& set_named(const sequence<address_set>& all, std::string_view name) {
  for (const address_set& one : all)
    if (one.name == name) return one;
  FAIL("the set is not there");
  return all[0];
}

std::string why_no_sets(std::string_view content) {
  const auto read = read_sets(content, "S");
  if (read) return "it was read";
  return std::string(to_text(read.diagnostics()[0]).view());
}

}  // namespace

TEST_CASE("an entry that is added again keeps the flag that it was given last") {
  const auto read = read_sets(
      "create n hash:net,iface family inet\nadd n 127.0.0.1/8,lo nomatch\nadd n 10.0.0.0/8,lo\n"
      "add n 127.0.0.53/8,lo\nadd n 10.9.9.9/8,lo nomatch\nadd n 10.0.0.0/8,eth0 nomatch\n");
  REQUIRE(read);
  const sequence<set_member>& members = set_named(*read, "n").members;
  REQUIRE(members.size() == 3);
  CHECK(members[0].addresses == range{0x7f000000, 0x7fffffff});
  CHECK_FALSE(members[0].nomatch);
  CHECK(members[1].addresses == range{0x0a000000, 0x0affffff});
  CHECK(members[1].nomatch);
  CHECK(members[2].interface == "eth0");
}

TEST_CASE("an entry expires if it has a timeout, of its own or of its set") {
  const auto read = read_sets(
      "create n hash:ip timeout 600\nadd n 10.0.0.1\nadd n 10.0.0.2 timeout 0\nadd n 10.0.0.3 timeout 5\n"
      "create z hash:ip timeout 0\nadd z 10.0.0.1\nadd z 10.0.0.2 timeout 5\nadd z 10.0.0.2 timeout 0\n");
  REQUIRE(read);
  const auto expires = [&](std::string_view name) {
    std::string said;
    for (const set_member& one : set_named(*read, name).members) said += one.expires ? 'y' : 'n';
    return said;
  };
  CHECK(expires("n") == "yny");
  CHECK(expires("z") == "nn");
  CHECK(why_no_sets("create n hash:ip timeout\n") == "S:1:18: error: the value of timeout is missing");
}

TEST_CASE("a set in a list may expire too") {
  const auto read = read_sets("create a hash:ip\ncreate l list:set timeout 0\nadd l a timeout 9\n", "S");
  REQUIRE(read);
  CHECK(set_named(*read, "l").lists.size() == 1);
  CHECK(set_named(*read, "l").expires());
  CHECK_FALSE(set_named(*read, "a").expires());
}

TEST_CASE("what ipset save prints is read, and what does not say what is in a set is left out") {
  const auto read = read_sets(printed_sets);
  REQUIRE(read);
  CHECK(read->size() == 6);
  const address_set& interfaces = set_named(*read, "a");
  REQUIRE(interfaces.members.size() == 2);
  CHECK(interfaces.members[0].interface == "eth0");
  CHECK(interfaces.members[0].addresses == range{0x0a000000, 0x0affffff});
  CHECK(interfaces.members[1].bridged);
  CHECK(interfaces.members[1].nomatch);
  const address_set& ports = set_named(*read, "p");
  CHECK(ports.counts);
  REQUIRE(ports.members.size() == 4);
  CHECK(ports.members[0].protocol == 6);
  CHECK(ports.members[0].ports == range{82, 82});
  CHECK(ports.members[1].protocol == 47);
  CHECK(ports.members[2].ports == range{8 * 256, 8 * 256});
  CHECK_FALSE(ports.members[2].nomatch);
  CHECK(ports.members[3].protocol == 253);
  CHECK(ports.members[3].expires);
  CHECK_FALSE(interfaces.members[0].expires);
  CHECK(set_named(*read, "b").members[0].addresses == range{0x0a000100, 0x0a0001ff});
  CHECK(set_named(*read, "bp").members[0].ports == range{22, 22});
  CHECK(set_named(*read, "q").members[0].ports == range{128 * 256, 128 * 256});
  REQUIRE(set_named(*read, "l").lists.size() == 2);
  CHECK(set_named(*read, "l").lists[0] == "p");
}

TEST_CASE("a range in a set of networks becomes the networks that it is made of") {
  const auto read = read_sets("create n hash:net\nadd n 10.0.0.1-10.0.0.4\n");
  REQUIRE(read);
  REQUIRE((*read)[0].members.size() == 3);
  CHECK((*read)[0].members[0].addresses == range{0x0a000001, 0x0a000001});
  CHECK((*read)[0].members[1].addresses == range{0x0a000002, 0x0a000003});
  CHECK((*read)[0].members[2].addresses == range{0x0a000004, 0x0a000004});
}

TEST_CASE("ports without a protocol are TCP's, and may be a range") {
  const auto read = read_sets("create n hash:ip,port\nadd n 10.0.0.1,80-90\nadd n 10.0.0.1,udp:domain\n");
  REQUIRE(read);
  CHECK((*read)[0].members[0].protocol == 6);
  CHECK((*read)[0].members[0].ports == range{80, 90});
}

TEST_CASE("a set of a type or with an option that is not modelled is there, without members, and a warning says so") {
  for (const char* const type : {"hash:mac", "hash:ip,mark", "hash:ip bitmask 255.0.255.0", "hash:ip sometimes"}) {
    const auto read = read_sets(std::string("create m ") + type + "\nadd m whatever\n", "S");
    CAPTURE(type);
    REQUIRE(read);
    CHECK((*read)[0].kind == set_kind::other);
    CHECK((*read)[0].members.empty());
    REQUIRE(read.diagnostics().size() == 1);
    CHECK(read.diagnostics()[0].severity == severity::warning);
  }
}

TEST_CASE("what is wrong in a text of sets is refused, with its place") {
  CHECK(why_no_sets("add s 10.0.0.1").rfind("S:1:5: error: there is no set 's'", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\nadd s 10.0.0.300\n").rfind("S:2:7: error: '10.0.0.300'", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\nadd s fd09::1\n").rfind("S:2:7: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\nadd s example.org\n").rfind("S:2:7: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\ncreate s hash:ip\n").rfind("S:2:8: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip,port\nadd s 10.0.0.1,tcp:66000\n").rfind("S:2:16: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip,port\nadd s 10.0.0.1,gre:5\n").rfind("S:2:16: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\nadd s 10.0.0.1 nomatch\n").rfind("S:2:7: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\nadd s 10.0.0.1 sometimes\n").rfind("S:2:16: error: ", 0) == 0);
  CHECK(why_no_sets("create s hash:ip\nadd s\n").rfind("S:2:6: error: ", 0) == 0);
  CHECK(why_no_sets("destroy s\n").rfind("S:1:1: error: ", 0) == 0);
}
