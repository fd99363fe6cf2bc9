// Mutants of a firewall: what it would be with one mistake in it. A test suite that is worth its name notices
// each.
//
//   const testing::mutants mistakes(live, egress);
//   for (const testing::mutant& one : mistakes.surviving([](const firewall& rules) { return my_tests(rules);
//   }))
//     std::cout << to_text(one).view() << '\n';  // IPv6: all rules forgotten
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/contract.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/places.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/testing/rule_edits.hpp>
#include <cordon/testing/word_change.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

namespace cordon::testing {

/// One edit of a firewall.
struct mutant {
  mutation what = mutation::drop;  ///< the kind of mistake
  rule_place at = {};              ///< of the rule or policy that is edited; of a forgotten family no more than that
  text words = {};                 ///< the edit in a few words, with its place
  std::uint32_t ruleset = 0;       ///< which of the family's it is made in
  rule instead = {};               ///< what the rule becomes, where it is edited itself

  /// The firewall with the edit. Precondition: `original` is the one that the mutant was made of.
  constexpr firewall of(const firewall& original) const {
    firewall made = original;
    family_rules& rules = made.of(at.family);
    if (what == mutation::forget_family) {
      rules.rulesets.clear();
      return made;
    }
    require(ruleset < rules.rulesets.size(), "a mutant is of another firewall");
    table* const in = rules.rulesets[ruleset].find(at.table);
    chain* const edited = in == nullptr ? nullptr : in->find(at.chain);
    require(edited != nullptr && at.number <= edited->rules.size(), "a mutant is of another firewall");
    if (what == mutation::change_policy) {
      edited->policy = edited->policy == chain_policy::accept ? chain_policy::drop : chain_policy::accept;
      return made;
    }
    rule* const where = edited->rules.begin() + (at.number - 1);
    switch (what) {
      case mutation::drop: edited->rules.erase(where); break;
      case mutation::swap: std::swap(where[0], where[1]); break;
      default: *where = instead;
    }
    return made;
  }
};

/// "IPv4: rule 2 of filter OUTPUT widened, without -o lo: rules.v4:7: -A OUTPUT -o lo -j ACCEPT"
constexpr text to_text(const mutant& of) {
  text made = join(title_of(of.at.family), ": ", of.words);
  if (!of.at.written.empty()) made.append(": ").append(source_in_words(of.at));
  return made;
}

namespace detail {

class mutant_maker {
 public:
  constexpr explicit mutant_maker(const firewall& of) : of_(&of) {}

  constexpr sequence<mutant> make() {
    for (const family of : both_families) {
      const sequence<ruleset>& rulesets = of_->of(of).rulesets;
      if (of_->of(of).absent) continue;
      for (std::uint32_t i = 0; i < rulesets.size(); ++i)
        for (const table& in : rulesets[i].tables) edit(of, i, in);
      if (of_->of(of).empty()) continue;
      mutant forgotten{.what = mutation::forget_family, .words = "all rules forgotten"};
      forgotten.at.family = of;
      made_.push_back(std::move(forgotten));
    }
    return std::move(made_);
  }

 private:
  // Packets that enter at OUTPUT meet no other chains.
  constexpr sequence<const chain*> met_chains(const table& in) const {
    sequence<const chain*> met;
    if (const chain* const start = in.find("OUTPUT")) met.push_back(start);
    for (std::size_t i = 0; i < met.size(); ++i)
      for (const rule& one : met[i]->rules) {
        if (one.target.what != target::kind::jump && one.target.what != target::kind::go_to) continue;
        const chain* const next = in.find(one.target.name);
        if (next != nullptr && !cordon::detail::has(met, next)) met.push_back(next);
      }
    return met;
  }

  constexpr void edit(family of, std::uint32_t index, const table& in) {
    const ruleset& rules = of_->of(of).rulesets[index];
    for (const chain* const edited : met_chains(in)) {
      rule_place at{.family = of, .table = in.name, .chain = text(edited->name.view()), .file = rules.file};
      const auto add = [&](mutation what, std::string_view more, rule instead = {}) {
        mutant one{what, at, join(place_in_words(at), " ", name_of(what)), index, std::move(instead)};
        if (!more.empty()) one.words.append(", ").append(more);
        if (is_valid(one, edited->name)) made_.push_back(std::move(one));
      };
      for (std::size_t i = 0; i < edited->rules.size(); ++i) {
        const rule& now = edited->rules[i];
        const auto line_of = [&](const rule& one) { return write_rule(one, of, edited->name, rules.backend, in.name); };
        at.number = static_cast<std::uint32_t>(i + 1);
        at.line = now.at.line;
        at.written = now.written.empty() ? line_of(now) : text(now.written.view());
        add(mutation::drop, {});
        if (i + 1 < edited->rules.size() && !(now == edited->rules[i + 1])) add(mutation::swap, {});
        for (rule_edit& each : edits_of(now, in, of, rules.backend, of_->host)) {
          const text more = change_in_words(line_of(now), line_of(each.made));
          if (!more.empty()) add(each.what, more, std::move(each.made));
        }
      }
      if (!edited->policy) continue;
      at.number = 0;
      at.line = edited->at.line;
      at.written.clear();
      add(mutation::change_policy,
          *edited->policy == chain_policy::accept ? "ACCEPT becomes DROP" : "DROP becomes ACCEPT");
    }
  }

