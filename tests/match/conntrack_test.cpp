#include <cordon/match/conntrack.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
packet in_state(connection_state state, unsigned nat_status = 0) {
  packet made;
  made.state = state;
  made.nat_status = static_cast<std::uint8_t>(nat_status);
  return made;
}
constexpr unsigned source_was_translated = 1;
constexpr unsigned destination_was_translated = 2;
}  // namespace

TEST_CASE("conntrack options are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--ctstate RELATED,ESTABLISHED", "--ctstate RELATED,ESTABLISHED"},
      {"--ctstate ESTABLISHED,RELATED", "--ctstate RELATED,ESTABLISHED"},
      {"--ctstate DNAT,SNAT,UNTRACKED,NEW,RELATED,ESTABLISHED,INVALID",
       "--ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT"},
      {"! --ctstate NEW", "! --ctstate NEW"},
      {"--ctstate n,e,R,NEW", "--ctstate NEW,RELATED,ESTABLISHED"},
      {"--ctproto tcp --ctorigdst 127.0.0.1 --ctdir ORIGINAL --ctstatus ASSURED,SEEN_REPLY --ctorigdstport 80 "
       "--ctexpire 1:5",
       "--ctproto 6 --ctorigdst 127.0.0.1 --ctorigdstport 80 --ctstatus SEEN_REPLY,ASSURED --ctexpire 1:5 "
       "--ctdir ORIGINAL"},
      {"--ctorigsrc 10.0.0.0/8 ! --ctrepldst 1.2.3.4 --ctreplsrc 1.1.1.1/32",
       "--ctorigsrc 10.0.0.0/8 --ctreplsrc 1.1.1.1 ! --ctrepldst 1.2.3.4"},
      {"--ctorigsrc 10.0.0.1/0", "--ctorigsrc 10.0.0.1/0"},
      {"--ctorigsrc 10.0.0.1/255.0.255.0", "--ctorigsrc 10.0.0.1"},
      {"--ctorigsrcport 90:80", "--ctorigsrcport 90:80"},
      {"! --ctorigsrcport http", "! --ctorigsrcport 80"},
      {"--ctorigsrcport :80", "--ctorigsrcport 0:80"},
      {"--ctexpire 5:", "--ctexpire 5:4294967295"},
      {"--ctexpire 5:5", "--ctexpire 5"},
      {"--ctexpire 5:1", "--ctexpire 5:1"},
      {"--ctstatus NONE", "--ctstatus NONE"},
      {"--ctstatus none,ASSURED", "--ctstatus ASSURED"},
      {"--ctproto all", "--ctproto 0"},
      {"--ctdir reply", "--ctdir REPLY"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(saved(conntrack_match, one.written) == one.printed);
  }
  CHECK(saved(conntrack_match, "--ctorigsrc fe80::/ffff::ffff", {.family = family::ipv6}) == "--ctorigsrc fe80::");
  CHECK(saved(conntrack_match, "--ctorigsrc ::1/64", {.family = family::ipv6}) == "--ctorigsrc ::1/64");
}

TEST_CASE("conntrack options that iptables refuses are refused") {
  for (const char* const words :
       {"", "--ctstate NEW,", "--ctstate \"\"", "--ctstate OLD", "! --ctdir REPLY", "--ctdir REP", "--ctproto 256",
        "--ctorigsrc ::1", "--ctorigsrc 10.0.0.1,10.0.0.2", "--ctexpire 4294967296", "--ctorigsrc 10.0.0.1/8/8"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(conntrack_match, words)));
  }
  CHECK(is_refused(canonical(conntrack_match, "--ctorigsrc 10.0.0.1", {.family = family::ipv6})));
}

