// A packet's line.
#include "fuzz.hpp"

#include <cordon/classify/classifier.hpp>
#include <cordon/render/explanation.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/packet_line_writer.hpp>

using namespace cordon;

namespace {
// What asks for much that a packet's line may say.
constexpr std::string_view asking =
    "*mangle\n-A OUTPUT -m mark --mark 1/3 -j MARK --set-mark 7\nCOMMIT\n"
    "*nat\n-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 5353\nCOMMIT\n"
    "*filter\n:A - [0:0]\n-A OUTPUT -p tcp --tcp-flags SYN,ACK SYN -m owner --uid-owner 1001 -j A\n"
    "-A OUTPUT -m conntrack --ctstate INVALID,RELATED -j DROP\n-A OUTPUT -m ttl --ttl-lt 5 -j RETURN\n"
    "-A OUTPUT -p icmp --icmp-type 8 -j REJECT\n-A OUTPUT -o eth+ -m length --length 100:200 -j DROP\n"
    "-A A -p tcp -m multiport --dports 1:1024,8000 -j REJECT --reject-with tcp-reset\n-A A -m tos --tos 16 -j DROP\nCOMMIT\n";

const firewall& rules() {
  static const auto read = fuzz::read_rules(asking, family::ipv4, backend::nft);
  static const firewall made = fuzz::host_with(*read, family::ipv4);
  return made;
}
}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_packet_line(fuzz::text_of(data, size));
  fuzz::require_reason(read);
  if (!read) return 0;
  const auto again = read_packet_line(write_packet_line(*read));
  fuzz::require(static_cast<bool>(again), "what was written is read");
  fuzz::require(*again == *read, "what was written is the same packet");
  if (read->family != family::ipv4) return 0;
  static const program ready = compile(rules(), family::ipv4);
  static const classifier compiled(rules());
  const outcome simulated = simulate(ready, *read);
  fuzz::require(compiled.classify(*read).verdict == simulated.verdict,
                "the compiled classifier gives the simulator's verdict");
  write_report(explain(rules(), ready, *read));
  return 0;
}
