#include <string>

#include <cordon/render/live_command.hpp>
#include <cordon/text/packet_line_reader.hpp>

#include "../catch.hpp"
#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
std::string command_for(const char* line) { return testing::shown(live_command(*read_packet_line(line))); }
const std::string as_owner = "setpriv --reuid=1001 --regid=0 --clear-groups ";
}  // namespace

TEST_CASE("a TCP SYN is shown with curl, from where it has to come") {
  CHECK(command_for("uid=1001 dst=127.0.0.1 dport=8000") == as_owner + "curl --max-time 3 http://127.0.0.1:8000/");
  CHECK(command_for("uid=1001 gid=7 dst=::1 dport=80") ==
        "setpriv --reuid=1001 --regid=7 --clear-groups curl --max-time 3 -g 'http://[::1]:80/'");
  CHECK(command_for("uid=1001 dst=127.0.0.1 dport=80 out=eth0 sport=99") ==
        as_owner + "curl --max-time 3 --interface eth0 --local-port 99 http://127.0.0.1:80/");
}

TEST_CASE("ping and datagrams have their own commands") {
  CHECK(command_for("uid=1001 proto=icmp dst=192.0.2.7") == as_owner + "ping -c 1 -W 3 192.0.2.7");
  CHECK(command_for("uid=1001 proto=udp dst=127.0.0.1 dport=53").find("s.SOCK_DGRAM") != std::string::npos);
  CHECK(command_for("uid=1001 proto=gre dst=192.0.2.7").find("s.SOCK_RAW,47") != std::string::npos);
}

TEST_CASE("an open connection is shown by one that is made before the rules") {
  CHECK(command_for("uid=1001 dst=192.0.2.7 dport=80 flags=ACK state=ESTABLISHED").find("load the rules") !=
        std::string::npos);
}

TEST_CASE("what no ordinary program sends has no command") {
  CHECK(command_for("uid=1001 dst=127.0.0.1 dport=80 flags=FIN").empty());
  CHECK(command_for("uid=1001 dst=127.0.0.1 dport=80 state=INVALID").empty());
  CHECK(command_for("uid=1001 proto=udp dst=127.0.0.1 dport=80 frag=2").empty());
  CHECK(command_for("socket=none dst=127.0.0.1 dport=80").empty());
}

TEST_CASE("no interface name gets out of its quotes") {
  packet sent = *read_packet_line("uid=1001 dst=127.0.0.1 dport=80");
  sent.out = "a';reboot;'";
  CHECK(live_command(sent).empty());
}
