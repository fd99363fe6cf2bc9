// A table while its lines are read: its chains in the order in which they came, found by name in constant time however
// many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/bytes.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/rule/table.hpp>

namespace cordon {

/// The chains of one table under construction.
class table_builder {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};  ///< no chain's index

  constexpr table_builder() : table_builder(table_name::filter) {}
  /// Of a table with its built-in chains alone.
  explicit constexpr table_builder(table_name name) : name_(name) {
    if (std::is_constant_evaluated()) chains_.reserve(few);  // where every move is paid dearly
    for (const std::string_view built_in : built_in_chains(name)) add({built_in, chain_policy::accept, {}, {}});
    built_in_count_ = static_cast<std::uint32_t>(chains_.size());
  }

  ///@{
  /// What has been built so far; the built-in chains come first.
  constexpr table_name name() const { return name_; }
  constexpr sequence<chain>& chains() { return chains_; }
  constexpr const sequence<chain>& chains() const { return chains_; }
  constexpr bool is_built_in(std::uint32_t index) const { return index < built_in_count_; }
  ///@}

  /// The index of the chain of that name, or `none`.
  constexpr std::uint32_t find(std::string_view name) const {
    if (chains_.size() <= few) {
      const chain* const first = chains_.data();
      const auto count = static_cast<std::uint32_t>(chains_.size());
      for (std::uint32_t i = 0; i < count; ++i)
        if (first[i].name.size() == name.size() && same_bytes(first[i].name, name)) return i;
      return none;
    }
    for (std::size_t at = hash(name) & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == none) return none;
      if (chains_[slots_[at]].name == name) return slots_[at];
    }
  }

  /// Adds a chain, whose name is not there yet; returns its index.
  constexpr std::uint32_t add(chain made) {
    chains_.push_back(std::move(made));
    const auto index = static_cast<std::uint32_t>(chains_.size() - 1);
    if (chains_.size() == few + 1 || chains_.size() * 2 > slots_.size())
      index_again();
    else if (chains_.size() > few)
      put(index);
    return index;
  }

  /// Takes the chains at the marked indices away.
  constexpr void remove(const sequence<char>& marked) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      if (marked[i] != 0) continue;
      if (kept != i) chains_[kept] = std::move(chains_[i]);
      ++kept;
    }
    chains_.resize(kept);
    index_again();
  }

  /// Gives the chain at `index` a name that is not there yet, wherever it is named.
  constexpr void rename(std::uint32_t index, std::string_view name) {
    const chain_name old = chains_[index].name;
    for (chain& one : chains_)
      for (rule& each : one.rules)
        if ((each.target.what == target::kind::jump || each.target.what == target::kind::go_to) &&
            each.target.name == old.view())
          each.target.name = name;
    chains_[index].name = chain_name(name);
    index_again();
  }

  /// The table: built-in chains first, then the user chains in the order of their names.
  constexpr table finish() && {
    detail::sort(chains_.begin() + built_in_count_, chains_.end(),
                 [](const chain& a, const chain& b) { return a.name < b.name; });
    return {name_, std::move(chains_)};
  }

 private:
  static constexpr std::size_t few = 12;  // up to here looking at each is the faster way

  static constexpr std::size_t hash(std::string_view name) {
    std::size_t mixed = 14695981039346656037U;  // FNV-1a
    for (const char c : name) mixed = (mixed ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return mixed ^ (mixed >> 29);
  }
  constexpr void put(std::uint32_t index) {
    std::size_t at = hash(chains_[index].name) & (slots_.size() - 1);
    while (slots_[at] != none) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = index;
  }
  constexpr void index_again() {
    slots_.clear();
    if (chains_.size() <= few) return;
    std::size_t size = 64;
    while (size < chains_.size() * 4) size *= 2;
    slots_.resize(size, none);
    for (std::uint32_t i = 0; i < chains_.size(); ++i) put(i);
  }

  table_name name_;
  sequence<chain> chains_;
  sequence<std::uint32_t> slots_;  // a hash table of indices, its size a power of two
  std::uint32_t built_in_count_ = 0;
};

}  // namespace cordon
