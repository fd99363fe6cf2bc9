// Reads the words of a region's box again, as a script would that gets them as JSON, and asks whether a packet is in it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <cordon/packet/packet.hpp>
#include <cordon/render/region.hpp>

namespace cordon::test {

inline sequence<std::string_view> split(std::string_view list, char at) {
  sequence<std::string_view> parts;
  while (true) {
    const auto comma = list.find(at);
    parts.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

inline uint128 number_in(std::string_view word) {
  const unsigned base = word.starts_with("0x") ? 16 : 10;
  const std::string_view digits = base == 16 ? word.substr(2) : word;
  uint128 number = 0;
  for (const char c : digits) {
    const std::size_t digit = std::string_view("0123456789abcdef").substr(0, base).find(c);
    if (digit == std::string_view::npos) throw std::runtime_error("no number: " + std::string(word));
    number = number * base + digit;
  }
  return number;
}

// N, N-M or VALUE/MASK.
inline bool number_fits(std::string_view item, uint128 value) {
  if (const auto slash = item.find('/'); slash != std::string_view::npos)
    return (value & number_in(item.substr(slash + 1))) == number_in(item.substr(0, slash));
  const auto dash = item.find('-');
  const uint128 low = number_in(item.substr(0, dash));
  return low <= value && value <= (dash == std::string_view::npos ? low : number_in(item.substr(dash + 1)));
}

// A, A-B, A/LENGTH or A/MASK.
inline bool address_fits(std::string_view item, const address& value) {
  if (const auto dash = item.find('-'); dash != std::string_view::npos)
    return read_address(item.substr(0, dash))->bits <= value.bits &&
           value.bits <= read_address(item.substr(dash + 1))->bits;
  if (const auto slash = item.find('/'); slash != std::string_view::npos)
    if (const auto mask = read_address(item.substr(slash + 1)); mask && mask->family == value.family)
      return (value.bits & mask->bits) == read_address(item.substr(0, slash))->bits;
  return read_network(item)->contains(value);
}

// TYPE or TYPE-TYPE, with every code; TYPE/CODE or TYPE/CODE-CODE.
inline bool icmp_fits(std::string_view item, const packet& of) {
  const auto slash = item.find('/');
  if (slash == std::string_view::npos) return number_fits(item, of.icmp_type());
  return number_in(item.substr(0, slash)) == of.icmp_type() && number_fits(item.substr(slash + 1), of.icmp_code());
}

inline bool interface_fits(std::string_view list, std::string_view name) {
  const auto fits = [&](std::string_view item) {
    return item.ends_with('+') ? name.starts_with(item.substr(0, item.size() - 1)) : item == name;
  };
  if (list.starts_with('!')) {
    for (const std::string_view item : split(list.substr(1), ','))
      if (fits(item)) return false;
    return true;
  }
  bool in = false;
  for (const std::string_view item : split(list, ',')) {
    const bool excluded = item.starts_with('!');
    if (fits(excluded ? item.substr(1) : item)) in = !excluded;
  }
  return in;
}

inline bool item_fits(std::string_view name, std::string_view item, const packet& of) {
  if (name == "icmp") return item.starts_with("0x") ? number_fits(item, of.first_word) : icmp_fits(item, of);
  if (name == "icmp_checksum") return number_fits(item, of.second_word);
  for (unsigned i = 0; i < field_count; ++i) {
    const auto which = static_cast<field>(i);
    if (member_name(which) != name) continue;
    const uint128 value = value_of(of, which);
    switch (which) {
      case field::protocol:
        if (const auto known = read_protocol(item)) return number_of(*known) == value;
        return number_fits(item, value);
      case field::state: return read_connection_state(item) == of.state;
      case field::transport:
        if (item == "whole") return of.transport == transport_part::whole;
        if (item == "fragment-at-8") return of.transport == transport_part::fragment_at_8;
        if (item == "later-fragment") return of.transport == transport_part::later_fragment;
        return number_fits(item.substr(0, item.find('-')), value);
      default: break;
    }
    if (detail::is_address(which)) return address_fits(item, {of.family, value});
    return number_fits(item, value);
  }
  throw std::runtime_error("no member of a region: " + std::string(name));
}

/// Whether the words hold for a packet.
inline bool holds(const region_words& words, const packet& of) {
  for (const region_member& one : words.members) {
    std::string_view list = one.value;
    if (list.empty()) continue;  // of later fragments alone; "transport" says so too
    bool fits = false;
    if (one.name == "out") {
      fits = interface_fits(list, of.out.view());
    } else {
      const bool all_but = list.starts_with('!');
      if (all_but) list.remove_prefix(1);
      for (const std::string_view item : split(list, ',')) fits = fits || item_fits(one.name, item, of);
      fits = fits != all_but;
    }
    if (!fits) return false;
  }
  return true;
}

/// Whether a packet is in the box itself.
inline bool is_in(const box& of, const packet& candidate) {
  for (const box_side& side : of.sides) {
    const uint128 part = (value_of(candidate, side.field) >> side.shift) & low_bits(side.width);
    bool fits = false;
    for (const range& one : side.values) fits = fits || one.contains(part);
    if (!fits) return false;
  }
  return true;
}

}  // namespace cordon::test
