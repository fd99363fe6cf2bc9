// What the kernel refuses of a table as a whole: a loop of jumps that a built-in chain reaches
// (mark_source_chains in net/ipv4/netfilter/ip_tables.c), and for nf_tables also a nesting of more than sixteen chains
// (nft_chain_validate in net/netfilter/nf_tables_api.c). Loops that nothing reaches are loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/text/table_builder.hpp>

namespace cordon {

/// What is wrong with the jumps of a table.
struct table_problem {
  text message = {};  ///< empty: nothing
  place at = {};      ///< of the rule that cannot be loaded
};

namespace detail {
inline constexpr std::uint32_t nft_jump_stack_size = 16;  // NFT_JUMP_STACK_SIZE

// The jumps of one table, and where a walk through them stands. Chains nest as deep as somebody likes to write, so the
// walk keeps its own stack.
class jump_walk {
 public:
  constexpr jump_walk(const table_builder& table, backend of) : table_(table), backend_(of) {
    const auto& chains = table.chains();
    first_.reserve(chains.size() + 1);
    for (const chain& one : chains) {
      first_.push_back(static_cast<std::uint32_t>(jumps_.size()));
      // Plain pointers: a constant expression pays for every call.
      const rule* const rules = one.rules.data();
      const auto count = static_cast<std::uint32_t>(one.rules.size());
      for (std::uint32_t i = 0; i < count; ++i) {
        const target& to = rules[i].target;
        if (to.what == target::kind::jump || to.what == target::kind::go_to) jumps_.push_back({table.find(to.name), i});
      }
    }
    first_.push_back(static_cast<std::uint32_t>(jumps_.size()));
    if (jumps_.empty()) return;
    state_.resize(chains.size(), chain_state::unseen);
    height_.resize(chains.size(), 0);
  }

  constexpr table_problem check() {
    if (jumps_.empty()) return {};
    for (std::uint32_t i = 0; i < table_.chains().size() && table_.is_built_in(i); ++i)
      if (table_problem found = walk_from(i); !found.message.empty()) return found;
    return {};
  }

 private:
  enum class chain_state : std::uint8_t { unseen, open, done };
  struct jump {
    std::uint32_t to = 0;
    std::uint32_t rule = 0;
  };
  struct level {
    std::uint32_t chain = 0;
    std::uint32_t next = 0;  // the next jump to follow
  };

  constexpr table_problem walk_from(std::uint32_t start) {
    if (state_[start] == chain_state::done) return {};
    stack_.clear();
    enter(start);
    while (!stack_.empty()) {
      level& top = stack_.back();
      const std::uint32_t chain = top.chain;
      if (top.next == first_[chain + 1]) {
        state_[chain] = chain_state::done;
        stack_.pop_back();
        if (!stack_.empty()) raise(stack_.back().chain, height_[chain] + 1);
        continue;
      }
      const jump& one = jumps_[top.next++];
      if (state_[one.to] == chain_state::open) return loop(one);
      if (state_[one.to] == chain_state::unseen)
        enter(one.to);
      else
        raise(chain, height_[one.to] + 1);
    }
    if (backend_ == backend::nft && height_[start] >= nft_jump_stack_size) return too_deep(start);
    return {};
  }

  constexpr void enter(std::uint32_t chain) {
    state_[chain] = chain_state::open;
    stack_.push_back({chain, first_[chain]});
  }
  constexpr void raise(std::uint32_t chain, std::uint32_t height) {
    if (height > height_[chain]) height_[chain] = height;
  }

  constexpr std::string_view name_of_chain(std::uint32_t index) const { return table_.chains()[index].name; }

  constexpr table_problem loop(const jump& closing) const {
    std::size_t from = 0;
    while (stack_[from].chain != closing.to) ++from;
    text ring;
    const std::size_t length = stack_.size() - from;
    for (std::size_t i = 0; i < length; ++i) {
      if (length > 12 && i == 6) ring.append("... -> ");
      if (length > 12 && i >= 6 && i + 6 < length) continue;
      ring.append(name_of_chain(stack_[from + i].chain)).append(" -> ");
    }
    ring.append(name_of_chain(closing.to));
    const rule& last = table_.chains()[stack_.back().chain].rules[closing.rule];
    return {join("this jump closes a loop that ", name_of_chain(stack_[0].chain), " reaches: ", ring,
                 "; the kernel refuses such a table, take one of these jumps out"),
            last.at};
  }

  // The place is that of the first jump of the longest way.
  constexpr table_problem too_deep(std::uint32_t start) const {
    place at;
    for (std::uint32_t i = first_[start]; i < first_[start + 1]; ++i)
      if (height_[jumps_[i].to] + 1 == height_[start]) {
        at = table_.chains()[start].rules[jumps_[i].rule].at;
        break;
      }
    return {join("from here chains nest ", decimal(height_[start]), " deep below ", name_of_chain(start),
                 ": nf_tables takes 15, so make the way shorter"),
            at};
  }

  const table_builder& table_;
  backend backend_;
  sequence<jump> jumps_;           // of all chains, one after the other
  sequence<std::uint32_t> first_;  // of each chain: its first jump; and the end
  sequence<chain_state> state_;
  sequence<std::uint32_t> height_;  // of a chain that is done: the most jumps that can follow each other from it
  sequence<level> stack_;
};
}  // namespace detail

/// What the kernel would refuse of the table's jumps. Precondition: each leads to a chain of the table.
constexpr table_problem check_table(const table_builder& table, backend of) {
  return detail::jump_walk(table, of).check();
}

}  // namespace cordon
