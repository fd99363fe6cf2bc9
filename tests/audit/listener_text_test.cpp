#include <cordon/audit/listener_text.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

using namespace cordon;

namespace {

// What ss of iproute2 6.1 printed in a network namespace, and what the kernel (6.18) had in /proc/net.
constexpr std::string_view printed_by_ss =
    "Netid State  Recv-Q Send-Q      Local Address:Port  Peer Address:PortProcess\n"
    "udp   UNCONN 0      0                    [::]:5353          [::]:*    "
    "users:((\"python3\",pid=28018,fd=5))\n"
    "udp   UNCONN 0      0      [::ffff:127.0.0.1]:54517            *:*    "
    "users:((\"python3\",pid=28018,fd=4))\n"
    "udp   ESTAB  0      0               127.0.0.1:40000    127.0.0.1:53   "
    "users:((\"python3\",pid=28018,fd=9))\n"
    "tcp   LISTEN 0      1                       *:8000             *:*    "
    "users:((\"api\",pid=813,fd=3),(\"api\",pid=812,fd=3))\n"
    "tcp   LISTEN 0      16             0.0.0.0%lo:49071      0.0.0.0:* "
    "users:((\"python3\",pid=16935,fd=4))\n"
    "tcp   LISTEN 0      16              [::1]%v0:59213         [::]:*\n";
constexpr std::string_view in_proc_net =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue "
    "tr tm->when "
    "retrnsmt   uid  timeout inode\n"
    "   0: 00000000000000000000000000000000:BE15 00000000000000000000000000000000:0000 0A 00000000:00000000 "
    "00:00000000 "
    "00000000     0        0 829087 1 0000000030fa18a1 100 0 0 10 0\n"
    "   1: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 17 1 0 100 0 "
    "0 10 0\n"
    "   2: 0100007F:1F40 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 18 1 0 20 4 "
    "30 10 -1\n"
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
    "pointer drops\n"
    " 5766: 000009FD000000000000000001000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 "
    "00:00000000 "
    "00000000   101        0 829089 2 000000009446e2d8 0\n"
    " 5778: 0000000000000000FFFF00000100007F:D4F5 00000000000000000000000000000000:0000 07 00000000:00000000 "
    "00:00000000 "
    "00000000     0        0 829088 2 00000000807a4cdd 0\n";

sequence<listener> read(std::string_view content) {
  auto made = read_listeners(content, "L");
  if (!made) FAIL(to_text(made.diagnostics()).view());
  return std::move(*made);
}

std::string places_in(const sequence<listener>& all) {
  std::string made;
  for (const listener& one : all) made += (made.empty() ? "" : ", ") + std::string(to_text(one).view());
  return made;
}

std::string places_in(std::string_view content) { return places_in(read(content)); }

std::string why_not(std::string_view content) {
  const auto made = read_listeners(content, "L");
  if (made) return "it was read";
  return std::string(to_text(made.diagnostics().back()).view());
}

std::string line(const char* local, const char* more = "") {
  return std::string("tcp LISTEN 0 128 ") + local + " 0.0.0.0:* " + more + "\n";
}

listener draw_listener(const choice_source& choices) {
  listener made;
  made.protocol = choices.one_in(2) ? protocol::tcp : protocol::udp;
  made.at.family = choices.one_in(2) ? family::ipv4 : family::ipv6;
  if (!choices.one_in(3)) made.at.bits = testing::draw_number(choices, {1, low_bits(address_width(made.at.family))});
  made.at = detail::without_mapping(made.at);
  made.port = static_cast<std::uint16_t>(1 + choices.below(65535));
  if (made.at.family == family::ipv6 && made.is_everywhere() && choices.one_in(2)) made.ipv4 = takes_ipv4::yes;
  return made;
}

std::string in_ss(const listener& of) {
  return std::string(of.protocol == protocol::tcp ? "tcp LISTEN " : "udp UNCONN ") + "0 0 " +
         std::string(address_in_words(of).view()) + ":" + std::to_string(of.port) + " *:*\n";
}

std::string hexadecimal_of(const address& of) {
  std::string made;
  for (int word = static_cast<int>(address_width(of.family)) / 32 - 1; word >= 0; --word)
    for (int byte = 0; byte < 4; ++byte) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02X", static_cast<unsigned>((of.bits >> (32 * word + 8 * byte)) & 255));
      made += digits;
    }
  return made;
}

std::string in_proc(const listener& of) {
  char port[5];
  std::snprintf(port, sizeof port, "%04X", of.port);
  return "  7: " + hexadecimal_of(of.at) + ":" + port + " " + hexadecimal_of({of.at.family, 0}) + ":0000 " +
         (of.protocol == protocol::tcp ? "0A" : "07") + " 00000000:00000000 00:00000000 00000000 1001 0 99 2 0 0\n";
}

}  // namespace

