// A command that sends a packet like a leak's witness on the live host, as the sandbox's owner.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>

namespace cordon {

namespace detail {

class live_command_writer {
 public:
  explicit constexpr live_command_writer(const packet& sent) : sent_(&sent) {}

  constexpr text write() {
    const packet& p = *sent_;
    const bool v4 = is_ipv4();
    const bool plain = p.owner.socket == socket_kind::user && p.transport == transport_part::whole && is_safe(p.out);
    const bool opens = p.state == connection_state::fresh;
    const bool follows = p.state == connection_state::established;
    if (!plain || (!opens && !follows)) return {};
    const bool is_tcp = p.protocol == protocol::tcp;
    const bool is_ping = is_icmp(p.protocol, p.family) && p.icmp_type() == (v4 ? 8 : 128) && p.icmp_code() == 0;
    if (is_tcp && opens && p.flags == tcp_flag::syn && p.mark == 0) return curl();
    if (is_tcp && (opens ? p.flags == tcp_flag::syn : (p.flags & (tcp_flag::syn | tcp_flag::rst)) == 0)) {
      python("SOCK_STREAM", {}).append("c.settimeout(3);c.connect(");
      python_address(p.second_word).append(')');
      if (follows) out_.append(";input(\"connected; load the rules, then press Enter\");c.send(b\"x\")");
      return end_python();
    }
    if (is_tcp) return {};
    if (is_ping && p.mark == 0) {
      as_owner("").append("ping -c 1 -W 3 ");
      if (needs_interface()) out_.append("-I ").append(p.out).append(' ');
      return std::move(out_.append(to_text(p.destination_address())));
    }
    if (p.protocol == protocol::udp || p.protocol == protocol::udplite) {
      python("SOCK_DGRAM", p.protocol == protocol::udp ? "" : ",0,136").append("c.settimeout(3);c.connect(");
      python_address(p.second_word).append(");c.send(b\"x\")");
      if (follows) out_.append(";c.recv(9);input(\"answered; load the rules, then press Enter\");c.send(b\"x\")");
      return end_python();
    }
    if (follows || has_ports(p.protocol)) return {};
    python("SOCK_RAW", join(",", decimal(number_of(p.protocol)))).append("c.sendto(b\"\\0\"*8,");
    python_address(0).append(')');
    return end_python();
  }

 private:
  static constexpr bool is_safe(const interface_name& name) {
    for (const char c : name.view())
      if (!is_digit(c) && (to_lower(c) < 'a' || to_lower(c) > 'z') && c != '.' && c != '-' && c != '_') return false;
    return !name.empty();
  }

  constexpr bool is_ipv4() const { return sent_->family == family::ipv4; }

  // Routing takes loopback addresses to lo, and others elsewhere, unless the host has them for its own.
  constexpr bool needs_interface() const {
    return sent_->destination_address().is_loopback() && sent_->out.view() != "lo";
  }

  constexpr text& as_owner(std::string_view capabilities) {
    out_.append("setpriv --reuid=").append_number(sent_->owner.uid).append(" --regid=");
    out_.append_number(sent_->owner.gid).append(" --clear-groups ");
    if (!capabilities.empty())
      out_.append("--inh-caps=").append(capabilities).append(" --ambient-caps=").append(capabilities).append(' ');
    return out_;
  }

  constexpr text curl() {
    as_owner("").append("curl --max-time 3 ");
    if (needs_interface()) out_.append("--interface ").append(sent_->out).append(' ');
    if (source_port_matters()) out_.append("--local-port ").append_number(sent_->first_word).append(' ');
    const bool v4 = is_ipv4();
    out_.append(v4 ? "http://" : "-g 'http://[").append(to_text(sent_->destination_address()));
    out_.append(v4 ? ":" : "]:").append_number(sent_->second_word).append(v4 ? "/" : "/'");
    return std::move(out_);
  }

  // Any but the port that a witness has when there is nothing to choose.
  constexpr bool source_port_matters() const { return has_ports(sent_->protocol) && sent_->first_word != 40000; }

  constexpr text& python(std::string_view type, std::string_view protocol_argument) {
    const bool raw = type == "SOCK_RAW";
    as_owner(raw ? sent_->mark != 0 ? "+net_raw,+net_admin" : "+net_raw" : sent_->mark != 0 ? "+net_admin" : "");
    out_.append("python3 -c 'import socket as s;c=s.socket(s.AF_INET").append(is_ipv4() ? "" : "6").append(",s.");
    out_.append(type).append(protocol_argument).append(");");
    if (needs_interface()) out_.append("c.setsockopt(1,25,b\"").append(sent_->out).append("\");");
    if (sent_->mark != 0) out_.append("c.setsockopt(1,36,").append_number(sent_->mark).append(");");
    if (source_port_matters()) out_.append("c.bind((\"\",").append_number(sent_->first_word).append("));");
    return out_;
  }

  constexpr text& python_address(std::uint16_t port) {
    out_.append("(\"").append(to_text(sent_->destination_address())).append("\",").append_number(port);
    return out_.append(')');
  }

  constexpr text end_python() { return std::move(out_.append(";print(\"let out\")'")); }

  const packet* sent_;
  text out_;
};

}  // namespace detail

/// A shell command, for root, that sends a packet like `sent` as its owner; empty if no ordinary program sends such a
/// packet. An answer, or a refusal that no rule makes, shows that the packet was let out.
constexpr text live_command(const packet& sent) { return detail::live_command_writer(sent).write(); }

}  // namespace cordon
