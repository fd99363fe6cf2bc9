#include "traffic_stage.hpp"

#include <net/if.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/print.hpp>

#include "model.hpp"
#include "trace_text.hpp"

namespace cordon::kernel {
namespace {

using namespace std::chrono_literals;
constexpr auto patience = 350ms;  // a delayed ACK comes after 40 to 200 ms
constexpr auto pause = 2ms;

std::string out_of(const traced_packet& seen) {
  char name[IF_NAMESIZE] = {};
  return if_indextoname(seen.out_interface, name) == nullptr ? "?" : name;
}

}  // namespace

stage::stage(ip_family family, const program& rules, std::function<std::vector<traced_packet>()> take,
             std::function<std::string(std::string_view)> written, comparison& results)
    : family_(family), rules_(rules), take_(std::move(take)), written_(std::move(written)), results_(results) {
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains) rule_count_ += chain.steps.size();
}

address stage::loopback() const { return v4() ? ipv4_address(127, 0, 0, 1) : address{family::ipv6, 1}; }

void stage::begin(std::string_view scene, const conversation& of) {
  scene_ = scene;
  conversation_ = of;
}

side stage::side_of(const packet& seen) const {
  if (!has_ports(seen.protocol)) return side::client;
  return seen.source_port() == conversation_.ports.client ? side::client : side::server;
}

const expected_packet* stage::find(const std::vector<expected_packet>& expected, const packet& seen) const {
  const bool icmp = is_icmp(seen.protocol, seen.family);
  constexpr tcp_flags telling = tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack | tcp_flag::urg;
  const std::uint8_t mark = icmp                             ? seen.icmp_type()
                            : seen.protocol == protocol::tcp ? static_cast<std::uint8_t>(seen.flags & telling)
                                                             : std::uint8_t{0};
  const auto found = std::find_if(expected.begin(), expected.end(), [&](const expected_packet& one) {
    return one.mark == mark && (icmp || one.from == side_of(seen));
  });
  return found == expected.end() ? nullptr : &*found;
}

packet stage::modelled(packet seen, const expected_packet& as) const {
  seen.owner = as.owner;
  seen.state = as.state;
  seen.connection_status = as.status;
  seen.connection_direction = as.is_reply.value_or(as.from != side::client) ? 1 : 0;
  seen.connection_protocol = number_of(conversation_.protocol);
  seen.original_source = seen.reply_destination = conversation_.client.bits;
  seen.original_destination = seen.reply_source = conversation_.server.bits;
  seen.original_source_port = seen.reply_destination_port = conversation_.ports.client;
  seen.original_destination_port = seen.reply_source_port = conversation_.ports.server;
  if (is_icmp(conversation_.protocol, seen.family)) {
    // The tuple of ICMP: where others have the destination port are type and code (icmp_pkt_to_tuple).
    seen.original_destination_port = v4() ? 8 * 256 : 128 * 256;
    seen.reply_destination_port = v4() ? 0 : 129 * 256;
  }
  return seen;
}

void stage::judge(const traced_packet& seen, const packet& model, std::string_view what) {
  const std::string about = scene_ + ", " + std::string(what);
  results_.compare(about + ", state", std::string(name_of(model.state)), seen.state);
  // The log names a user where the socket has a file; the sockets of connection requests have none (SYN-ACK).
  if (seen.uid)
    results_.compare(about + ", uid",
                     model.owner.socket == socket_kind::user ? std::to_string(model.owner.uid) : "none",
                     std::to_string(*seen.uid));
  const cordon::outcome made = simulate(rules_, model);
  if (made.accepted() && !seen.passed) spoilt_ = true;
  results_.compare(about + ", passes", made.accepted() ? "yes" : "no", seen.passed ? "yes" : "no");
  if (!seen.steps_known) return results_.fail(about + ": the kernel told no steps");

  std::set<std::string> kernel;
  for (const trace_step& step : seen.steps)
    if (step.kind == step_kind::rule && !written_(text(step)).empty()) kernel.insert(text(step));
  std::map<std::string, bool> matched;  // whether it is certain
  for (const way_step& step : made.way) {
    if (step.what != way_step::kind::rule) continue;
    way_step certain = step;
    certain.uncertain = false;
    matched[cordon::testing::shown(to_text(certain))] = !step.uncertain;
  }
  std::set<std::string> all = kernel;
  for (const auto& [place, certain] : matched) all.insert(place);
  std::size_t same = rule_count_ - all.size();  // what neither says matched
  for (const std::string& place : all) {
    const auto found = matched.find(place);
    const bool matches = found != matched.end();
    if (matches && !found->second) continue;  // the model leaves it open
    if (matches == kernel.contains(place)) {
      ++same;
      continue;
    }
    results_.compare(about + ": " + place + " " + written_(place), matches ? "matches" : "no",
                     kernel.contains(place) ? "matches" : "no");
  }
  results_.agree(same);
}

void stage::saw(const std::vector<expected_packet>& expected) {
  std::set<std::string_view> missing;
  for (const expected_packet& one : expected) missing.insert(one.what);
  const auto end = std::chrono::steady_clock::now() + patience;
  bool last = false;
  while (true) {
    std::this_thread::sleep_for(pause);
    for (const traced_packet& seen : take_()) {
      const packet met = packet_of(seen, out_of(seen));
      const expected_packet* const as = find(expected, met);
      if (as == nullptr) {
        results_.fail(scene_ + ": unexpected packet " + packet_text(seen) + " " + seen.state);
        continue;
      }
      missing.erase(as->what);
      judge(seen, modelled(met, *as), as->what);
    }
    if (last) break;
    last = missing.empty() || std::chrono::steady_clock::now() > end;
  }
  for (const std::string_view what : missing) results_.fail(scene_ + ": never seen: " + std::string(what));
}

}  // namespace cordon::kernel
