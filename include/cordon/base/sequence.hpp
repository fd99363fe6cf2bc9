// A growable array for all that a firewall is made of. Not std::vector: <vector> and what each element type instantiates of
// it were three quarters of what including the library cost, and in a constant expression clang counts seventeen steps
// for a push_back of std::vector, and two for one of these.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include <cordon/base/language.hpp>

namespace cordon {

/// Elements of one type, one after the other. Its members mean what those of std::vector of the same name do, and
/// invalidate what those do; an element type has a default constructor, and elements beyond `size()` may exist.
template <class T>
class sequence {
 public:
  ///@{
  /// As std::vector's.
  using value_type = T;
  using size_type = std::size_t;
  using iterator = T*;
  using const_iterator = const T*;
  ///@}

  constexpr sequence() = default;
  ///@{
  /// As std::vector's: `count` elements, equal to `value` or made from nothing; or copies of those that are given.
  constexpr explicit sequence(std::size_t count) { resize(count); }
  constexpr sequence(std::size_t count, const T& value) { assign(count, value); }
  constexpr sequence(std::initializer_list<T> elements) { append(elements.begin(), elements.size()); }
  template <class From>
    requires requires(From from) { *from; }
  constexpr sequence(From first, From last) {
    for (; first != last; ++first) push_back(*first);
  }
  ///@}
  ///@{
  /// Copies each element; what was moved from is empty.
  constexpr sequence(const sequence& other) { append(other.data_, other.size_); }
  constexpr sequence(sequence&& other) noexcept : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
    other.data_ = nullptr;
    other.size_ = other.capacity_ = 0;
  }
  constexpr sequence& operator=(const sequence& other) {
    if (this != &other) {
      size_ = 0;
      append(other.data_, other.size_);
    }
    return *this;
  }
  constexpr sequence& operator=(sequence&& other) noexcept {
    if (this != &other) {
      T* const old = data_;
      data_ = other.data_;
      size_ = other.size_;
      capacity_ = other.capacity_;
      other.data_ = nullptr;
      other.size_ = other.capacity_ = 0;
      free(old);
    }
    return *this;
  }
  ///@}
  constexpr ~sequence() { free(data_); }

  ///@{
  /// As std::vector's: no index is checked, `front` and `back` need an element, and pointers hold until the sequence grows.
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr std::size_t capacity() const { return capacity_; }
  constexpr T* data() { return data_; }
  constexpr const T* data() const { return data_; }
  constexpr T* begin() { return data_; }
  constexpr const T* begin() const { return data_; }
  constexpr T* end() { return data_ + size_; }
  constexpr const T* end() const { return data_ + size_; }
  constexpr T& operator[](std::size_t at) { return data_[at]; }
  constexpr const T& operator[](std::size_t at) const { return data_[at]; }
  constexpr T& front() { return data_[0]; }
  constexpr const T& front() const { return data_[0]; }
  constexpr T& back() { return data_[size_ - 1]; }
  constexpr const T& back() const { return data_[size_ - 1]; }
  ///@}

  /// Makes room for `count` elements in all; there may be more.
  constexpr void reserve(std::size_t count) {
    if (count > capacity_) move_to(count);
  }
  // By value, so that the new element may be one of this very sequence.
  /// Adds an element at the end, and gives it: valid until the sequence grows. The element may be one of the sequence's own.
  constexpr T& push_back(T element) {
    if (size_ == capacity_) move_to(size_ == 0 ? 4 : 2 * size_);
    return data_[size_++] = std::move(element);
  }
  /// Takes the last element out: there must be one.
  constexpr void pop_back() {
    --size_;
    if constexpr (!__is_trivially_copyable(T)) data_[size_] = T{};
  }
  ///@{
  /// As std::vector's.
  constexpr void clear() { shrink(0); }
  constexpr void resize(std::size_t count, const T& value = T{}) {
    if (count <= size_) return shrink(count);
    reserve(count);
    for (T *at = data_ + size_, *const to = data_ + count; at != to; ++at) *at = value;
    size_ = count;
  }
  constexpr void assign(std::size_t count, const T& value) {
    size_ = 0;
    reserve(count);
    for (T *at = data_, *const to = data_ + count; at != to; ++at) *at = value;
    size_ = count;
  }
  ///@}
  /// Copies `count` elements, which are not of this sequence, to the end.
  [[gnu::noinline]] constexpr void append(const T* from, std::size_t count) {
    if (count == 0) return;
    if (size_ + count > capacity_) move_to(size_ == 0 || size_ + count > 2 * size_ ? size_ + count : 2 * size_);
    copy(from, count, data_ + size_);
    size_ += count;
  }
  /// Adds copies of another's elements at the end.
  constexpr void append(const sequence& other) { append(other.data_, other.size_); }
  /// Moves all elements of another sequence to the end.
  constexpr void append(sequence&& other) {
    if (size_ == 0)
      *this = std::move(other);
    else
      insert(end(), std::move(other));
  }

