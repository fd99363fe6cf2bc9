#include "shrinking.hpp"

#include <utility>
#include <vector>

#include <cordon/testing/simpler.hpp>

namespace cordon::kernel {
namespace {

/// Packets that are like `of` but for something that is plainer.
std::vector<wire_packet> simpler(const wire_packet& of) {
  std::vector<wire_packet> all;
  const wire_packet plain;
  const auto try_value = [&](auto member, const auto& value) {
    if (of.*member == value) return;
    all.push_back(of);
    all.back().*member = value;
  };
  address_bytes loopback{127, 0, 0, 1};
  if (of.family == ip_family::v6) {
    loopback = {};
    loopback[15] = 1;
  }
  if (!of.extensions.empty()) {
    all.push_back(of);
    all.back().extensions.clear();
  }
  try_value(&wire_packet::transport_override, plain.transport_override);
  try_value(&wire_packet::payload, plain.payload);
  try_value(&wire_packet::transport_bytes, plain.transport_bytes);
  try_value(&wire_packet::fragment_offset, plain.fragment_offset);
  try_value(&wire_packet::more_fragments, false);
  try_value(&wire_packet::dont_fragment, false);
  try_value(&wire_packet::fragment_header, false);
  try_value(&wire_packet::total_length, plain.total_length);
  try_value(&wire_packet::mark, plain.mark);
  try_value(&wire_packet::uid, plain.uid);
  try_value(&wire_packet::gid, plain.gid);
  try_value(&wire_packet::ttl, plain.ttl);
  try_value(&wire_packet::tos, plain.tos);
  try_value(&wire_packet::out_interface, std::string("lo"));
  try_value(&wire_packet::source, loopback);
  try_value(&wire_packet::destination, loopback);
  try_value(&wire_packet::tcp_flags, plain.tcp_flags);
  try_value(&wire_packet::source_port, std::uint16_t{40000});
  try_value(&wire_packet::destination_port, std::uint16_t{80});
  return all;
}

}  // namespace

difference shrink(difference from, family of, const std::function<bool(const difference&)>& differs,
                  unsigned most_tries) {
  const auto keep_if_it_differs = [&](difference candidate) {
    if (most_tries == 0) return false;
    --most_tries;
    if (!differs(candidate)) return false;
    from = std::move(candidate);
    return true;
  };
  bool better = true;
  while (better && most_tries > 0) {
    better = false;
    for (ruleset& one : testing::simpler(from.rules, of))
      if (!better) better = keep_if_it_differs({std::move(one), from.packet});
    if (better) continue;
    for (wire_packet& one : simpler(from.packet))
      if (!better) better = keep_if_it_differs({from.rules, std::move(one)});
  }
  return from;
}

}  // namespace cordon::kernel
