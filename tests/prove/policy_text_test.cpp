#include <string>
#include <string_view>

#include <rapidcheck.h>

#include <cordon/prove/policy_text.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr bool reads_as(std::string_view written, std::string_view canonical) {
  const auto read = read_endpoint(written);
  return read && to_text(*read) == canonical && read->written == written;
}
static_assert(reads_as("tcp:127.0.0.1:18443", "tcp:127.0.0.1:18443"));
static_assert(reads_as("udp,tcp:127.0.0.53:53", "tcp,udp:127.0.0.53:53"));
static_assert(!read_endpoint("tcp:127.0.0.1"));
static_assert(make_policy(*read_policy("uid 1001\ntcp:[::1]:18443\n", "policy"))->size() == 1);

std::string error_of(std::string_view written) {
  const auto read = read_endpoint(written);
  if (read) return "read";
  REQUIRE(read.diagnostics().size() == 1);
  CHECK(read.diagnostics()[0].at.column != 0);
  return testing::shown(read.diagnostics()[0].message);
}

bool says(const std::string& message, std::string_view words) { return message.find(words) != std::string::npos; }

template <class T>
std::string said(const read_result<T>& from) {
  return from ? "read" : testing::shown(to_text(from.diagnostics()));
}

}  // namespace

TEST_CASE("endpoints of every form are read, and printed in one form") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"tcp:127.0.0.1:18443", "tcp:127.0.0.1:18443"},
      {"TCP:127.0.0.1:80-90", "tcp:127.0.0.1:80-90"},
      {"6:127.0.0.1:80", "tcp:127.0.0.1:80"},
      {"udp,tcp:127.0.0.53:53", "tcp,udp:127.0.0.53:53"},
      {"tcp:[::1]:18443", "tcp:[::1]:18443"},
      {"tcp:[2001:DB8::]/32:any", "tcp:[2001:db8::]/32:any"},
      {"tcp:[2001:DB8::/32]:any", "tcp:[2001:db8::]/32:any"},
      {"tcp:10.1.2.3/255.0.255.0:80", "tcp:10.0.2.0/255.0.255.0:80"},
      {"1:[::1]", "1:[::1]"},
      {"any:10.0.0.0/8:any", "any:10.0.0.0/8:any"},
      {"any:10.1.2.3/8:any", "any:10.0.0.0/8:any"},
      {"any:0.0.0.0/0:53", "any:0.0.0.0/0:53"},
      {"icmp:192.0.2.1", "icmp:192.0.2.1"},
      {"icmpv6:[::1]", "ipv6-icmp:[::1]"},
      {"gre,esp:192.0.2.0/24", "gre,esp:192.0.2.0/24"},
      {"icmp,tcp:192.0.2.1:any", "icmp,tcp:192.0.2.1:any"},
      {"tcp:127.0.0.1:80@lo", "tcp:127.0.0.1:80@lo"},
      {"icmp:192.0.2.1@eth0", "icmp:192.0.2.1@eth0"},
      {"udp:127.0.0.11:53>127.0.0.11", "udp:127.0.0.11:53>127.0.0.11"},
      {"udp:127.0.0.11:53@lo>127.0.0.11:40000-50000", "udp:127.0.0.11:53@lo>127.0.0.11:40000-50000"},
      {"tcp:[::1]:80>[fd00::1]:8080", "tcp:[::1]:80>[fd00::1]:8080"},
  };
  for (const auto& one : cases) {
    INFO(one.written);
    const auto read = read_endpoint(one.written);
    REQUIRE(read);
    CHECK(testing::shown(to_text(*read)) == one.printed);
    CHECK(testing::shown(name_of(*read)) == one.written);
  }
}

TEST_CASE("any reads as every protocol, and as every port") {
  const auto read = read_endpoint("any:10.0.0.0/8:any");
  REQUIRE(read);
  CHECK(read->protocols.is_all());
  CHECK(read->ports.is_all());
  CHECK_FALSE(read_endpoint("tcp:10.0.0.0/8:any")->protocols.contains(udp));
}

