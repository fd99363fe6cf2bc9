// A sequence that several owners can hold together until one of them changes it. A file of rules says the same few things
// again and again: what is read once is then kept once, which is most of what a long rule set takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include <cordon/base/sequence.hpp>

namespace cordon {

/// A value like `sequence`, with the same members, but for `share_with`. Whoever reaches the elements of one that is not
/// const gets elements that nobody else has. Different objects may be used by different threads at the same time, whether
/// they share elements or not.
template <class T>
class shared_sequence {
 public:
  ///@{
  /// As std::vector's.
  using value_type = T;
  using size_type = std::size_t;
  using iterator = T*;
  using const_iterator = const T*;
  ///@}

  constexpr shared_sequence() = default;
  ///@{
  /// The elements of a sequence, or those that are given.
  constexpr shared_sequence(sequence<T> elements) {
    if (!elements.empty()) made().elements = std::move(elements);
  }
  constexpr shared_sequence(std::initializer_list<T> elements) {
    if (elements.size() != 0) made().elements = elements;
  }
  ///@}
  ///@{
  /// Copies each element, unless they are shared already; what was moved from is empty.
  constexpr shared_sequence(const shared_sequence& other) { take(other); }
  constexpr shared_sequence(shared_sequence&& other) noexcept : held_(other.held_) { other.held_ = nullptr; }
  constexpr shared_sequence& operator=(const shared_sequence& other) {
    if (held_ == other.held_) return *this;
    release();
    take(other);
    return *this;
  }
  constexpr shared_sequence& operator=(shared_sequence&& other) noexcept {
    if (this != &other) {
      release();
      held_ = other.held_;
      other.held_ = nullptr;
    }
    return *this;
  }
  ///@}
  constexpr ~shared_sequence() {
    if (held_ != nullptr) release();
  }

  /// Lets `other` have the same elements, without a copy. A pointer or reference through which one of them could be changed,
  /// and that was got before, must not be used any more.
  void share_with(shared_sequence& other) const {
    if (held_ == other.held_) return;
    other.release();
    other.held_ = held_;
    if (held_ != nullptr) held_->add_owner();
  }

  ///@{
  /// All elements; a copy of their own for who may change them, if they are shared.
  constexpr operator const sequence<T>&() const { return elements(); }
  constexpr operator sequence<T>&() { return own(); }
  ///@}

  ///@{
  /// As sequence's.
  constexpr bool empty() const { return elements().empty(); }
  constexpr std::size_t size() const { return elements().size(); }
  constexpr T* data() { return own().data(); }
  constexpr const T* data() const { return elements().data(); }
  constexpr T* begin() { return own().begin(); }
  constexpr const T* begin() const { return elements().begin(); }
  constexpr T* end() { return own().end(); }
  constexpr const T* end() const { return elements().end(); }
  constexpr T& operator[](std::size_t at) { return own()[at]; }
  constexpr const T& operator[](std::size_t at) const { return elements()[at]; }
  constexpr T& front() { return own().front(); }
  constexpr const T& front() const { return elements().front(); }
  constexpr T& back() { return own().back(); }
  constexpr const T& back() const { return elements().back(); }
  constexpr void reserve(std::size_t count) { own().reserve(count); }
  constexpr T& push_back(T element) { return own().push_back(std::move(element)); }
  constexpr void pop_back() { own().pop_back(); }
  constexpr void resize(std::size_t count) { own().resize(count); }
  constexpr void append(const T* from, std::size_t count) { own().append(from, count); }
  constexpr void clear() { release(); }
  constexpr T* insert(const T* where, T element) { return own().insert(where, std::move(element)); }
  constexpr T* erase(const T* where) { return own().erase(where); }
  constexpr T* erase(const T* first, const T* last) { return own().erase(first, last); }
  ///@}

  friend constexpr bool operator==(const shared_sequence& a, const shared_sequence& b) {
    return a.held_ == b.held_ || a.elements() == b.elements();
  }

 private:
  struct block {
    sequence<T> elements = {};
    std::uint32_t owners = 1;

    // Owners may live in different threads. None of this is asked in a constant expression, which shares nothing.
    constexpr bool is_shared() const {
      return !std::is_constant_evaluated() && __atomic_load_n(&owners, __ATOMIC_ACQUIRE) > 1;
    }
    void add_owner() { __atomic_fetch_add(&owners, 1, __ATOMIC_RELAXED); }
    constexpr bool was_last_owner() { return !is_shared() || __atomic_sub_fetch(&owners, 1, __ATOMIC_ACQ_REL) == 0; }
  };
  static constexpr sequence<T> nothing = {};

  constexpr const sequence<T>& elements() const { return held_ != nullptr ? held_->elements : nothing; }
  constexpr block& made() {
    if (held_ == nullptr) held_ = new block;
    return *held_;
  }
  constexpr sequence<T>& own() {
    if (held_ != nullptr && held_->is_shared()) copy_shared();
    return made().elements;
  }
  [[gnu::noinline]] constexpr void copy_shared() {
    auto* const mine = new block{held_->elements};
    release();
    held_ = mine;
  }
  constexpr void take(const shared_sequence& other) {
    if (other.held_ == nullptr) return;
    if (other.held_->is_shared()) {
      held_ = other.held_;
      held_->add_owner();
    } else if (!other.held_->elements.empty()) {
      held_ = new block{other.held_->elements};
    }
  }
  constexpr void release() {
    if (held_ != nullptr && held_->was_last_owner()) delete held_;
    held_ = nullptr;
  }

  block* held_ = nullptr;  // null: no elements
};

}  // namespace cordon
