#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include <string>

#include <rapidcheck.h>

#include <cordon/testing/rapidcheck.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
// The line written again, or what is wrong with it.
std::string again(std::string_view line) {
  const auto read = read_packet_line(line);
  const text made = read ? write_packet_line(*read) : read.diagnostics()[0].message;
  return std::string(made.view());
}
}  // namespace

static_assert(read_packet_line("dst=127.0.0.1 dport=8000")->second_word == 8000);

TEST_CASE("what is left out is what a plain client sends") {
  CHECK(again("dst=127.0.0.1 dport=8000") ==
        "uid=0 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=8000 flags=SYN out=lo state=NEW");
  CHECK(again("dst=8.8.8.8 dport=53 proto=udp uid=1001") ==
        "uid=1001 proto=udp src=192.0.2.1 dst=8.8.8.8 sport=40000 dport=53 out=eth0 state=NEW");
  CHECK(again("dst=2001:db8::5 dport=53") ==
        "uid=0 proto=tcp src=2001:db8::1 dst=2001:db8::5 sport=40000 dport=53 flags=SYN out=eth0 state=NEW");
  CHECK(again("dst=127.0.0.9 proto=icmp") == "uid=0 proto=icmp src=127.0.0.9 dst=127.0.0.9 icmp=8/0 out=lo state=NEW");
  CHECK(again("dst=::1 proto=ipv6-icmp") == "uid=0 proto=ipv6-icmp src=::1 dst=::1 icmp=128/0 out=lo state=NEW");
  CHECK(again("dst=127.0.0.1 proto=gre") == "uid=0 proto=gre src=127.0.0.1 dst=127.0.0.1 out=lo state=NEW");
}

TEST_CASE("a packet is as long as its bare headers") {
  const auto length = [](std::string_view line) { return read_packet_line(line)->length; };
  CHECK(length("dst=127.0.0.1 dport=1") == 40);
  CHECK(length("dst=::1 dport=1") == 60);
  CHECK(length("dst=127.0.0.1 dport=1 proto=udp") == 28);
  CHECK(length("dst=::1 proto=ipv6-icmp") == 48);
  CHECK(length("dst=127.0.0.1 dport=1 proto=sctp") == 32);
  CHECK(length("dst=127.0.0.1 proto=gre") == 20);
  CHECK(length("dst=127.0.0.1 dport=1 bytes=3") == 23);
  CHECK(length("dst=127.0.0.1 dport=1 len=1500") == 1500);
}

TEST_CASE("destinations are rewritten as the kernel does before OUTPUT") {
  const auto destination = [](std::string_view line) {
    return std::string(to_text(read_packet_line(line)->destination_address()).view());
  };
  CHECK(destination("dst=0.0.0.0 dport=1") == "127.0.0.1");
  CHECK(destination("dst=:: dport=1") == "::1");
  CHECK(destination("dst=::ffff:10.0.0.1 dport=1") == "10.0.0.1");
  CHECK(destination("dst=::ffff:0.0.0.0 dport=1") == "127.0.0.1");
  CHECK(destination("dst=::ffff:10.0.0.1 dport=1 family=6") == "::ffff:10.0.0.1");
  CHECK(read_packet_line("dst=0.0.0.0 dport=1")->out == "lo");
}

TEST_CASE("a value that cannot be is an error that names its key") {
  CHECK(again("dst=1.1.1.1 dport=70000") == "dport: '70000' is no number of 0 to 65535");
  CHECK(again("dst=1.1.1.1 dport=-1") == "dport: '-1' is no number of 0 to 65535");
  CHECK(again("dst=localhost dport=1") ==
        "dst: 'localhost' is no address: write one such as 127.0.0.1 or ::1, names are never looked up");
  CHECK(again("dst=1.1.1.1 dport=1 uid=4294967295") == "uid: '4294967295' is no number of 0 to 4294967294");
  CHECK(again("dst=1.1.1.1 dport=1 flags=SIN").starts_with("flags: 'SIN' are no TCP flags"));
  CHECK(again("dst=1.1.1.1 dport=1 state=OLD").starts_with("state: 'OLD' is none of"));
  CHECK(again("dst=1.1.1.1 dport=1 out=abcdefghijklmnop").starts_with("out: "));
  CHECK(again("dst=1.1.1.1 dport=1 proto=nope").starts_with("proto: "));
  CHECK(again("dst=1.1.1.1 dport=1 ttl=256") == "ttl: '256' is no number of 0 to 255");
}