TEST_CASE("what is no endpoint is refused with words that say what to write") {
  struct {
    const char* written;
    const char* words;
  } const cases[] = {
      {"", "write PROTOCOL:ADDRESS:PORT"},
      {"tcp", "write PROTOCOL:ADDRESS:PORT"},
      {":", "a protocol is missing"},
      {"tcp,:1.2.3.4:80", "a protocol is missing"},
      {"foo:1.2.3.4:80", "\"foo\" is no protocol"},
      {"256:1.2.3.4:80", "\"256\" is no protocol"},
      {"tcp:", "an address is missing"},
      {"tcp:1.2.3:80", "write four numbers of 0 to 255"},
      {"tcp:1.2.3.256:80", "write four numbers of 0 to 255"},
      {"tcp:localhost:80", "names are never looked up"},
      {"tcp:fd00::1:80", "an IPv6 address stands in brackets"},
      {"tcp:[::1:80", "the bracket is not closed"},
      {"tcp:[]:80", "no address in the brackets"},
      {"tcp:[127.0.0.1]:80", "brackets are for IPv6"},
      {"tcp:[fe80::1%eth0]:80", "names a zone"},
      {"tcp:[::1]x:80", "behind the bracket"},
      {"tcp:1.2.3.4/33:80", "write 0 to 32"},
      {"tcp:1.2.3.4/:80", "write 0 to 32"},
      {"tcp:[::1]/129:80", "write 0 to 128"},
      {"tcp:1.2.3.4", "a port is missing"},
      {"any:1.2.3.4", "write :any"},
      {"tcp:1.2.3.4:", "is no port"},
      {"tcp:1.2.3.4:http", "is no port"},
      {"tcp:1.2.3.4:65536", "a number of 0 to 65535"},
      {"tcp:1.2.3.4:-80", "is no port"},
      {"tcp:1.2.3.4:90-80", "write 80-90"},
      {"tcp:1.2.3.4:80:90", "a range is written 8000-8010"},
      {"icmp:1.2.3.4:8", "icmp has no ports"},
      {"icmp,tcp:1.2.3.4:80", "an endpoint of its own"},
      {"icmp:[::1]", "write icmpv6"},
      {"icmpv6:127.0.0.1", "write icmp "},
      {"tcp:1.2.3.4:80@", "an interface is missing"},
      {"tcp:1.2.3.4:80@eth+", "without '+'"},
      {"tcp:1.2.3.4:80@abcdefghijklmnop", "at most 15 characters"},
      {"tcp:1.2.3.4:80>", "an address is missing"},
      {"tcp:1.2.3.4:80>[::1]", "within one family"},
      {"tcp:1.2.3.4:80>1.2.3.5:x", "is no port"},
      {"icmp:1.2.3.4>1.2.3.5:80", "icmp has no ports"},
      {"tcp: 1.2.3.4:80", "no blanks"},
  };
  for (const auto& one : cases) {
    INFO(one.written);
    const std::string message = error_of(one.written);
    INFO(message);
    CHECK(says(message, one.words));
  }
  CHECK(says(error_of("tcp:1.2.3.4:80@" + std::string(160, 'x')), "at most 159 characters"));
}

TEST_CASE("the column of an error is that of the piece that is wrong") {
  const auto column_of = [](std::string_view written) { return read_endpoint(written).diagnostics()[0].at.column; };
  CHECK(column_of("foo:1.2.3.4:80") == 1);
  CHECK(column_of("tcp:1.2.3:80") == 5);
  CHECK(column_of("tcp:1.2.3.4/40:80") == 13);
  CHECK(column_of("tcp:1.2.3.4:80>1.2.3.4:x") == 24);
}