  // Whether iptables would load it: its text is read again, and what was edited is then as it was made.
  constexpr bool is_valid(const mutant& one, const chain_name& in) const {
    const firewall made = one.of(*of_);
    const ruleset& rules = made.of(one.at.family).rulesets[one.ruleset];
    const auto again =
        read_ruleset(write_ruleset(rules, one.at.family), {.family = one.at.family, .backend = rules.backend});
    if (!again) return false;
    if (one.at.is_policy() || one.what == mutation::drop || one.what == mutation::swap) return true;
    const table* const edited = again->find(one.at.table);
    return edited != nullptr && edited->find(in) != nullptr && edited->find(in)->rules.size() >= one.at.number &&
           edited->find(in)->rules[one.at.number - 1] == one.instead;
  }

  const firewall* of_;
  sequence<mutant> made_;
};

template <class Suite>
bool passes(const Suite& suite, const firewall& rules) {
#if defined(__cpp_exceptions)
  try {
#endif
    if constexpr (std::is_void_v<std::invoke_result_t<const Suite&, const firewall&>>) {
      suite(rules);
      return true;
    } else {
      return static_cast<bool>(suite(rules));
    }
#if defined(__cpp_exceptions)
  } catch (...) {
    return false;
  }
#endif
}

}  // namespace detail

/// All firewalls that are one edit away from `of` and that iptables would load, also those that treat every
/// packet alike. Edited are the chains that a packet from OUTPUT can meet. Precondition: as for `prove`.
constexpr sequence<mutant> mutants_of(const firewall& of) { return detail::mutant_maker(of).make(); }

/// The mutants of a firewall that treat some packet differently, apart from those that are proved to treat
/// all alike.
class mutants {
 public:
  /// `sandbox`: whose packets count; nothing: everyone's. How a packet is stopped makes no difference.
  /// Precondition: as for `prove`.
  constexpr explicit mutants(firewall original, const maybe<egress_policy>& sandbox = no_value)
      : original_(std::move(original)) {
    require(!sandbox || sandbox->at == hook::output, "mutants are made of the rules that packets from OUTPUT meet");
    for (mutant& one : mutants_of(original_)) {
      const bool is_same = differences(original_, one.of(original_), sandbox).answer() == comparison::same;
      (is_same ? equivalent_ : differing_).push_back(std::move(one));
    }
  }

  ///@{
  /// The firewall without a mistake.
  constexpr const firewall& original() const& { return original_; }
  constexpr firewall original() && { return std::move(original_); }
  ///@}
  /// Those that a test suite can notice: some packet meets another fate, or may, as far as packets decide it.
  constexpr const sequence<mutant>& differing() const& { return differing_; }
  /// As above, moved out.
  constexpr sequence<mutant> differing() && { return std::move(differing_); }
  /// Those that are proved to treat every packet alike: no suite can notice them.
  constexpr const sequence<mutant>& equivalent() const& { return equivalent_; }
  /// As above, moved out.
  constexpr sequence<mutant> equivalent() && { return std::move(equivalent_); }

  /// Those of `differing()` that a test suite does not notice: it is called with each firewall, and notices
  /// what it returns false for or throws at. Precondition: it passes the original.
  template <class Suite>
  sequence<mutant> surviving(const Suite& suite) const {
    require(detail::passes(suite, original_),
            "the test suite fails the firewall as it is, so it would fail every mutant: mend that first");
    sequence<mutant> unnoticed;
    for (const mutant& one : differing_)
      if (detail::passes(suite, one.of(original_))) unnoticed.push_back(one);
    return unnoticed;
  }

 private:
  firewall original_;
  sequence<mutant> differing_;
  sequence<mutant> equivalent_;
};

}  // namespace cordon::testing
