// What the rest of a chain decides, kept for when it is asked again: behind n rules that each may have changed a packet the
// same rest is come to on 2^n ways, but in few situations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/space/diagram.hpp>

namespace cordon::detail {

/// Decisions of the rests of one table's chains.
class known_rests {
 public:
  /// A rest: from which rule of which chain on, and for packets in which situation. `rule` is not 0.
  struct rest {
    std::uint32_t chain = 0;  ///< of the table's chains
    std::uint32_t rule = 0;   ///< the first
    std::uint32_t in = 0;     ///< the situation's number

    friend constexpr bool operator==(const rest&, const rest&) = default;
  };

  /// What the rest decides; null if that was not kept. Holds until the next `keep`.
  constexpr const diagram* find(const rest& wanted) const {
    if (kept_.empty()) return nullptr;
    const entry& found = kept_[slot_of(wanted)];
    return found.of.rule != 0 ? &found.decides : nullptr;
  }

  /// Keeps what a rest decides, which was not kept yet.
  constexpr void keep(const rest& of, diagram decides) {
    if (2 * (count_ + 1) > kept_.size()) grow();
    kept_[slot_of(of)] = {of, decides};
    ++count_;
  }

 private:
  struct entry {
    rest of = {};
    diagram decides = no_packet;
  };

  // Where it is, or would be.
  constexpr std::size_t slot_of(const rest& wanted) const {
    std::uint64_t hash = wanted.chain;
    for (const std::uint32_t more : {wanted.rule, wanted.in}) {
      hash = (hash ^ more) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 29;
    }
    std::size_t slot = static_cast<std::size_t>(hash) & (kept_.size() - 1);
    while (kept_[slot].of.rule != 0 && !(kept_[slot].of == wanted)) slot = (slot + 1) & (kept_.size() - 1);
    return slot;
  }

  constexpr void grow() {
    const sequence<entry> before = std::move(kept_);
    kept_ = sequence<entry>(before.empty() ? 16 : 2 * before.size(), entry{});
    for (const entry& one : before)
      if (one.of.rule != 0) kept_[slot_of(one.of)] = one;
  }

  sequence<entry> kept_;  // open addressing, a power of two of slots; those of rule 0 are free
  std::size_t count_ = 0;
};

}  // namespace cordon::detail
