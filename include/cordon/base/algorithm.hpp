// What is asked of runs of elements again and again. Not <algorithm>: its sort alone is half a second for the compilers,
// and hundreds of steps for an element in a constant expression.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/sequence.hpp>

namespace cordon {

namespace detail {

template <class T>
constexpr const T& smaller_of(const T& a, const T& b) {
  return b < a ? b : a;
}
template <class T>
constexpr const T& greater_of(const T& a, const T& b) {
  return a < b ? b : a;
}

/// `a < b`, where an order is asked for.
struct ascending {
  template <class T>
  constexpr bool operator()(const T& a, const T& b) const {
    return a < b;
  }
};

/// Whether a run holds an element that equals `wanted`.
template <class Run, class T>
constexpr bool has(const Run& in, const T& wanted) {
  for (const auto& one : in)
    if (one == wanted) return true;
  return false;
}

/// Whether a condition holds for one of a run's elements.
template <class Run, class Condition>
constexpr bool any_of(const Run& in, const Condition& holds) {
  for (const auto& one : in)
    if (holds(one)) return true;
  return false;
}

/// Whether a condition holds for all of a run's elements.
template <class Run, class Condition>
constexpr bool all_of(const Run& in, const Condition& holds) {
  for (const auto& one : in)
    if (!holds(one)) return false;
  return true;
}

/// Turns a run round.
template <class T>
constexpr void reverse(sequence<T>& all) {
  for (std::size_t low = 0, high = all.size(); low + 1 < high; ++low) {
    T moved = std::move(all[low]);
    all[low] = std::move(all[--high]);
    all[high] = std::move(moved);
  }
}

template <class T, class Less>
constexpr void merge_sort(T* first, std::size_t count, const Less& less, sequence<T>& room) {
  if (count < 12) {
    for (T *next = first + (count != 0), *const end = first + count; next < end; ++next) {
      if (!less(*next, next[-1])) continue;
      T moved = std::move(*next);
      T* at = next;
      do {
        *at = std::move(at[-1]);
        --at;
      } while (at != first && less(moved, at[-1]));
      *at = std::move(moved);
    }
    return;
  }
  const std::size_t half = count / 2;
  merge_sort(first, half, less, room);
  merge_sort(first + half, count - half, less, room);
  if (!less(first[half], first[half - 1])) return;
  if (room.size() < half) room.resize(half);
  T* left = room.data();
  T* const left_end = left + half;
  for (std::size_t i = 0; i < half; ++i) left[i] = std::move(first[i]);
  T* right = first + half;
  T* const right_end = first + count;
  for (; left != left_end && right != right_end; ++first)
    *first = less(*right, *left) ? std::move(*right++) : std::move(*left++);
  for (; left != left_end; ++first) *first = std::move(*left++);
}
/// Sorts a run; equal elements stay as they stood.
template <class T, class Less = ascending>
constexpr void sort(T* first, T* last, const Less& less = {}) {
  sequence<T> room;
  merge_sort(first, static_cast<std::size_t>(last - first), less, room);
}
template <class T, class Less = ascending>
constexpr void sort(sequence<T>& all, const Less& less = {}) {
  sort(all.begin(), all.end(), less);
}

/// Sorts a run and leaves one of each kind.
template <class T>
constexpr void sort_unique(sequence<T>& all) {
  sort(all);
  T* to = all.begin();
  for (T *one = to, *const end = all.end(); one != end; ++one) {
    if (one != all.begin() && !(to[-1] < *one)) continue;
    *to++ = std::move(*one);
  }
  all.erase(to, all.end());
}

/// The first place in an ascending run that is not less than `wanted`.
template <class T, class Wanted, class Less = ascending>
constexpr T* lower_bound(T* first, T* last, const Wanted& wanted, const Less& less = {}) {
  while (first != last) {
    T* const middle = first + (last - first) / 2;
    if (less(*middle, wanted))
      first = middle + 1;
    else
      last = middle;
  }
  return first;
}

}  // namespace detail

/// Takes out the elements for which a condition holds; how many there were.
template <class T, class Condition>
constexpr std::size_t erase_if(sequence<T>& from, const Condition& holds) {
  T* to = from.begin();
  for (T *one = to, *const end = from.end(); one != end; ++one) {
    if (holds(static_cast<const T&>(*one))) continue;
    if (to != one) *to = std::move(*one);
    ++to;
  }
  const auto gone = static_cast<std::size_t>(from.end() - to);
  from.erase(to, from.end());
  return gone;
}

}  // namespace cordon
