// Text that works in constant expressions on every supported compiler: std::string does not (clang with libstdc++
// rejects it), a std::vector of characters does.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <cordon/base/uint128.hpp>

namespace cordon {

/// A run of bytes of any length. Converts to std::string_view, which is valid as long as the text is unchanged.
class text {
 public:
  constexpr text() = default;
  constexpr text(std::string_view content) : content_(content.begin(), content.end()) {}
  constexpr text(const char* content) : text(std::string_view(content)) {}

  constexpr std::string_view view() const { return {content_.data(), content_.size()}; }
  constexpr operator std::string_view() const { return view(); }
  constexpr bool empty() const { return content_.empty(); }
  constexpr std::size_t size() const { return content_.size(); }
  constexpr void clear() { content_.clear(); }

  constexpr text& append(std::string_view more) {
    content_.insert(content_.end(), more.begin(), more.end());
    return *this;
  }
  constexpr text& append(char more) {
    content_.push_back(more);
    return *this;
  }
  /// Appends `number` in decimal.
  constexpr text& append_number(uint128 number) {
    char digits[40] = {};
    std::size_t at = sizeof digits;
    do {
      digits[--at] = static_cast<char>('0' + static_cast<int>(number % 10));
      number /= 10;
    } while (number != 0);
    return append(std::string_view(digits + at, sizeof digits - at));
  }
  /// Appends `number` in hexadecimal, without prefix, with at least `least_digits` digits.
  constexpr text& append_hexadecimal(uint128 number, unsigned least_digits = 1) {
    char digits[32] = {};
    std::size_t at = sizeof digits;
    while (number != 0 || sizeof digits - at < least_digits) {
      digits[--at] = "0123456789abcdef"[static_cast<unsigned>(number & 15)];
      number >>= 4;
    }
    return append(std::string_view(digits + at, sizeof digits - at));
  }

  friend constexpr bool operator==(const text& a, const text& b) { return a.view() == b.view(); }
  friend constexpr bool operator==(const text& a, std::string_view b) { return a.view() == b; }
  friend constexpr bool operator==(const text& a, const char* b) { return a.view() == std::string_view(b); }
  friend constexpr auto operator<=>(const text& a, const text& b) { return a.view() <=> b.view(); }

 private:
  std::vector<char> content_;
};

/// Joins pieces of text.
template <class... Pieces>
constexpr text join(const Pieces&... pieces) {
  text all;
  (all.append(std::string_view(pieces)), ...);
  return all;
}

/// `number` in decimal.
constexpr text decimal(uint128 number) { return text{}.append_number(number); }

/// A short name held in place, of at most `Capacity` bytes: chain names (28), interface names (15).
template <std::size_t Capacity>
class short_text {
 public:
  constexpr short_text() = default;
  /// What does not fit is cut off; readers check the length before (`fits`).
  constexpr short_text(std::string_view content) {
    for (const char c : content) {
      if (size_ == Capacity) break;
      content_[size_++] = c;
    }
  }
  constexpr short_text(const char* content) : short_text(std::string_view(content)) {}

  static constexpr std::size_t capacity = Capacity;
  static constexpr bool fits(std::string_view content) { return content.size() <= Capacity; }

  constexpr std::string_view view() const { return {content_, size_}; }
  constexpr operator std::string_view() const { return view(); }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }

  friend constexpr bool operator==(const short_text& a, const short_text& b) { return a.view() == b.view(); }
  friend constexpr bool operator==(const short_text& a, std::string_view b) { return a.view() == b; }
  friend constexpr bool operator==(const short_text& a, const char* b) { return a.view() == std::string_view(b); }
  friend constexpr auto operator<=>(const short_text& a, const short_text& b) { return a.view() <=> b.view(); }

 private:
  char content_[Capacity] = {};
  std::uint8_t size_ = 0;
};

}  // namespace cordon
