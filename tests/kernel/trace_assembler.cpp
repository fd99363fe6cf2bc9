#include "trace_assembler.hpp"

#include <algorithm>
#include <utility>

#include "watch.hpp"

namespace cordon::kernel {
namespace {

std::uint32_t big_number(std::span<const std::uint8_t> bytes) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : bytes) number = (number << 8) | byte;
  return number;
}

constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;

bool is_ipv4(std::span<const std::uint8_t> bytes) { return bytes.size() >= ipv4_header && (bytes[0] >> 4) == 4; }
bool is_ipv6(std::span<const std::uint8_t> bytes) { return bytes.size() >= ipv6_header && (bytes[0] >> 4) == 6; }

std::uint32_t identity_of(std::span<const std::uint8_t> bytes) {
  if (is_ipv4(bytes)) return big_number(bytes.subspan(4, 2));
  if (is_ipv6(bytes)) return big_number(bytes.subspan(0, 4)) & 0xfffffU;
  return 0;
}

/// The same for all forms that a packet takes on its way through OUTPUT, where NAT may change the destination
/// and mangle the TTL: made of family, identity, protocol and source.
std::uint64_t constant_key(std::span<const std::uint8_t> bytes) {
  if (is_ipv4(bytes)) {
    const std::uint64_t what = (identity_of(bytes) << 8) | bytes[9];
    return (what << 32) | big_number(bytes.subspan(12, 4));
  }
  if (is_ipv6(bytes)) {
    const std::uint64_t what = 0x80000000U | (identity_of(bytes) << 8) | bytes[6];
    std::uint32_t source = 0;
    for (std::size_t at = 8; at < 24; at += 4) source = source * 31 + big_number(bytes.subspan(at, 4));
    return (what << 32) | source;
  }
  return 0;
}

}  // namespace

void trace_assembler::begin(const log_report& report) {
  entry& added = entries_.emplace_back();
  added.key = constant_key(report.bytes);
  traced_packet& packet = added.packet;
  packet.family = is_ipv6(report.bytes) ? ip_family::v6 : ip_family::v4;
  packet.identity = identity_of(report.bytes);
  packet.uid = report.uid;
  packet.out_interface = report.out_interface;
  packet.mark_before = report.mark;
  packet.before.assign(report.bytes.begin(), report.bytes.end());
}

bool trace_assembler::note_bookend(const log_report& report) {
  if (!report.prefix.starts_with(watch::log_prefix)) return false;
  const std::string_view where = report.prefix.substr(watch::log_prefix.size());
  if (where == watch::begin_chain) {
    begin(report);
    return true;
  }
  traced_packet* packet = find(report.bytes);
  if (packet == nullptr) return true;
  if (where == watch::end_chain) {
    packet->passed = true;
    packet->mark_after = report.mark;
    packet->after.assign(report.bytes.begin(), report.bytes.end());
  } else {
    packet->state = where.substr(where.find(':') + 1);
  }
  return true;
}

traced_packet* trace_assembler::find(std::span<const std::uint8_t> bytes) {
  const std::uint64_t key = constant_key(bytes);
  const auto found =
      std::find_if(entries_.rbegin(), entries_.rend(), [&](const entry& item) { return item.key == key; });
  return found == entries_.rend() ? nullptr : &found->packet;
}

bool trace_assembler::bind(std::uint32_t id, ip_family family, std::span<const std::uint8_t> header) {
  for (std::size_t at = first_unbound_; at < entries_.size(); ++at) {
    entry& item = entries_[at];
    const std::size_t known = std::min(header.size(), item.packet.before.size());
    if (item.id || item.packet.family != family ||
        !std::equal(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(known), item.packet.before.begin()))
      continue;
    item.id = id;
    item.packet.steps_known = true;
    while (first_unbound_ < entries_.size() && entries_[first_unbound_].id) ++first_unbound_;
    return true;
  }
  return false;
}

traced_packet* trace_assembler::find_bound(std::uint32_t id) {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const entry& item) { return item.id == id; });
  return found == entries_.rend() ? nullptr : &found->packet;
}

std::vector<traced_packet> trace_assembler::take() {
  std::vector<traced_packet> packets;
  packets.reserve(entries_.size());
  for (entry& item : entries_) packets.push_back(std::move(item.packet));
  entries_.clear();
  first_unbound_ = 0;
  return packets;
}

}  // namespace cordon::kernel