  /// Puts an element before `where`, a pointer into the sequence or its end; gives where it is then.
  constexpr T* insert(const T* where, T element) {
    T* const at = make_room(where, 1);
    *at = std::move(element);
    return at;
  }
  /// Moves all elements of another sequence there.
  constexpr T* insert(const T* where, sequence&& others) {
    T* const at = make_room(where, others.size_);
    for (T *to = at, *from = others.data_, *const last = others.end(); from != last;) *to++ = std::move(*from++);
    others.clear();
    return at;
  }
  ///@{
  /// Takes out one element, or those from `first` to before `last`; gives where the next one is then.
  constexpr T* erase(const T* where) { return erase(where, where + 1); }
  constexpr T* erase(const T* first, const T* last) {
    T* const at = data_ + (first - data_);
    T* to = at;
    for (T *from = data_ + (last - data_), *const to_end = end(); from != to_end; ++from) *to++ = std::move(*from);
    shrink(static_cast<std::size_t>(to - data_));
    return at;
  }
  ///@}

  // For generic code that looks for them by argument.
  ///@{
  /// For loops over a range.
  friend constexpr T* begin(sequence& of) { return of.begin(); }
  friend constexpr const T* begin(const sequence& of) { return of.begin(); }
  friend constexpr T* end(sequence& of) { return of.end(); }
  friend constexpr const T* end(const sequence& of) { return of.end(); }
  ///@}

  friend constexpr bool operator==(const sequence& a, const sequence& b) {
    if (a.size_ != b.size_) return false;
    for (const T *one = a.data_, *other = b.data_, *const to = one + a.size_; one != to; ++one, ++other)
      if (!(*one == *other)) return false;
    return true;
  }

 private:
  // What is rarely run is kept out of line: inlined at each of a thousand places it was most of a program's compile time.
  [[gnu::noinline]] static constexpr void free_elements(T* elements) { delete[] elements; }

  static constexpr void free(T* elements) {
    if constexpr (__is_trivially_copyable(T))
      delete[] elements;
    else if (elements != nullptr)
      free_elements(elements);
  }

  static constexpr void copy(const T* from, std::size_t count, T* to) {
    if constexpr (__is_trivially_copyable(T)) {
#ifndef __clang__
      if (!std::is_constant_evaluated())
#endif
      {
        __builtin_memcpy(to, from, count * sizeof(T));
        return;
      }
    }
    for (const T* const from_end = from + count; from != from_end;) *to++ = *from++;
  }

  [[gnu::noinline]] constexpr void move_to(std::size_t capacity) {
    T* const old = data_;
    data_ = new T[capacity];
    capacity_ = capacity;
    if (old == nullptr) return;
    if constexpr (__is_trivially_copyable(T))
      copy(old, size_, data_);
    else
      for (std::size_t i = 0; i < size_; ++i) data_[i] = std::move(old[i]);
    delete[] old;
  }

  // Makes a gap of `count` elements at `where`, which may hold anything.
  [[gnu::noinline]] constexpr T* make_room(const T* where, std::size_t count) {
    const auto place = static_cast<std::size_t>(where - data_);
    if (size_ + count > capacity_) move_to(size_ + count > 2 * size_ ? size_ + count : 2 * size_);
    for (std::size_t i = size_; i > place; --i) data_[i - 1 + count] = std::move(data_[i - 1]);
    size_ += count;
    return data_ + place;
  }

  // What an element that is gone holds is freed at once, as std::vector does.
  [[gnu::noinline]] constexpr void shrink(std::size_t count) {
    if constexpr (!__is_trivially_copyable(T))
      for (std::size_t i = count; i < size_; ++i) data_[i] = T{};
    size_ = count;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cordon
