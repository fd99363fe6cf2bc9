// What the kernel refuses for where it stands: a match or target that makes no sense at some hooks, in a chain that a
// packet reaches from one of those (xt_check_match and xt_check_target in net/netfilter/x_tables.c). Where it depends on
// the options, nf_tables asks it of rules in built-in chains alone (nft_match_set_mtchk_param in net/netfilter/nft_compat.c
// knows no hook of a user chain).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/text/table_builder.hpp>
#include <cordon/text/table_check.hpp>

namespace cordon {

namespace detail {

class hook_walk {
 public:
  constexpr hook_walk(const table_builder& table, backend of, family in) : table_(table), backend_(of), family_(in) {}

  constexpr table_problem check() {
    if (!asks_for_hooks()) return {};
    const auto& chains = table_.chains();
    reached_.resize(chains.size(), 0);
    for (std::uint32_t i = 0; i < chains.size() && table_.is_built_in(i); ++i)
      if (const auto own = hook_of(chains[i].name.view())) reach(i, set_of(*own));
    for (std::uint32_t i = 0; i < chains.size(); ++i) {
      if (reached_[i] == 0) continue;
      const rule* const last = chains[i].rules.data() + chains[i].rules.size();
      for (const rule* one = chains[i].rules.data(); one != last; ++one)
        if (asks_for_hooks(*one))
          if (table_problem found = check(*one, i); !found.message.empty()) return found;
    }
    return {};
  }

 private:
  // Plain pointers: a constant expression pays for every call.
  static constexpr bool asks_for_hooks(const rule& of) {
    if (of.target.extension != nullptr && of.target.extension->hooks != nullptr) return true;
    const match* const last = of.matches.data() + of.matches.size();
    for (const match* one = of.matches.data(); one != last; ++one)
      if (one->extension != nullptr && one->extension->hooks != nullptr) return true;
    return false;
  }
  constexpr bool asks_for_hooks() const {
    for (const chain& one : table_.chains()) {
      const rule* const last = one.rules.data() + one.rules.size();
      for (const rule* each = one.rules.data(); each != last; ++each)
        if (asks_for_hooks(*each)) return true;
    }
    return false;
  }

  // Hands `hooks` on to all that `from` jumps to, over a list of chains still to do.
  constexpr void reach(std::uint32_t from, hook_set hooks) {
    sequence<std::uint32_t> open = {from};
    reached_[from] |= hooks;
    while (!open.empty()) {
      const std::uint32_t chain = open.back();
      open.pop_back();
      for (const rule& one : table_.chains()[chain].rules) {
        if (one.target.what != target::kind::jump && one.target.what != target::kind::go_to) continue;
        const std::uint32_t to = table_.find(one.target.name);
        if (to == table_builder::none || (reached_[to] & hooks) == hooks) continue;
        reached_[to] |= hooks;
        open.push_back(to);
      }
    }
  }

  template <class Extension>
  constexpr table_problem check(const Extension* of, const sequence<option>& options, const rule& in,
                                std::uint32_t chain, std::string_view dash) const {
    if (of == nullptr || of->hooks == nullptr) return {};
    if (of->hooks_by_options && backend_ == backend::nft && !table_.is_built_in(chain)) return {};
    const hook_set valid =
        of->hooks(options, {.family = family_, .backend = backend_, .table = name_of(table_.name())});
    const auto wrong = static_cast<hook_set>(reached_[chain] & ~valid);
    if (wrong == 0) return {};
    constexpr std::string_view names[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
    unsigned first = 0;
    while ((wrong >> first & 1) == 0) ++first;
    return {join(dash, of->name, of->hooks_by_options ? " with these options" : "", " has no meaning in ", names[first],
                 table_.is_built_in(chain) ? "" : ", which reaches this rule", ": the kernel refuses it there"),
            in.at};
  }

  constexpr table_problem check(const rule& one, std::uint32_t chain) const {
    for (const match& each : one.matches)
      if (table_problem found = check(each.extension, each.options, one, chain, "-m "); !found.message.empty())
        return found;
    return check(one.target.extension, one.target.options, one, chain, "-j ");
  }

  const table_builder& table_;
  backend backend_;
  family family_;
  sequence<hook_set> reached_;  // of each chain: the hooks that a packet can come from
};
}  // namespace detail

/// What the kernel would refuse of the table for the hooks that reach it. Precondition: its jumps make no loop.
constexpr table_problem check_hooks(const table_builder& table, backend of, family in) {
  return detail::hook_walk(table, of, in).check();
}

}  // namespace cordon
