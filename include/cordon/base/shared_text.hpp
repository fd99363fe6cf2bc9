// Text that many owners hold together: each a part of it, none may change it. The lines of a file of rules are such parts,
// which take neither memory of their own nor a copy when a rule is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <cordon/base/text.hpp>

namespace cordon {

/// A run of bytes, at most 2^32 - 1, that never changes. Converts to std::string_view, which is valid as long as this is or
/// a copy of it. Copies may live in different threads.
class shared_text {
 public:
  constexpr shared_text() = default;
  ///@{
  /// A copy of the characters.
  constexpr shared_text(std::string_view content) {
    if (content.empty()) return;
    held_ = new block{text(content)};
    size_ = static_cast<std::uint32_t>(content.size());
  }
  constexpr shared_text(const char* content) : shared_text(std::string_view(content)) {}
  constexpr shared_text(const text& content) : shared_text(content.view()) {}
  ///@}
  ///@{
  /// Copies hold the same characters; what was moved from is empty.
  constexpr shared_text(const shared_text& other) : held_(other.held_), start_(other.start_), size_(other.size_) {
    if (held_ != nullptr) held_->add_owner();
  }
  constexpr shared_text(shared_text&& other) noexcept : held_(other.held_), start_(other.start_), size_(other.size_) {
    other.held_ = nullptr;
    other.size_ = 0;
  }
  constexpr shared_text& operator=(const shared_text& other) {
    if (other.held_ != nullptr) other.held_->add_owner();
    return take(other);
  }
  constexpr shared_text& operator=(shared_text&& other) noexcept {
    if (this == &other) return *this;
    take(other);
    other.held_ = nullptr;
    other.size_ = 0;
    return *this;
  }
  ///@}
  constexpr ~shared_text() {
    if (held_ != nullptr) release();
  }

  ///@{
  /// As std::string's.
  constexpr std::string_view view() const {
    return size_ == 0 ? std::string_view() : std::string_view(held_->bytes.view().data() + start_, size_);
  }
  constexpr operator std::string_view() const { return view(); }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  ///@}
  /// Lets the characters go.
  constexpr void clear() { *this = shared_text(); }

  friend constexpr bool operator==(const shared_text& a, const shared_text& b) { return same_bytes(a, b); }
  friend constexpr bool operator==(const shared_text& a, std::string_view b) { return same_bytes(a, b); }
  friend constexpr bool operator==(const shared_text& a, const char* b) { return same_bytes(a, b); }

 private:
  friend class shared_lines;

  struct block {
    text bytes = {};
    std::uint32_t owners = 1;

    constexpr void add_owner() {
      if (std::is_constant_evaluated())
        ++owners;
      else
        __atomic_fetch_add(&owners, 1, __ATOMIC_RELAXED);
    }
    constexpr bool was_last_owner() {
      if (std::is_constant_evaluated()) return --owners == 0;
      return __atomic_sub_fetch(&owners, 1, __ATOMIC_ACQ_REL) == 0;
    }
  };

  constexpr void release() {
    if (held_->was_last_owner()) delete held_;
  }
  constexpr shared_text& take(const shared_text& other) {
    if (held_ != nullptr) release();
    held_ = other.held_;
    start_ = other.start_;
    size_ = other.size_;
    return *this;
  }

  block* held_ = nullptr;
  std::uint32_t start_ = 0;
  std::uint32_t size_ = 0;
};

/// Keeps the lines of a text, some hundred of them together: what one of them needs is freed when all of those are gone.
class shared_lines {
 public:
  /// A copy of a line. `to_come`: how many bytes all lines from this one on have at most.
  constexpr shared_text add(std::string_view line, std::size_t to_come) {
    if (line.empty()) return {};
    if (line.size() > left_) {
      left_ = to_come < piece ? to_come : piece;
      if (left_ < line.size()) left_ = line.size();
      last_ = shared_text();
      last_.held_ = new shared_text::block;
      last_.held_->bytes.reserve(left_);
    }
    shared_text made = last_;
    made.start_ = static_cast<std::uint32_t>(last_.held_->bytes.size());
    made.size_ = static_cast<std::uint32_t>(line.size());
    last_.held_->bytes.append(line);
    left_ -= line.size();
    return made;
  }

 private:
  static constexpr std::size_t piece = 16384;

  shared_text last_;      // whose block has room
  std::size_t left_ = 0;  // for so many bytes
};

}  // namespace cordon
