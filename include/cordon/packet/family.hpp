// The two families of IP. A firewall has rules for each, and a family without rules accepts everything.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon {

/// Of IP.
enum class family : std::uint8_t { ipv4, ipv6 };

inline constexpr family both_families[] = {family::ipv4, family::ipv6};  ///< for loops

/// The width of an address in bits: 32 or 128.
constexpr unsigned address_width(family of) { return of == family::ipv4 ? 32 : 128; }

/// "v4" or "v6", as the flags and the JSON of the command say it.
constexpr std::string_view name_of(family of) { return of == family::ipv4 ? "v4" : "v6"; }

/// "IPv4" or "IPv6", for sentences.
constexpr std::string_view title_of(family of) { return of == family::ipv4 ? "IPv4" : "IPv6"; }

}  // namespace cordon
