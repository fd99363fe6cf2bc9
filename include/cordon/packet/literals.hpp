// Addresses and networks as literals: `"127.0.0.1"_ip`, `"10.0.0.0/8"_net`. What is no address does not compile.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <cordon/packet/address.hpp>

namespace cordon {

namespace detail {
// Not constexpr on purpose: a literal that gets here does not compile, and the compiler names the function.
[[noreturn]] inline void this_is_no_ip_address() { std::abort(); }
[[noreturn]] inline void this_is_no_network_write_ADDRESS_slash_LENGTH() { std::abort(); }
[[noreturn]] inline void this_network_has_bits_behind_its_prefix() { std::abort(); }
}  // namespace detail

inline namespace literals {

/// The address of either family, as people write it.
consteval address operator""_ip(const char* written, std::size_t size) {
  const auto read = read_address(std::string_view(written, size));
  if (!read) detail::this_is_no_ip_address();
  return *read;
}

/// The network `ADDRESS/LENGTH`, without bits behind the prefix.
consteval network operator""_net(const char* written, std::size_t size) {
  const std::string_view whole(written, size);
  const auto read = read_network(whole);
  if (!read || whole.find('/') == std::string_view::npos) detail::this_is_no_network_write_ADDRESS_slash_LENGTH();
  if (read_address(whole.substr(0, whole.find('/')))->bits != read->base.bits)
    detail::this_network_has_bits_behind_its_prefix();
  return *read;
}

}  // namespace literals

}  // namespace cordon
