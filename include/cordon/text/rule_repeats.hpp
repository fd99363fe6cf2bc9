// Lines that say what a line before them said, but for their addresses: most of a long rule set. Their rules are copied,
// not read. Run time only: a constant expression reads each line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/bytes.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/text/rule_addresses.hpp>

namespace cordon {

/// `-A CHAIN [-s ADDRESS] [-d ADDRESS] ...` as iptables-save prints it, cut in its parts.
struct appended_rule {
  std::string_view chain = {};       ///< its name
  bool has_source = false;           ///< whether -s stands there
  bool has_destination = false;      ///< whether -d does
  cordon::network source = {};       ///< of -s
  cordon::network destination = {};  ///< of -d
  std::string_view rest = {};        ///< all that stands behind, with the blank before it
};

namespace detail {
// As `read_rule_network`, but only of one network that it has nothing to say about.
constexpr bool read_plain_network(std::string_view written, family of, network& into) {
  if (of == family::ipv4) return read_printed_ipv4_network(written, into);
  const char* const end = written.data() + written.size();
  return find_byte(written.data(), end, ':') != end && find_byte(written.data(), end, ',') == end &&
         read_rule_network(written, of, into).empty() && into.mask != 0;
}
}  // namespace detail

/// Cuts a line so. False: it is not quite that, which says nothing of whether it can be read.
constexpr bool cut_appended_rule(std::string_view line, family of, appended_rule& into) {
  const char* at = line.data();
  const char* const end = at + line.size();
  if (line.size() < 4 || at[0] != '-' || at[1] != 'A' || at[2] != ' ') return false;
  at += 3;
  const char* stop = find_byte(at, end, ' ');
  into.chain = {at, static_cast<std::size_t>(stop - at)};
  at = stop;
  const auto cut = [&](char letter, bool& given, network& address) {
    if (end - at < 5 || at[1] != '-' || at[2] != letter || at[3] != ' ') return true;
    stop = find_byte(at + 4, end, ' ');
    const std::string_view written(at + 4, static_cast<std::size_t>(stop - at - 4));
    at = stop;
    given = true;
    return detail::read_plain_network(written, of, address);
  };
  if (!cut('s', into.has_source, into.source) || !cut('d', into.has_destination, into.destination)) return false;
  into.rest = {at, static_cast<std::size_t>(end - at)};
  return true;
}

/// Where rules stand whose lines may come again with other addresses. Remembers some ten thousands of them, the newest.
class rule_repeats {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};  ///< no rule's index

  /// The index within its chain of a rule that was remembered, and whose line differs from `line` in addresses alone.
  std::uint32_t find(std::uint32_t chain, const appended_rule& line) {
    // No text holds so many chains that this is not one number for each chain and kind of line.
    kind_ = chain * 4U + (line.has_source ? 2U : 0U) + (line.has_destination ? 1U : 0U);
    hash_ = hash(kind_, line.rest);
    if (slots_.empty()) return none;
    const entry& found = slots_[hash_ & (slots_.size() - 1)];
    if (found.generation != generation_ || found.kind != kind_ || !same_bytes(found.rest, line.rest)) return none;
    return found.rule;
  }
  /// Remembers the rule of the line that was looked for last. Its text must outlive this.
  void remember(const appended_rule& line, std::uint32_t rule) {
    if (++remembered_ > slots_.size() / 4 && slots_.size() < most) grow();
    slots_[hash_ & (slots_.size() - 1)] = {line.rest, kind_, rule, generation_, hash_};
  }
  /// Forgets all: the same words may mean something else from here on, or rules stand elsewhere.
  constexpr void clear() { ++generation_; }

 private:
  static constexpr std::size_t least = 1024;
  static constexpr std::size_t most = 16384;
  struct entry {
    std::string_view rest = {};
    std::uint32_t kind = 0;
    std::uint32_t rule = none;
    std::uint32_t generation = 0;
    std::uint32_t hash = 0;
  };

  static std::uint32_t hash(std::uint32_t kind, std::string_view rest) {
    std::uint64_t mixed = kind + rest.size();
    const char* at = rest.data();
    std::size_t left = rest.size();
    std::uint64_t eight = 0;
    for (; left >= 8; at += 8, left -= 8) {
      __builtin_memcpy(&eight, at, 8);
      mixed = (mixed ^ eight) * 0x9e3779b97f4a7c15U;
      mixed ^= mixed >> 29;
    }
    eight = 0;
    if (left != 0) __builtin_memcpy(&eight, at, left);
    mixed = (mixed ^ eight) * 0x9e3779b97f4a7c15U;
    return static_cast<std::uint32_t>(mixed >> 32);
  }

  void grow() {
    const sequence<entry> before = std::move(slots_);
    slots_ = sequence<entry>(before.empty() ? least : 4 * before.size());
    for (const entry& one : before)
      if (one.generation == generation_) slots_[one.hash & (slots_.size() - 1)] = one;
  }

  sequence<entry> slots_;  // by a hash of what stands behind the addresses; empty until something is remembered
  std::size_t remembered_ = 0;
  std::uint32_t kind_ = 0;  // of the line that was looked for last
  std::uint32_t hash_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace cordon
