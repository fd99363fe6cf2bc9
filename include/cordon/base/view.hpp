// Elements that somebody else holds. Not std::span, whose concepts cost the compilers four milliseconds for each type.
#pragma once

#include <cstddef>

#include <cordon/base/sequence.hpp>

namespace cordon {

/// A run of elements of an array or a sequence, valid as long as that is unchanged.
template <class T>
class view {
 public:
  constexpr view() = default;
  ///@{
  /// A view of elements that must outlive it.
  constexpr view(const T* data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t Size>
  constexpr view(const T (&elements)[Size]) : data_(elements), size_(Size) {}
  constexpr view(const sequence<T>& elements) : data_(elements.data()), size_(elements.size()) {}
  ///@}

  ///@{
  /// As std::span's: no index is checked, and what `subspan` is asked for must be there.
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr const T* data() const { return data_; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }
  constexpr const T& operator[](std::size_t at) const { return data_[at]; }
  constexpr const T& front() const { return data_[0]; }
  constexpr const T& back() const { return data_[size_ - 1]; }
  /// The first `count` elements; those from `from` on, or `count` of them.
  constexpr view first(std::size_t count) const { return {data_, count}; }
  constexpr view subspan(std::size_t from) const { return {data_ + from, size_ - from}; }
  constexpr view subspan(std::size_t from, std::size_t count) const { return {data_ + from, count}; }
  ///@}

 private:
  const T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cordon
