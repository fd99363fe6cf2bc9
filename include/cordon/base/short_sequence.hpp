// A sequence that mostly holds one element: that one stands in place, and only more of them take memory of their own. The
// numbers of an option are such a sequence, and a file has hundreds of thousands of those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>

namespace cordon {

/// Elements of one type that can be copied byte by byte, one after the other; at most 2^32 - 1. Its members mean what
/// those of std::vector of the same name do, and invalidate what those do; moving it invalidates pointers to its elements.
template <class T>
class short_sequence {
  static_assert(__is_trivially_copyable(T));

 public:
  constexpr short_sequence() = default;
  /// Copies of those that are given.
  constexpr short_sequence(std::initializer_list<T> elements) { append(elements.begin(), elements.size()); }
  ///@{
  /// Copies each element; what was moved from is empty.
  constexpr short_sequence(const short_sequence& other) { append(other.data(), other.size_); }
  constexpr short_sequence(short_sequence&& other) noexcept
      : size_(other.size_), capacity_(other.capacity_), more_(other.more_), one_(other.one_) {
    other.forget();
  }
  constexpr short_sequence& operator=(const short_sequence& other) {
    if (this != &other) {
      size_ = 0;
      append(other.data(), other.size_);
    }
    return *this;
  }
  constexpr short_sequence& operator=(short_sequence&& other) noexcept {
    if (this != &other) {
      if (more_ != nullptr) delete[] more_;
      size_ = other.size_;
      capacity_ = other.capacity_;
      more_ = other.more_;
      one_ = other.one_;
      other.forget();
    }
    return *this;
  }
  ///@}
  constexpr ~short_sequence() {
    if (more_ != nullptr) delete[] more_;
  }

  ///@{
  /// As std::vector's: no index is checked, `front` and `back` need an element, and pointers hold until the sequence grows.
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr T* data() { return more_ != nullptr ? more_ : &one_; }
  constexpr const T* data() const { return more_ != nullptr ? more_ : &one_; }
  constexpr T* begin() { return data(); }
  constexpr const T* begin() const { return data(); }
  constexpr T* end() { return data() + size_; }
  constexpr const T* end() const { return data() + size_; }
  constexpr T& operator[](std::size_t at) { return data()[at]; }
  constexpr const T& operator[](std::size_t at) const { return data()[at]; }
  constexpr T& front() { return data()[0]; }
  constexpr const T& front() const { return data()[0]; }
  constexpr T& back() { return data()[size_ - 1]; }
  constexpr const T& back() const { return data()[size_ - 1]; }
  constexpr operator view<T>() const { return {data(), size_}; }
  ///@}

  /// Adds an element at the end, and gives it: valid until the sequence grows. The element may be one of the sequence's own.
  constexpr T& push_back(T element) {
    reserve(size_ + std::size_t{1});
    return data()[size_++] = element;
  }
  /// Takes the last element out: there must be one.
  constexpr void pop_back() { --size_; }
  ///@{
  /// As std::vector's.
  constexpr void clear() { size_ = 0; }
  constexpr void resize(std::size_t count) {
    reserve(count);
    for (T *at = data() + size_, *const to = data() + count; at < to; ++at) *at = T{};
    size_ = static_cast<std::uint32_t>(count);
  }
  ///@}
  /// Copies `count` elements, which are not of this sequence, to the end.
  constexpr void append(const T* from, std::size_t count) {
    reserve(size_ + count);
    for (T* to = data() + size_; count != 0; --count, ++size_) *to++ = *from++;
  }
  ///@{
  /// Takes out one element, or those from `first` to before `last`; gives where the next one is then.
  constexpr T* erase(const T* where) { return erase(where, where + 1); }
  constexpr T* erase(const T* first, const T* last) {
    T* const at = data() + (first - data());
    T* to = at;
    for (const T *from = last, *const to_end = end(); from != to_end; ++from) *to++ = *from;
    size_ = static_cast<std::uint32_t>(to - data());
    return at;
  }
  ///@}

  friend constexpr bool operator==(const short_sequence& a, const short_sequence& b) {
    if (a.size_ != b.size_) return false;
    for (const T *one = a.data(), *other = b.data(), *const to = one + a.size_; one != to; ++one, ++other)
      if (!(*one == *other)) return false;
    return true;
  }

 private:
  constexpr void forget() {
    size_ = 0;
    capacity_ = 1;
    more_ = nullptr;
  }

  // Room for so many elements.
  constexpr void reserve(std::size_t count) {
    if (count > capacity_) grow(count);
  }
  [[gnu::noinline]] constexpr void grow(std::size_t count) {
    if (count < 2 * std::size_t{size_}) count = 2 * std::size_t{size_};
    T* const made = new T[count];
    for (std::uint32_t i = 0; i < size_; ++i) made[i] = data()[i];
    if (more_ != nullptr) delete[] more_;
    more_ = made;
    capacity_ = static_cast<std::uint32_t>(count);
  }

  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 1;
  T* more_ = nullptr;  // null: `one_` is all there is
  T one_ = {};
};

}  // namespace cordon