TEST_CASE("what ss prints is read: the sockets that listen, sorted by port, with their processes") {
  const sequence<listener> all = read(printed_by_ss);
  CHECK(places_in(all) == "udp [::]:5353, tcp *:8000, tcp 0.0.0.0%lo:49071, udp 127.0.0.1:54517, tcp [::1]%v0:59213");
  CHECK(all[0].ipv4 == takes_ipv4::no);
  CHECK(all[1].at == address{family::ipv6, 0});
  CHECK(all[1].ipv4 == takes_ipv4::yes);
  CHECK(all[1].processes == sequence<listening_process>{{"api", 812}, {"api", 813}});
  CHECK(all[3].at == ipv4_address(127, 0, 0, 1));
  CHECK(all[4].interface == "v0");
  CHECK(all[4].processes.empty());
  CHECK_FALSE(all[0].user.has_value());
}

TEST_CASE("the header is no line of its own need, and -e tells users and IPV6_V6ONLY") {
  const std::string rest(printed_by_ss.substr(printed_by_ss.find('\n') + 1));
  CHECK(places_in(rest) == places_in(printed_by_ss));
  const sequence<listener> all =
      read(line("*:80", "users:((\"a b\",pid=7,fd=3)) uid:101 ino:17 sk:1 cgroup:/ v6only:1 <->"));
  REQUIRE(all.size() == 1);
  CHECK(all[0].processes == sequence<listening_process>{{"a b", 7}});
  CHECK(all[0].user == 101U);
  CHECK(all[0].ipv4 == takes_ipv4::no);
  CHECK(read(line("*:80", "uid:5 v6only:0 <->"))[0].ipv4 == takes_ipv4::yes);
  CHECK(places_in(line("127.0.0.1:80") + "\t cubic cwnd:10\n\n# a comment\n") == "tcp 127.0.0.1:80");
  // A line that is indented by who pasted it is none of what ss adds.
  CHECK(places_in("\t" + line("127.0.0.1:80")) == "tcp 127.0.0.1:80");
}

TEST_CASE("/proc/net is read: addresses the wrong way round, users, and no word on whether IPv6 takes IPv4") {
  const sequence<listener> all = read(in_proc_net);
  CHECK(places_in(all) == "udp [fd09::1]:5353, tcp 127.0.0.1:8000, tcp *:48661, udp 127.0.0.1:54517");
  CHECK(all[0].user == 101U);
  CHECK(all[1].user == 1000U);
  CHECK(all[2].ipv4 == takes_ipv4::not_told);
  CHECK(all[0].ipv4 == takes_ipv4::no);
}

TEST_CASE("what has the port of IPv4 leaves it to no socket of IPv6") {
  const std::string v6 = in_proc({.at = {family::ipv6, 0}, .port = 80});
  CHECK(read(v6)[0].ipv4 == takes_ipv4::not_told);
  CHECK(read(in_proc({.at = {family::ipv4, 0}, .port = 80}) + v6)[1].ipv4 == takes_ipv4::no);
  CHECK(read(in_proc({.at = {family::ipv4, 0}, .port = 81}) + v6)[0].ipv4 == takes_ipv4::not_told);
  CHECK(read(in_proc({.protocol = protocol::udp, .at = {family::ipv4, 0}, .port = 80}) + v6)[0].ipv4 ==
        takes_ipv4::not_told);
  CHECK(read(line("0.0.0.0%lo:80") + v6)[1].ipv4 == takes_ipv4::not_told);
}

TEST_CASE("the same place is told once, with all its processes") {
  const sequence<listener> all =
      read(line("*:80", "users:((\"b\",pid=9,fd=3))") + line("*:80", "users:((\"a\",pid=2,fd=3),(\"b\",pid=9,fd=4))") +
           in_proc({.at = {family::ipv6, 0}, .port = 80}));
  REQUIRE(all.size() == 1);
  CHECK(all[0].processes == sequence<listening_process>{{"a", 2}, {"b", 9}});
  CHECK(all[0].ipv4 == takes_ipv4::yes);
  CHECK(all[0].user == 1001U);
}

TEST_CASE("in what older versions of ss wrote a star is IPv4's") {
  const sequence<listener> all =
      read("tcp LISTEN 0 128 *:22 *:*\ntcp LISTEN 0 128 :::23 :::*\ntcp LISTEN 0 128 ::1:25 :::*\n");
  CHECK(places_in(all) == "tcp 0.0.0.0:22, tcp *:23, tcp [::1]:25");
  CHECK(all[1].ipv4 == takes_ipv4::not_told);
}

