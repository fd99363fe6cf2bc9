// Things by number, equal ones by the same: a hash table over things that somebody else keeps.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/sequence.hpp>

namespace cordon::detail {

constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t more) {
  hash = (hash ^ more) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29);
}

class interned {
 public:
  /// The number of the thing with that hash for which `is_equal(number)` holds, or the next number, which is then its own.
  template <class IsEqual>
  constexpr std::uint32_t find_or_add(std::uint64_t hash, const IsEqual& is_equal) {
    if (2 * (hashes_.size() + 1) > table_.size()) grow();
    std::size_t slot = static_cast<std::size_t>(hash) & (table_.size() - 1);
    for (; table_[slot] != 0; slot = (slot + 1) & (table_.size() - 1))
      if (hashes_[table_[slot] - 1] == hash && is_equal(table_[slot] - 1)) return table_[slot] - 1;
    hashes_.push_back(hash);
    table_[slot] = static_cast<std::uint32_t>(hashes_.size());
    return table_[slot] - 1;
  }
  constexpr std::size_t size() const { return hashes_.size(); }

 private:
  constexpr void grow() {
    const std::size_t size = table_.empty() ? 16 : 2 * table_.size();
    table_.assign(size, 0);
    for (std::uint32_t i = 0; i < hashes_.size(); ++i) {
      std::size_t slot = static_cast<std::size_t>(hashes_[i]) & (size - 1);
      while (table_[slot] != 0) slot = (slot + 1) & (size - 1);
      table_[slot] = i + 1;
    }
  }

  sequence<std::uint32_t> table_;  // number + 1, 0: free
  sequence<std::uint64_t> hashes_;
};

}  // namespace cordon::detail
