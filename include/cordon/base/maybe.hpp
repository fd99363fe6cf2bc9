// A value or nothing. Not std::optional, which costs the compilers ten milliseconds for each type that it is used with;
// what holds a value here is a plain value and a flag.
#pragma once

#include <utility>

#include <cordon/base/contract.hpp>

namespace cordon {

/// Converts to an empty `maybe` of any type.
struct no_value_type {};
inline constexpr no_value_type no_value{};  ///< what a `maybe` without a value is made from

/// A value of a type with a default constructor, or nothing. Its members mean what those of std::optional of the same name
/// do; to ask for a value that is not there is a broken precondition.
template <class T>
class maybe {
 public:
  using value_type = T;  ///< as std::optional's

  constexpr maybe() = default;
  ///@{
  /// Nothing, or a value.
  constexpr maybe(no_value_type) {}
  constexpr maybe(const T& value) : value_(value), has_(true) {}
  constexpr maybe(T&& value) : value_(std::move(value)), has_(true) {}
  ///@}

  ///@{
  /// As std::optional's; the value of nothing is a broken precondition: no constant expression, and an abort at run time.
  constexpr bool has_value() const { return has_; }
  constexpr explicit operator bool() const { return has_; }
  constexpr T& operator*() & { return has_ ? value_ : missing(value_); }
  constexpr const T& operator*() const& { return has_ ? value_ : missing(value_); }
  constexpr T&& operator*() && { return std::move(has_ ? value_ : missing(value_)); }
  constexpr T* operator->() { return has_ ? &value_ : &missing(value_); }
  constexpr const T* operator->() const { return has_ ? &value_ : &missing(value_); }
  ///@}
  // Not with `?:`: g++ 12 frees what such a temporary holds twice in a constant expression.
  /// The value, or `other` where there is none.
  constexpr T value_or(T other) const {
    if (has_) return value_;
    return other;
  }

  friend constexpr bool operator==(const maybe& a, const maybe& b) {
    return a.has_ == b.has_ && (!a.has_ || a.value_ == b.value_);
  }
  friend constexpr bool operator==(const maybe& a, const T& b) { return a.has_ && a.value_ == b; }
  friend constexpr bool operator==(const maybe& a, no_value_type) { return !a.has_; }

 private:
  template <class Value>
  static constexpr Value& missing(Value& value) {
    detail::contract_broken("a value is asked of a `maybe` that holds nothing");
    return value;
  }

  T value_{};
  bool has_ = false;
};

}  // namespace cordon