TEST_CASE("a process may have any name") {
  const auto named = [](const char* words) {
    const sequence<listener> all = read(line("*:80", words) + line("*:81"));
    REQUIRE(all.size() == 2);  // the next line is a line again
    std::string made;
    for (const listening_process& one : all[0].processes)
      made += std::string(one.name.view()) + "|" + std::to_string(one.id) + "|";
    return made;
  };
  CHECK(named("users:((\"a\nb\",pid=7,fd=3))") == "a\nb|7|");
  CHECK(named("users:((\"a\",pid=1,fd=2\",pid=7,fd=3))") == "a\",pid=1,fd=2|7|");
  CHECK(named("users:((\"a\"),(\",pid=7,fd=3),(\"\",pid=8,fd=3))") == "a\"),(|7||8|");
  CHECK(named("users:((\"fifteen-letters\",pid=4194304,fd=2147483647))") == "fifteen-letters|4194304|");
  CHECK(named("users:((\"uid:1 \",pid=7,fd=3))") == "uid:1 |7|");
  CHECK_FALSE(read(line("*:80", "users:((\"uid:1 \",pid=7,fd=3))"))[0].user.has_value());
}

TEST_CASE("processes that are not written as ss writes them are left out, with a warning, but not their socket") {
  for (const char* const words :
       {"users:((\"a\",pid=", "users:((", "users:((\"a\",pid=x,fd=3))", "users:((\"a\",pid=1,fd=3)"}) {
    const auto made = read_listeners(line("*:80", words), "L");
    REQUIRE(made);
    CHECK(made->size() == 1);
    REQUIRE(made.diagnostics().size() == 1);
    CHECK(made.diagnostics()[0].severity == severity::warning);
    CHECK((made.diagnostics()[0].at == place{1, 33}));
  }
}

TEST_CASE("sockets that do not listen are left out, those of other protocols with a note") {
  const auto made = read_listeners(
      "nl UNCONN 0 0 0:0 *\nu_str LISTEN 0 1 /run/a 17 * 0\ntcp ESTAB 0 0 127.0.0.1:1 127.0.0.1:2\n", "L");
  REQUIRE(made);
  CHECK(made->empty());
  REQUIRE(made.diagnostics().size() == 1);
  CHECK(to_text(made.diagnostics()[0]) == "L: note: 2 sockets are neither of TCP nor of UDP, and left out");
  CHECK(read("").empty());
}

TEST_CASE("what is no such line is refused, with its place and what to do") {
  CHECK(why_not("LISTEN 0 128 127.0.0.1:22 0.0.0.0:*") ==
        "L:1:1: error: the protocol is not told: run ss with both -t and -u, as in ss -lntup");
  CHECK(why_not(line("127.0.0.1:ssh")) ==
        "L:1:18: error: 'ssh' is no number of a port: run ss with -n, as in ss -lntup");
  CHECK(why_not("\n" + line("localhost:22")).rfind("L:2:18: error: 'localhost' is no address", 0) == 0);
  CHECK(why_not(line("127.0.0.1:0")).rfind("L:1:18: error: '0' is no number of a port", 0) == 0);
  CHECK(why_not(line("127.0.0.1:65536")).rfind("L:1:18: error: ", 0) == 0);
  CHECK(why_not(line("127.0.0.1")).rfind("L:1:18: error: '127.0.0.1' is no ADDRESS:PORT", 0) == 0);
  CHECK(why_not(line("127.0.0.1%:80")).rfind("L:1:18: error: '' is no name of an interface", 0) == 0);
  CHECK(why_not("tcp LISTEN 0 128 127.0.0.1:22").rfind("L:1:30: error: the line ends early", 0) == 0);
  CHECK(why_not("tcp LISTENS 0 128 127.0.0.1:22 *:*").rfind("L:1:5: error: 'LISTENS' is no state", 0) == 0);
  CHECK(why_not("tcp LISTEN 0 x 127.0.0.1:22 *:*").rfind("L:1:14: error: 'x' is no length", 0) == 0);
  CHECK(why_not("  0: 0100007F:1F40 00000000:0000 0A").rfind("L:1:36: error: the line ends early", 0) == 0);
  CHECK(why_not("  0: 0100007:1F40 00000000:0000 0A 0:0 0:0 0 0 0 1")
            .rfind("L:1:6: error: '0100007:1F40' is no address", 0) == 0);
  CHECK(why_not("  0: 0100007F:1F40 00000000:0000 AA1 0:0 0:0 0 0 0 1").rfind("L:1:34: error: 'AA1' is no state", 0) ==
        0);
  CHECK(why_not("  0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 root 0 1")
            .rfind("L:1:47: error: 'root' is no user id", 0) == 0);
  CHECK(why_not(std::string("\0\1\2 LISTEN", 11)).rfind("L:1:1: error: '\\x00\\x01\\x02' begins no line", 0) == 0);
}