TEST_CASE("a line without what it needs, or with what contradicts itself, is no packet") {
  CHECK(again("") == "dst is missing: write where the packet goes, such as dst=127.0.0.1");
  CHECK(again("dst=1.1.1.1") == "dport is missing: tcp has ports, write dport=8000 or the like");
  CHECK(again("dst=1.1.1.1 dport=1 hello") == "'hello' is no KEY=VALUE: write dst=127.0.0.1, for one");
  CHECK(again("dst=1.1.1.1 dport=1 colour=red").starts_with("'colour' is no key of a packet"));
  CHECK(again("dst=1.1.1.1 dport=1 dst=1.1.1.1") == "'dst' is given twice");
  CHECK(again("dst=1.1.1.1 dport=1 mark=1 mark=1") == "'mark' is given twice");
  CHECK(again("dst=1.1.1.1 dport=1 src=::1") == "src and dst are addresses of different families");
  CHECK(again("dst=1.1.1.1 dport=1 family=6") == "family=6 and dst=1.1.1.1 contradict each other");
  CHECK(again("dst=1.1.1.1 dport=1 icmp=8/0") == "icmp= goes with proto=icmp alone");
  CHECK(again("dst=::1 proto=icmp icmp=8/0") == "icmp= goes with proto=ipv6-icmp alone, for IPv6");
  CHECK(again("dst=1.1.1.1 dport=1 socket=none uid=0") == "a packet with socket= has no owner: leave uid and gid out");
  CHECK(again("dst=1.1.1.1 dport=1 socket=none gid=0") == "a packet with socket= has no owner: leave uid and gid out");
  CHECK(again("dst=1.1.1.1 dport=1 bytes=3 frag=1").starts_with("a later fragment carries no transport header"));
  CHECK(again("dst=1.1.1.1 dport=1 headers=hop") == "headers= goes with IPv6 alone");
}

TEST_CASE("an error has the line's place where it has one") {
  const auto read = read_packet_line("dst=1.1.1.1 dport=x", "packets", 7);
  REQUIRE_FALSE(read);
  CHECK(std::string(to_text(read.diagnostics()).view()) ==
        "packets:7:13: error: dport: 'x' is no number of 0 to 65535\n");
}

TEST_CASE("numbers may be hexadecimal, and a leading zero does not make them octal") {
  CHECK(read_packet_line("dst=1.1.1.1 dport=0x50 mark=0xff")->second_word == 80);
  CHECK(read_packet_line("dst=1.1.1.1 dport=010")->second_word == 10);
}

TEST_CASE("reading a written line gives the same packet") {
  CHECK(rc::check("written and read", [] {
    const family of = *rc::gen::element(family::ipv4, family::ipv6);
    packet sent = *testing::packets(of);
    // No line says these: see write_packet_line.
    if (sent.owner.socket != socket_kind::user) sent.owner.uid = sent.owner.gid = 0;
    if (sent.destination == 0) sent.destination = 1;
    RC_PRE(!(of == family::ipv6 && sent.destination == 0));
    const text line = write_packet_line(sent);
    const auto read = read_packet_line(line);
    if (!read) RC_FAIL(std::string(line.view()) + "\n" + std::string(to_text(read.diagnostics()).view()));

    RC_ASSERT(*read == sent);
  }));
}
