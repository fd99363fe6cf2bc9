// Numbers as people write them.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/uint128.hpp>

namespace cordon {

///@{
/// Of ASCII, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
///@}

/// Whether two texts differ in nothing but the case of ASCII letters.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const char* other = b.data();
  for (const char *at = a.data(), *const end = at + a.size(); at != end; ++at, ++other)
    if (*at != *other && to_lower(*at) != to_lower(*other)) return false;
  return true;
}

namespace detail {
// The value of a digit in any base up to 16, or 16 for what is no digit.
constexpr unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10) : 16U;
}
}  // namespace detail

/// The whole of `written` as a number in `base`, at most `most`; nothing for an empty text, a sign, a stray
/// character or a number above `most`.
constexpr maybe<std::uint64_t> read_number(std::string_view written, std::uint64_t most, unsigned base = 10) {
  const char* at = written.data();
  const char* const end = at + written.size();
  if (at == end) return no_value;
  std::uint64_t number = 0;
  for (; at != end; ++at) {
    const unsigned digit = base == 10 ? static_cast<unsigned>(*at - '0') : detail::digit_value(*at);
    // The second of these is number * base + digit > most, without overflow.
    if (digit >= base || digit > most || number > (most - digit) / base) return no_value;
    number = number * base + digit;
  }
  return number;
}

/// As `read_number`, and with the prefixes that strtoul(…, 0) knows: 0x for hexadecimal, a leading 0 for octal.
constexpr maybe<std::uint64_t> read_c_number(std::string_view written, std::uint64_t most) {
  if (written.size() < 2 || written.data()[0] != '0') return read_number(written, most);
  if (written.size() > 2 && to_lower(written[1]) == 'x') return read_number(written.substr(2), most, 16);
  return read_number(written.substr(1), most, 8);
}

}  // namespace cordon
