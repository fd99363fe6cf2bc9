#include "session.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

#include "header_reading.hpp"
#include "host_objects.hpp"

namespace cordon::kernel {
namespace {

constexpr std::size_t batch = 64;  // what the kernel's messages about must fit into a socket's buffer

constexpr std::uint32_t label_of_number = 0x80000;

/// Whether these are the same packet, as far as what does not change on the way to OUTPUT can tell (defragmentation takes
/// a fragment header away, for one): identity and addresses.
bool are_same(const std::vector<std::uint8_t>& seen, const std::vector<std::uint8_t>& sent) {
  const bool v4 = sent[0] >> 4 == 4;
  const std::size_t header = v4 ? 20 : 40;
  if (seen.size() < header || seen[0] >> 4 != sent[0] >> 4) return false;
  const auto equal = [&](std::size_t at, std::size_t end) {
    return std::equal(seen.begin() + static_cast<std::ptrdiff_t>(at), seen.begin() + static_cast<std::ptrdiff_t>(end),
                      sent.begin() + static_cast<std::ptrdiff_t>(at));
  };
  return v4 ? equal(4, 6) && equal(12, 20) : equal(1, 4) && equal(8, 40);
}

/// Whether the two are alike as far as both go, but for IPv4's checksum.
bool begin_alike(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  const bool v4 = b[0] >> 4 == 4;
  for (std::size_t at = 0; at < a.size() && at < b.size(); ++at)
    if (a[at] != b[at] && !(v4 && (at == 10 || at == 11))) return false;
  return true;
}

/// Whether what was seen may be a copy of what was sent before, which TEE has made: from the same address and port, whatever
/// targets had done to it by then. REJECT's answers go the other way.
bool may_be_copy(const std::vector<std::uint8_t>& seen, const std::vector<std::uint8_t>& sent) {
  if (are_same(seen, sent)) return true;
  const packet a = read_headers(seen, backend::legacy).made;
  const packet b = read_headers(sent, backend::legacy).made;
  const bool is_reset = a.protocol == protocol::tcp && (a.flags & tcp_flag::rst) != 0 && (b.flags & tcp_flag::rst) == 0;
  return a.family == b.family && a.protocol == b.protocol && a.source == b.source && a.first_word == b.first_word &&
         !is_reset;
}

/// Whether what was seen goes to where the other packet came from, as all answers of REJECT do. What else comes between is
/// some packet that the tracer tells again, or late, on a busy machine.
bool goes_back(const std::vector<std::uint8_t>& seen, const std::vector<std::uint8_t>& sent) {
  const packet a = read_headers(seen, backend::legacy).made;
  const packet b = read_headers(sent, backend::legacy).made;
  return a.family == b.family && a.destination == b.source;
}

}  // namespace

tool_result session::load(ip_family family, std::string_view rules, std::string_view sets) {
  make_host_objects(world_, family, rules, sets);
  return world_.load(which_, family, rules);
}

void session::start() {
  started_ = true;
  if (!chosen_.traced) return;
  if (which_ == back_end::nft) {
    nft_ = std::make_unique<nft_tracer>(world_, nft_tracer::options{chosen_.conntrack_state});
    return;
  }
  legacy_ = std::make_unique<legacy_tracer>(world_, legacy_tracer::options{chosen_.conntrack_state});
  for (const ip_family family : {ip_family::v4, ip_family::v6})
    legacy_->set_rules(family, count_rules(world_.save(which_, family)));
}

std::vector<traced_packet> session::take() {
  if (legacy_) return legacy_->take();
  return nft_ ? nft_->take() : std::vector<traced_packet>{};
}

void session::match(std::span<sent_packet> sent, std::size_t next, std::vector<traced_packet> seen) {
  for (const auto& [place, count] : count_steps(seen)) traced_counts_[place] += count;
  sent_packet* last = nullptr;
  for (traced_packet& one : seen) {
    std::size_t at = next;
    const auto fits = [&](const sent_packet& candidate) {
      return one.mark_before == candidate.packet.mark &&
             one.uid.value_or(candidate.packet.uid) == candidate.packet.uid && are_same(one.before, candidate.bytes);
    };
    // Later fragments whose labels stand for their ports may share an identity, with REJECT's answers too: they, which
    // nothing can put together, must be the same byte by byte.
    while (at < sent.size() && !(fits(sent[at]) && begin_alike(one.before, sent[at].bytes))) ++at;
    if (at == sent.size())
      for (at = next; at < sent.size() && (sent[at].packet.fragment_offset != 0 || !fits(sent[at]));) ++at;
    if (at == sent.size()) {  // told late, behind what was sent after it, or with the next batch
      const auto late = std::find_if(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(next),
                                     [&](const sent_packet& candidate) { return !candidate.seen && fits(candidate); });
      if (late != sent.begin() + static_cast<std::ptrdiff_t>(next)) at = static_cast<std::size_t>(late - sent.begin());
    }
    if (at < sent.size()) {
      last = &sent[at];
      last->seen = std::move(one);
      next = std::max(next, at + 1);
    } else if (last != nullptr && goes_back(one.before, last->bytes) && !may_be_copy(one.before, last->bytes)) {
      last->answers.push_back(std::move(one));
    }
  }
}

std::vector<sent_packet> session::send(std::span<const wire_packet> packets) {
  if (!started_) start();
  std::vector<sent_packet> all(packets.size());
  for (std::size_t first = 0; first < packets.size(); first += batch) {
    const std::span<sent_packet> some = std::span(all).subspan(first, std::min(batch, packets.size() - first));
    for (std::size_t at = 0; at < some.size(); ++at) {
      sent_packet& one = some[at];
      one.packet = packets[first + at];
      one.traced = chosen_.traced;
      number_ = number_ % 65535 + 1;
      const bool ports_in_label = one.packet.family == ip_family::v6 && one.packet.fragment_offset != 0;
      // Labels that stand for ports have three bits above them at most: see wire_near.
      if (!ports_in_label)
        one.packet.identity = one.packet.family == ip_family::v6 ? number_ | label_of_number : number_;
      write_wire_bytes(one.packet, one.bytes);
      one.error = injector_.send(one.packet);
    }
    if (chosen_.traced) match(std::span(all).first(first + some.size()), first, take());
  }
  return all;
}

std::vector<traced_packet> session::watch(const std::function<void()>& make) {
  if (!started_) start();
  take();
  world_.hear();
  make();
  // What timers send is traced on another processor; the last of it may still be under way.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::vector<traced_packet> seen = take();
  world_.silence();
  for (const auto& [place, count] : count_steps(seen)) traced_counts_[place] += count;
  return seen;
}

packet_counts session::counted() {
  packet_counts all;
  for (const ip_family family : {ip_family::v4, ip_family::v6})
    for (const auto& [place, count] : at_output(read_counters(world_.save(which_, family, true))))
      if (count != 0) all[place] += count;
  return all;
}

}  // namespace cordon::kernel