TEST_CASE("SNAT and DNAT are two more states, of tracked packets alone") {
  using enum connection_state;
  CHECK(decides(conntrack_match, "--ctstate NEW,DNAT", in_state(fresh)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate NEW,DNAT", in_state(established)) == "no");
  CHECK(decides(conntrack_match, "--ctstate NEW,DNAT", in_state(established, destination_was_translated)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate DNAT", in_state(related, source_was_translated)) == "no");
  CHECK(decides(conntrack_match, "--ctstate SNAT", in_state(related, source_was_translated)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate SNAT,DNAT", in_state(invalid, 3)) == "no");
  CHECK(decides(conntrack_match, "! --ctstate SNAT,DNAT", in_state(untracked, 3)) == "yes");
}

TEST_CASE("a packet without a connection fits if its state does, whatever the other options say") {
  using enum connection_state;
  CHECK(decides(conntrack_match, "--ctstate UNTRACKED --ctorigdst 1.2.3.4", in_state(untracked)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate NEW --ctorigdst 1.2.3.4", in_state(untracked)) == "no");
  CHECK(decides(conntrack_match, "--ctstate NEW --ctorigdst 1.2.3.4", in_state(established)) == "no");
  CHECK(decides(conntrack_match, "! --ctorigdst 1.2.3.4", in_state(invalid)) == "no");
}

TEST_CASE("the ends of a connection are where the packet's own header has them, until translation changes them") {
  packet sent = in_state(connection_state::fresh);
  sent.source = ipv4_address(10, 0, 0, 1).bits;
  sent.destination = ipv4_address(10, 0, 0, 2).bits;
  sent.first_word = 40000;
  sent.second_word = 80;
  const auto all = [&](std::initializer_list<const char*> options, const char* decided) {
    for (const char* const words : options) {
      CAPTURE(words);
      CHECK(decides(conntrack_match, words, sent) == decided);
    }
  };
  all({"--ctorigsrc 10.0.0.1", "--ctorigdst 10.0.0.2", "--ctreplsrc 10.0.0.2", "--ctrepldst 10.0.0.1",
       "--ctorigsrcport 40000", "--ctorigdstport 80", "--ctreplsrcport 80", "--ctrepldstport 40000", "--ctproto tcp",
       "--ctdir ORIGINAL", "! --ctorigdst 10.0.0.1", "! --ctorigdstport 81:90", "--ctorigdst 10.0.0.77/24"},
      "yes");
  all({"--ctorigsrc 10.0.0.2", "--ctdir REPLY", "--ctproto udp", "! --ctorigdst 10.0.0.2", "--ctorigdstport 90:80"},
      "no");
  sent.state = connection_state::established;
  sent.connection_direction = 1;
  all({"--ctorigsrc 10.0.0.2", "--ctorigdst 10.0.0.1", "--ctreplsrc 10.0.0.1", "--ctrepldst 10.0.0.2",
       "--ctorigsrcport 80", "--ctorigdstport 40000", "--ctdir REPLY"},
      "yes");
}

TEST_CASE("a translated destination is what connection tracking says it was") {
  packet sent = in_state(connection_state::fresh, destination_was_translated);
  sent.destination = ipv4_address(127, 0, 0, 1).bits;
  sent.second_word = 3128;
  sent.original_destination = ipv4_address(8, 8, 8, 8).bits;
  sent.original_destination_port = 80;
  CHECK(decides(conntrack_match, "--ctorigdst 8.8.8.8 --ctorigdstport 80", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctreplsrc 127.0.0.1 --ctreplsrcport 3128", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctorigdst 127.0.0.1", sent) == "no");
}

TEST_CASE("a new connection has seen no reply, an established one has, and is confirmed") {
  packet sent = in_state(connection_state::fresh);
  sent.connection_status = connection_status::seen_reply | connection_status::assured | connection_status::expected;
  for (const char* const words : {"--ctstatus SEEN_REPLY", "--ctstatus ASSURED,EXPECTED", "--ctstatus CONFIRMED"})
    CHECK(decides(conntrack_match, words, sent) == "no");
  sent.state = connection_state::established;
  sent.connection_status = 0;
  CHECK(decides(conntrack_match, "--ctstatus SEEN_REPLY", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctstatus CONFIRMED", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctstatus ASSURED", sent) == "no");
  sent.connection_status = connection_status::assured;
  CHECK(decides(conntrack_match, "! --ctstatus ASSURED", sent) == "no");
  CHECK(decides(conntrack_match, "--ctstatus NONE", sent) == "no");
  CHECK(decides(conntrack_match, "! --ctstatus NONE", sent) == "yes");
}

TEST_CASE("a protocol without ports is known to connection tracking by none, whatever nat does") {
  for (const unsigned nat_status : {0U, destination_was_translated}) {
    packet sent = in_state(connection_state::fresh, nat_status);
    sent.protocol = static_cast<protocol>(7);
    sent.first_word = sent.second_word = sent.original_destination_port = 80;
    CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "no");
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "yes");
    CHECK(decides(conntrack_match, "! --ctorigdstport 0:79", sent) == "no");
    CHECK(decides(conntrack_match, "--ctreplsrcport 0:80", sent) == "yes");
  }
}

TEST_CASE("what nat makes of ICMP, GRE and DCCP in the first packet no packet tells") {
  for (const protocol one : {protocol::icmp, protocol::gre, protocol::dccp}) {
    packet sent = in_state(connection_state::fresh);
    sent.protocol = one;
    sent.second_word = 80;
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "yes");
    CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "no");
    sent.nat_status = destination_was_translated;
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "unknown");
    CHECK(decides(conntrack_match, "--ctreplsrcport 0", sent) == "unknown");
    sent.state = connection_state::established;
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "yes");
  }
}

TEST_CASE("DCCP's ports are those that connection tracking knows, since new kernels know none") {
  packet sent;
  sent.protocol = protocol::dccp;
  sent.second_word = 80;
  sent.original_destination_port = 0;
  CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "no");
  sent.original_destination_port = 80;
  CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "yes");
}

TEST_CASE("the protocol behind an IPv6 authentication header is the one that connection tracking knows") {
  packet sent;
  sent.family = family::ipv6;
  sent.protocol = protocol::ah;
  sent.connection_protocol = number_of(protocol::tcp);
  CHECK(decides(conntrack_match, "--ctproto 6", sent, {.family = family::ipv6}) == "yes");
  CHECK(decides(conntrack_match, "--ctproto 51", sent, {.family = family::ipv6}) == "no");
}
