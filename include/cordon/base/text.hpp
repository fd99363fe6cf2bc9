// Text that works in constant expressions on every supported compiler: std::string does not (clang with libstdc++
// rejects it). A vector of characters does, but costs clang seventeen steps for each of them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/bytes.hpp>
#include <cordon/base/uint128.hpp>

namespace cordon {

/// A run of bytes of any length. Converts to std::string_view, which is valid as long as the text is unchanged.
class text {
 public:
  constexpr text() = default;
  ///@{
  /// A copy of the characters.
  constexpr text(std::string_view content) { append(content); }
  constexpr text(const char* content) : text(std::string_view(content)) {}
  ///@}
  ///@{
  /// Copies the characters; what was moved from is empty.
  constexpr text(const text& other) { append(other.view()); }
  constexpr text(text&& other) noexcept : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
    other.data_ = nullptr;
    other.size_ = other.capacity_ = 0;
  }
  constexpr text& operator=(const text& other) {
    if (this != &other) {
      size_ = 0;
      append(other.view());
    }
    return *this;
  }
  constexpr text& operator=(text&& other) noexcept {
    if (this != &other) {
      delete[] data_;
      data_ = other.data_;
      size_ = other.size_;
      capacity_ = other.capacity_;
      other.data_ = nullptr;
      other.size_ = other.capacity_ = 0;
    }
    return *this;
  }
  ///@}
  constexpr ~text() {
    if (data_ != nullptr) delete[] data_;
  }

  ///@{
  /// As std::string's; a view holds until the text changes.
  constexpr std::string_view view() const { return {data_, size_}; }
  constexpr operator std::string_view() const { return {data_, size_}; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  ///@}
  /// Makes room for `count` characters in all; there may be more.
  constexpr void reserve(std::size_t count) {
    if (count <= capacity_) return;
    char* const outgrown = grow(count - size_);
    if (outgrown != nullptr) delete[] outgrown;
  }
  /// Takes all characters out, and keeps their room.
  constexpr void clear() { size_ = 0; }

  ///@{
  /// Adds characters at the end, and gives the text again.
  [[gnu::noinline]] constexpr text& append(std::string_view more) {
    // Nothing is freed before it was copied: `more` may be a part of this very text.
    char* const outgrown = more.size() > capacity_ - size_ ? grow(more.size()) : nullptr;
    copy_bytes(data_ + size_, more.data(), more.size());
    size_ += more.size();
    if (outgrown != nullptr) delete[] outgrown;
    return *this;
  }
  [[gnu::noinline]] constexpr text& append(char more) {
    char* const outgrown = size_ == capacity_ ? grow(1) : nullptr;
    data_[size_++] = more;
    if (outgrown != nullptr) delete[] outgrown;
    return *this;
  }
  ///@}
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

  friend constexpr bool operator==(const text& a, const text& b) { return same_bytes(a, b); }
  friend constexpr bool operator==(const text& a, std::string_view b) { return same_bytes(a, b); }
  friend constexpr bool operator==(const text& a, const char* b) { return same_bytes(a, b); }
  friend constexpr auto operator<=>(const text& a, const text& b) { return a.view() <=> b.view(); }

 private:
  // Moves to a place with room for `more` bytes; returns the old place, which the caller frees.
  constexpr char* grow(std::size_t more) {
    char* const old = data_;
    // A first piece is often the only one.
    capacity_ = capacity_ == 0 ? more : size_ + more + size_ / 2 + 16;
    data_ = new char[capacity_];
    copy_bytes(data_, old, size_);
    return old;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

namespace detail {
[[gnu::noinline]] constexpr text joined(const std::string_view* pieces, std::size_t count) {
  text all;
  for (const std::string_view* const end = pieces + count; pieces != end; ++pieces) all.append(*pieces);
  return all;
}
}  // namespace detail

/// Joins pieces of text.
template <class... Pieces>
constexpr text join(const Pieces&... pieces) {
  const std::string_view views[] = {std::string_view(pieces)...};
  return detail::joined(views, sizeof...(pieces));
}

/// `number` in decimal.
constexpr text decimal(uint128 number) { return text{}.append_number(number); }

/// A short name held in place, of at most `Capacity` bytes: chain names (28), interface names (15).
template <std::size_t Capacity>
class short_text {
 public:
  constexpr short_text() = default;
  /// What does not fit is cut off; readers check the length before (`fits`).
  constexpr short_text(std::string_view content)
      : size_(static_cast<std::uint8_t>(content.size() < Capacity ? content.size() : Capacity)) {
    copy_bytes(content_, content.data(), size_);
  }
  ///@{
  /// As from a std::string_view.
  constexpr short_text(const char* content) : short_text(std::string_view(content)) {}
  constexpr short_text(const text& content) : short_text(content.view()) {}
  ///@}

  static constexpr std::size_t capacity = Capacity;  ///< the most characters that fit
  /// Whether so many characters fit.
  static constexpr bool fits(std::string_view content) { return content.size() <= Capacity; }

  ///@{
  /// As std::string_view's; a view holds as long as the text does.
  constexpr std::string_view view() const { return {content_, size_}; }
  constexpr operator std::string_view() const { return view(); }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  ///@}

  friend constexpr bool operator==(const short_text& a, const short_text& b) { return same_bytes(a, b); }
  friend constexpr bool operator==(const short_text& a, std::string_view b) { return same_bytes(a, b); }
  friend constexpr bool operator==(const short_text& a, const char* b) { return same_bytes(a, b); }
  friend constexpr auto operator<=>(const short_text& a, const short_text& b) { return a.view() <=> b.view(); }

 private:
  char content_[Capacity] = {};
  std::uint8_t size_ = 0;
};

}  // namespace cordon