static_assert(read_listeners("tcp LISTEN 0 1 127.0.0.1:80 0.0.0.0:* users:((\"a\",pid=1,fd=2))")->size() == 1,
              "listeners are read in constant expressions too");

TEST_CASE("what is written as ss or the kernel write it is read as what it was") {
  rc::prop("ss", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const listener one = draw_listener(random.source());
    RC_LOG() << in_ss(one);
    RC_ASSERT(read(in_ss(one)) == sequence<listener>{one});
  });
  rc::prop("/proc/net", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    listener one = draw_listener(random.source());
    if (one.at.family == family::ipv6 && one.is_everywhere()) one.ipv4 = takes_ipv4::not_told;
    one.user = 1001;
    RC_LOG() << in_proc(one);
    RC_ASSERT(read(in_proc(one)) == sequence<listener>{one});
  });
  rc::prop("several, in any order, are the same", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    std::string there, back;
    for (int left = *rc::gen::inRange(0, 12); left > 0; --left) {
      const std::string one = in_ss(draw_listener(random.source()));
      there += one;
      back = one + back;
    }
    RC_ASSERT(read(there) == read(back));
  });
}

namespace {

/// Whatever a text holds: listeners with ports, or an error at a place in it.
bool is_read_or_refused(const std::string& content) {
  const auto made = read_listeners(content, "L");
  if (!made) {
    const diagnostic& why = made.diagnostics().back();
    return why.severity == severity::error && why.at.line >= 1 && why.at.column >= 1 && !why.message.empty();
  }
  for (const listener& one : *made)
    if (one.port == 0) return false;
  return true;
}

}  // namespace

TEST_CASE("no text breaks the reader") {
  const std::string whole = std::string(printed_by_ss) + std::string(in_proc_net);
  for (std::size_t size = 0; size <= whole.size(); ++size) REQUIRE(is_read_or_refused(whole.substr(0, size)));
  rc::prop("bytes that are changed, left out or put in", [whole] {
    std::string content = whole;
    for (int left = *rc::gen::inRange(1, 6); left > 0; --left) {
      const auto at = *rc::gen::inRange<std::size_t>(0, content.size());
      switch (*rc::gen::inRange(0, 4)) {
        case 0: content[at] = *rc::gen::arbitrary<char>(); break;
        case 1: content.erase(at, *rc::gen::inRange<std::size_t>(1, 40)); break;
        case 2: content.insert(at, *rc::gen::arbitrary<std::string>()); break;
        default: content.insert(at, 1, *rc::gen::elementOf(std::string(" \n\t:%[]\"(),*")));
      }
      if (content.empty()) break;
    }
    RC_ASSERT(is_read_or_refused(content));
  });
  rc::prop("any bytes", [] { RC_ASSERT(is_read_or_refused(*rc::gen::arbitrary<std::string>())); });
}

TEST_CASE("a line of a socket that is cut off is refused, and never read as another socket") {
  const std::string whole = "tcp LISTEN 0 128 127.0.0.53%lo:53 0.0.0.0:*";
  for (std::size_t size = 1; size < whole.find(" 0.0.0.0"); ++size)
    CHECK(why_not(whole.substr(0, size)) != "it was read");
  const std::string of_kernel = in_proc({.at = ipv4_address(127, 0, 0, 1), .port = 8000});
  for (std::size_t size = 5; size < of_kernel.find(" 99"); ++size)
    CHECK(why_not(of_kernel.substr(0, size)) != "it was read");
}

TEST_CASE("long texts are read in time") {
  std::string many;
  for (int i = 0; i < 100'000; ++i)
    many += line(("127.0.0.1:" + std::to_string(1 + i % 65535)).c_str(), "users:((\"a\",pid=1,fd=3))");
  CHECK(read(many).size() == 65535);
  CHECK(is_read_or_refused(std::string(1 << 22, 'x')));
  CHECK(is_read_or_refused(line("*:80", ("users:((\"" + std::string(1 << 22, '"')).c_str())));
  std::string processes = "users:(";
  for (int i = 0; i < 100'000; ++i)
    processes += "(\"a\",pid=" + std::to_string(i) + ",fd=3)" + (i < 99'999 ? "," : ")");
  CHECK(read(line("*:80", processes.c_str()))[0].processes.size() == 100'000);
}
