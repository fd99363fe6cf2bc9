// What nat makes of packets that leak: where they go, and the endpoint that would permit it.
#pragma once

#include <cstdint>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon::detail {

/// The values that a field which targets have set may hold; nothing if it holds what was sent, or what no one knows.
constexpr maybe<range> values_set(const environment& now, field which) {
  const current_value* const value = now.find(which);
  if (value == nullptr || value->what == alteration::kind::unknown) return no_value;
  if (value->what == alteration::kind::one_of) return value->values;
  if (!value->parts.empty()) return no_value;
  return range{value->flip, value->flip};
}

constexpr bool is_unknown(const environment& now, field which) {
  const current_value* const value = now.find(which);
  return value != nullptr && value->what == alteration::kind::unknown;
}

constexpr void append_range(text& out, const range& values, auto append_one) {
  append_one(values.low);
  if (values.low == values.high) return;
  out.append('-');
  append_one(values.high);
}

/// The least and the greatest value of a field in a box that is not empty.
constexpr range hull_of(const box& of, field which, unsigned width) {
  range hull{0, low_bits(width)};
  for (const box_side& side : of.sides) {
    if (side.field != which) continue;
    const uint128 bits = ~(low_bits(side.width) << side.shift);
    hull.low = (hull.low & bits) | (side.values.front().low << side.shift);
    hull.high = (hull.high & bits) | (side.values.back().high << side.shift);
  }
  return hull;
}

/// `ADDRESS[:PORT]`: where packets of `before`, the box around them as sent, go behind `now`.
constexpr text goal_in_words(const environment& now, const box& before, family of) {
  const auto values_of = [&](field which, unsigned width) -> maybe<range> {
    if (const auto set = values_set(now, which)) return set;
    if (is_unknown(now, which)) return no_value;
    const range sent = hull_of(before, which, width);
    if (sent.low == 0 && sent.high == low_bits(width)) return no_value;
    return sent;
  };
  text out;
  const auto addresses = values_of(field::destination, address_width(of));
  const auto ports = values_of(field::second_word, 16);
  const bool brackets = of == family::ipv6 && ports && addresses;
  if (brackets) out.append('[');
  if (addresses)
    append_range(out, *addresses, [&](uint128 one) { out.append(to_text(address{of, one})); });
  else
    out.append("any address");
  if (brackets) out.append(']');
  if (ports) {
    out.append(':');
    append_range(out, *ports, [&](uint128 one) { out.append_number(static_cast<unsigned>(one)); });
  }
  return out;
}

/// The smallest network around a range of addresses.
constexpr network network_around(const range& values, family of) {
  unsigned length = address_width(of);
  while (length > 0 && ((values.low ^ values.high) & prefix_mask(of, length)) != 0) --length;
  return {address{of, values.low & prefix_mask(of, length)}, prefix_mask(of, length)};
}

/// The narrowest endpoint that permits the packets of `part`, which are in `around` and are `now` something else; nothing
/// if no endpoint can.
constexpr maybe<endpoint> endpoint_for(packet_space& space, diagram part, const box& around, const environment& now) {
  const family of = space.levels().domain().family;
  const auto addresses = values_set(now, field::destination);
  if (is_unknown(now, field::destination)) return no_value;
  const auto ports = values_set(now, field::second_word);
  endpoint made;
  made.destination = network_around(hull_of(around, field::destination, address_width(of)), of);
  if (addresses) {
    if (addresses->low != addresses->high) return no_value;
    made.rewritten_to = network{address{of, addresses->low}, prefix_mask(of, address_width(of))};
  } else if (const current_value* const mapped = now.find(field::destination)) {
    // The network is another one, the rest of the address stays.
    uint128 kept = 0;
    for (const current_value::part& stays : mapped->parts) kept |= stays.mask;
    const uint128 mask = low_bits(address_width(of)) & ~kept;
    if (!prefix_length(of, mask)) return no_value;
    made.rewritten_to = network{address{of, mapped->flip & mask}, mask};
  } else {
    // The address stays: what an endpoint says of it holds behind nat too.
    if (made.destination.mask != prefix_mask(of, address_width(of))) return no_value;
    made.rewritten_to = made.destination;
  }
  if (const box_side* const side = around.find(field::protocol); side != nullptr && side->width == 8) {
    made.protocols = {};
    for (const range& each : side->values)
      for (unsigned number = static_cast<unsigned>(each.low); number <= static_cast<unsigned>(each.high); ++number)
        made.protocols.add(static_cast<protocol>(static_cast<std::uint8_t>(number)));
  }
  const endpoint all_ports = made;
  const range sent = hull_of(around, field::second_word, 16);
  made.ports = {static_cast<std::uint16_t>(sent.low), static_cast<std::uint16_t>(sent.high)};
  if (ports) made.rewritten_ports = {static_cast<std::uint16_t>(ports->low), static_cast<std::uint16_t>(ports->high)};
  // Every packet of `around` is sent to that network and those ports, whose bounds may be none that the space tells apart.
  const auto is_enough = [&](const endpoint& candidate) {
    predicate fits = sent_with_ports(candidate.protocols, !candidate.ports.is_all());
    endpoint then = candidate;
    then.destination = *candidate.rewritten_to;
    then.ports = candidate.rewritten_ports;
    fits &= as_sent(goes_to(then, of), now, of);
    return space.store().includes(space.set_of(fits), part);
  };
  for (const endpoint& one : {made, all_ports})
    if (is_enough(one)) return one;
  return no_value;
}

/// What nat made of the packets of `part`, which is not empty and depends on no atom.
constexpr rewriting rewriting_of(packet_space& space, diagram part, const environment& now, rule_place by) {
  rewriting made;
  made.by = std::move(by);
  const box around = box_around(space, part);
  made.reaches = goal_in_words(now, around, space.levels().domain().family);
  made.would_allow = endpoint_for(space, part, around, now);
  return made;
}

}  // namespace cordon::detail