TEST_CASE("an endpoint that is printed reads as itself") {
  CHECK(rc::check([] {
    for (endpoint made : *testing::policies()) {
      if (*rc::gen::arbitrary<bool>()) made.rewritten_to = made.destination;
      if (made.rewritten_to && !made.ports.is_all())
        made.rewritten_ports = {*rc::gen::arbitrary<std::uint16_t>(), 65535};
      const text printed = to_text(made);
      RC_LOG(testing::shown(printed));
      auto read = read_endpoint(printed);
      RC_ASSERT(static_cast<bool>(read));
      read->written = {};
      RC_ASSERT(*read == made);
    }
  }));
}

TEST_CASE("ids are numbers of 0 to 4294967294, or ranges of them") {
  CHECK(*read_id_range("1001", "user") == id_range{1001, 1001});
  CHECK(*read_id_range("0-4294967294", "user") == id_range{0, 4294967294U});
  for (const char* const wrong :
       {"", "-1", "4294967295", "99999999999999999999", "10-", "-", "20-10", "1,2", "0x10", "1 "}) {
    INFO(wrong);
    CHECK_FALSE(read_id_range(wrong, "user"));
  }
  CHECK(says(said(read_id_range("root", "user")), "id -u NAME"));
  CHECK(says(said(read_id_range("staff", "group")), "getent group"));
}

TEST_CASE("a policy file has one flag a line, its dashes optional, with comments and bare endpoints") {
  const auto read = read_policy(
      "# the sandbox\n"
      "--uid 1001\n"
      "\n"
      "gid=100-200   # staff\n"
      "\tallow  tcp:127.0.0.1:18443\n"
      "udp,tcp:127.0.0.53:53 # the resolver\n"
      "--attacker raw\n"
      "flows new",
      "policy");
  REQUIRE(read);
  CHECK(read->user == id_range{1001, 1001});
  CHECK(read->group == id_range{100, 200});
  CHECK(read->attacker == attacker::raw);
  CHECK(read->flows == flows::fresh);
  REQUIRE(read->endpoints.size() == 2);
  CHECK(read->endpoints[1].written == "udp,tcp:127.0.0.53:53");
}

TEST_CASE("what is wrong in a policy file is told with file, line and column") {
  struct {
    const char* content;
    const char* begins;
  } const cases[] = {
      {"uid 1001\nallow tcp:1.2.3:80\n", "policy:2:11: error: "},
      {"uid 1001\n  tcp:1.2.3.4/40:80\n", "policy:2:15: error: "},
      {"uid x\n", "policy:1:5: error: "},
      {"frob 1\n", "policy:1:1: error: \"frob\" is no flag"},
      {"--v4 rules\n", "policy:1:1: error: \"--v4\" is no flag"},
      {"uid\n", "policy:1:4: error: a value is missing"},
      {"uid 1 # once\nuid 2\n", "policy:2:5: error: --uid is given twice"},
      {"uid 1\r\n", "policy:1:6: error: the line ends in CR LF"},
      {"attacker root\n", "policy:1:10: error: "},
      {"flows established\n", "policy:1:7: error: "},
  };
  for (const auto& one : cases) {
    const std::string message = said(read_policy(one.content, "policy"));
    INFO(one.content << message);
    CHECK(message.starts_with(one.begins));
  }
  CHECK(says(said(read_policy(std::string_view("uid 1\0", 6), "policy")), "control character"));
}

TEST_CASE("a policy needs an owner, and has at most 64 endpoints") {
  policy_flags flags;
  CHECK(says(said(make_policy(flags)), "--uid N"));
  flags.group = id_range{5, 5};
  REQUIRE(make_policy(flags));
  CHECK_FALSE(make_policy(flags)->user);
  CHECK(make_policy(flags)->group == gid(5));
  flags.endpoints.resize(64, *read_endpoint("tcp:127.0.0.1:80"));
  REQUIRE(make_policy(flags));
  CHECK(make_policy(flags)->size() == 64);
  flags.endpoints.push_back(flags.endpoints[0]);
  CHECK(says(said(make_policy(flags)), "at most 64 endpoints"));
}
