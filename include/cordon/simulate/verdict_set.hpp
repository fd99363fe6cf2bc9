// The fates that a packet can meet, as a set: more than one where a rule's decision is not known.
#pragma once

#include <bit>
#include <cstdint>

#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/rule/verdict.hpp>

namespace cordon {

/// A set of verdicts, `unknown` not among them: that is what a set of several is called.
class verdict_set {
 public:
  constexpr verdict_set() = default;
  /// Of one verdict.
  constexpr verdict_set(const verdict& only) { add(only); }

  /// Precondition: `one` is not unknown.
  constexpr void add(const verdict& one) { bits_ |= bit_of(one); }
  ///@{
  /// Of the verdicts in the set: whether one is in it, whether there is none, how many there are, whether a packet may get
  /// out and whether it may be stopped.
  constexpr bool contains(const verdict& one) const { return (bits_ & bit_of(one)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr unsigned size() const { return static_cast<unsigned>(std::popcount(bits_)); }
  constexpr bool may_accept() const { return (bits_ & accept_bit) != 0; }
  constexpr bool may_stop() const { return (bits_ & ~accept_bit) != 0; }
  ///@}

  /// The verdict, if there is just one; else unknown.
  constexpr verdict only() const {
    if (size() != 1) return {.what = verdict::kind::unknown};
    if (bits_ == accept_bit) return {.what = verdict::kind::accept};
    if (bits_ == drop_bit) return {.what = verdict::kind::drop};
    return {.what = verdict::kind::reject, .answer = static_cast<reject_type>(std::countr_zero(bits_))};
  }

  /// The verdicts, each once: the ways to reject, ACCEPT, DROP.
  constexpr sequence<verdict> members() const {
    sequence<verdict> all;
    for (std::uint32_t rest = bits_; rest != 0; rest &= rest - 1) {
      verdict_set one;
      one.bits_ = rest & ~(rest - 1);
      all.push_back(one.only());
    }
    return all;
  }

  /// With those of another set too.
  constexpr verdict_set& operator|=(const verdict_set& more) {
    bits_ |= more.bits_;
    return *this;
  }
  friend constexpr bool operator==(const verdict_set&, const verdict_set&) = default;

 private:
  static constexpr std::uint32_t accept_bit = 1U << 30;
  static constexpr std::uint32_t drop_bit = 1U << 31;
  static constexpr std::uint32_t bit_of(const verdict& one) {
    require(one.what != verdict::kind::unknown, "a set of verdicts holds no unknown one");
    if (one.what == verdict::kind::accept) return accept_bit;
    return one.what == verdict::kind::drop ? drop_bit : 1U << static_cast<unsigned>(one.answer);
  }

  std::uint32_t bits_ = 0;  // of the ways to reject: bit n is reject_type n
};

}  // namespace cordon
