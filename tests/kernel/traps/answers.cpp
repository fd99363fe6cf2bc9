// What the program sees: REJECT's answers, and errors of calls.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <cordon/simulate/application.hpp>
#include <cordon/text/packet_line_reader.hpp>

#include "list.hpp"
#include "model.hpp"
#include "real_socket.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

std::string name_of_error(int error) { return error == 0 ? "no error" : strerrorname_np(error); }

std::string words_of(const call_result& of) {
  return of.what == call_result::kind::error ? std::string(name_of(of.error)) : "no error";
}

/// What the program sees that sends this packet, by the rules that `on` has read last.
application_view view_of(demonstration& on, std::string_view rules, std::string_view line) {
  firewall host;
  host.of(family_of(on.of().family)) = family_rules(*on.read(on.table_text(rules)));
  const auto asked = cordon::read_packet_line(on.words(line));
  const program compiled = compile(host, family_of(on.of().family));
  return sees(compiled, *asked, simulate(compiled, *asked));
}

/// The errors of a datagram's send() and of the call after it.
struct datagram_errors {
  int send = 0;
  int next = 0;
};
datagram_errors send_to_nobody(ip_family family, descriptor& client) {
  client = bound_socket(family, SOCK_DGRAM, sandbox);
  connect_to(client, family, 9);
  datagram_errors made;
  made.send = send(client.get(), "x", 1, 0) < 0 ? errno : 0;
  usleep(5'000);
  char byte = 0;
  made.next = recv(client.get(), &byte, 1, MSG_DONTWAIT) < 0 && errno != EAGAIN ? errno : 0;
  return made;
}

void show_rejected_datagram(demonstration& on, std::string_view rules, const std::vector<traffic_packet>& expected,
                            int next) {
  auto client = std::make_shared<descriptor>();
  datagram_errors seen;
  on.traffic(rules, [&] { seen = send_to_nobody(on.of().family, *client); }, expected);
  on.equal("send()", name_of_error(seen.send), "EPERM");
  on.equal("the next call", name_of_error(seen.next), name_of_error(next));
  const application_view view = view_of(on, rules, "uid=1001 gid=1001 proto=udp dst={lo} dport=9");
  on.equal("send() by cordon", words_of(view.send), "EPERM");
  on.equal("the next call by cordon", words_of(view.next_call), name_of_error(next));
}

constexpr trap answer_list[] = {
    {"REJECT's answer is a packet of its own that must pass OUTPUT, RELATED and without a user: where no rule lets "
     "it out, REJECT is a silent DROP.",
     everywhere,
     [](demonstration& on) {
       const bool v4 = on.v4();
       const std::string rejected =
           std::string("REJECT:") + (v4 ? "icmp-port-unreachable 1" : "icmp6-port-unreachable 1");
       show_rejected_datagram(
           on, ":OUTPUT DROP [0:0]\n-A OUTPUT -m owner --uid-owner 1001 -j REJECT",
           {{"the datagram", by(sandbox), rejected}, {"the answer", by_kernel, "DROP policy:2", "RELATED"}}, 0);
       show_rejected_datagram(
           on,
           ":OUTPUT DROP [0:0]\n-A OUTPUT -m owner --uid-owner 1001 -j REJECT\n-A OUTPUT -m conntrack --ctstate "
           "RELATED -j ACCEPT",
           {{"the datagram", by(sandbox), rejected}, {"the answer", by_kernel, "ACCEPT 2", "RELATED"}}, ECONNREFUSED);
     }},
    {"A datagram's send() fails with EPERM at once, whatever REJECT answers; the answer's error comes with the next "
     "call, or never where it is a missing route.",
     everywhere,
     [](demonstration& on) {
       const auto show = [&](const std::string& type, int next) {
         const std::string verdict = "REJECT:" + type + " 1";
         show_rejected_datagram(on, "-A OUTPUT -m owner --uid-owner 1001 -j REJECT --reject-with " + type,
                                {{"the datagram", by(sandbox), verdict}, {"the answer", by_kernel, "ACCEPT policy:2"}},
                                next);
       };
       show(on.v4() ? "icmp-net-unreachable" : "icmp6-no-route", 0);
       show(on.v4() ? "icmp-admin-prohibited" : "icmp6-adm-prohibited", on.v4() ? EHOSTUNREACH : EACCES);
     }},
    {"A RST is not answered, nor is a later fragment: REJECT stops them in silence.", everywhere,
     [](demonstration& on) {
       on.rules(
           "-A OUTPUT -m owner --uid-owner 1001 -p tcp -j REJECT --reject-with tcp-reset\n-A OUTPUT -m owner "
           "--uid-owner 1001 -j REJECT");
       on.equal("answers to a SYN",
                std::to_string(on.packet("uid=1001 dst={host} dport=80 flags=SYN", "REJECT:tcp-reset 1")), "1");
       on.equal("answers to a RST",
                std::to_string(on.packet("uid=1001 dst={host} dport=80 flags=RST", "REJECT:tcp-reset 1")), "0");
       cordon::packet asked;
       asked.family = family_of(on.of().family);
       on.check(reject_answer(asked, reject_type::tcp_reset).has_value(), "cordon does not answer a SYN");
       asked.flags = tcp_flag::rst;
       on.check(!reject_answer(asked, reject_type::tcp_reset), "cordon answers a RST");
       if (!on.v4()) return;  // an IPv6 fragment's protocol is behind its header, which is not there in a later one
       on.equal(
           "answers to a later fragment",
           std::to_string(on.packet("uid=1001 proto=udp dst={host} frag=3 raw=0000000000000000000000000000000000000000",
                                    "REJECT:icmp-port-unreachable 2")),
           "0");
       asked.protocol = protocol::udp;
       asked.transport = transport_part::later_fragment;
       on.check(!reject_answer(asked, reject_type::icmp_port_unreachable), "cordon answers a later fragment");
     }},
    {"A packet that NFQUEUE loses for want of a listener is sent without an error.", everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p udp -j NFQUEUE --queue-num 7");
       on.undecided("uid=1001 proto=udp dst={host} dport=80", "DROP");
       on.packet_fails("uid=1001 proto=udp dst={host} dport=80", 0);
       const application_view view =
           view_of(on, "-A OUTPUT -p udp -j NFQUEUE --queue-num 7", "uid=1001 proto=udp dst={host} dport=80");
       on.equal("sendto() by cordon", words_of(view.raw), "no error");
     }},
};

}  // namespace

std::span<const trap> answer_traps() { return answer_list; }

}  // namespace cordon::kernel
