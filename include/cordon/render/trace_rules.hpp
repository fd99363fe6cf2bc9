// The rules beside the way of a packet: of each chain that it comes through those that are looked at, which fit, and which
// decides. A long chain is shown around the places where something fits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/trace.hpp>

namespace cordon {

/// One line of a chain that a packet comes through.
struct traced_rule {
  /// What the packet made of it.
  enum class kind : std::uint8_t {
    passed,       ///< looked at, and did not fit
    fits,         ///< fitted, and the packet went on from there
    decides,      ///< the last step of the way
    not_reached,  ///< behind the last step
  };
  kind what = kind::passed;  ///< which of these
  std::uint32_t number = 0;  ///< of the rule, from 1; 0: the chain's policy, or its end
  std::uint32_t last = 0;    ///< greater than `number`: rules that are left out, up to this one
  std::uint32_t line = 0;    ///< in the file, 0 if there is none
  text written = {};         ///< the rule, or the policy
};

/// A chain that a packet comes through, as far as it is of interest.
struct traced_chain {
  table_name table = table_name::filter;  ///< of which it is
  text name = {};                         ///< its own
  sequence<traced_rule> rules = {};       ///< in their order
};

namespace detail {

inline constexpr std::size_t most_rules_shown_whole = 14;
inline constexpr std::size_t most_steps_shown = 12;  // of one chain

class way_reader {
 public:
  constexpr way_reader(const program& rules, const sequence<way_step>& way) : rules_(&rules), way_(&way) {}

  constexpr sequence<traced_chain> read() {
    for (std::size_t i = 0; i < way_->size(); ++i) {
      const way_step& step = (*way_)[i];
      bool is_known = false;
      for (std::size_t before = 0; before < i; ++before)
        is_known = is_known || ((*way_)[before].table == step.table && (*way_)[before].chain == step.chain);
      if (!is_known) add(step);
    }
    return std::move(made_);
  }

 private:
  constexpr void add(const way_step& of) {
    for (std::uint32_t table = 0; table < rules_->tables.size(); ++table)
      for (std::uint32_t chain = 0; chain < rules_->tables[table].chains.size(); ++chain)
        if (rules_->tables[table].name == of.table && rules_->tables[table].chains[chain].source->name == of.chain) {
          add(table, chain);
          return;
        }
  }

  constexpr void add(std::uint32_t table, std::uint32_t chain) {
    const program_chain& from = rules_->tables[table].chains[chain];
    const auto count = static_cast<std::uint32_t>(from.steps.size());
    sequence<char> fits(count + 1, 0);
    std::uint32_t furthest = 0;
    for (const way_step& step : *way_) {
      if (step.table != rules_->tables[table].name || step.chain != from.source->name || step.number > count + 1)
        continue;
      fits[step.number - 1] = &step == &way_->back() ? 2 : 1;
      furthest = greater_of(furthest, step.number);
    }
    sequence<char> shown(count + 1, count <= most_rules_shown_whole ? 1 : 0);
    std::size_t steps = 0;
    for (std::uint32_t i = 0; i <= count && count > most_rules_shown_whole; ++i) {
      if (fits[i] == 0 || (fits[i] == 1 && ++steps > most_steps_shown)) continue;
      for (std::uint32_t near = i < 2 ? 0 : i - 2; near <= count && near <= i + 2; ++near) shown[near] = 1;
    }
    traced_chain made{rules_->tables[table].name, from.source->name.view()};
    for (std::uint32_t i = 0; i < count; ++i) {
      const traced_rule::kind what = kind_of(fits[i], i < furthest);
      if (shown[i] == 0) {
        // Those that are left out are told together, as far as they are of one kind.
        if (!made.rules.empty() && made.rules.back().last == i && made.rules.back().what == what &&
            made.rules.back().written.empty())
          made.rules.back().last = i + 1;
        else
          made.rules.push_back({what, i + 1, i + 1});
        continue;
      }
      const rule_place place = place_of(*rules_, {table, chain, i});
      made.rules.push_back({what, i + 1, i + 1, place.line, place.written});
    }
    const bool is_base = from.source->policy.has_value();
    traced_rule end{kind_of(fits[count], count < furthest), 0, 0, 0};
    if (is_base)
      end.written = join("the policy ", name_of(*from.source->policy));
    else
      end.written = "the end of the chain";
    made.rules.push_back(std::move(end));
    made_.push_back(std::move(made));
  }

  static constexpr traced_rule::kind kind_of(char fits, bool is_reached) {
    return fits == 2    ? traced_rule::kind::decides
           : fits == 1  ? traced_rule::kind::fits
           : is_reached ? traced_rule::kind::passed
                        : traced_rule::kind::not_reached;
  }

  const program* rules_;
  const sequence<way_step>* way_;
  sequence<traced_chain> made_ = {};
};

}  // namespace detail

/// The chains that a way leads through, in its order. `rules` are those of its family; none: none.
constexpr sequence<traced_chain> trace_beside_rules(const program& rules, const sequence<way_step>& way) {
  return detail::way_reader(rules, way).read();
}

}  // namespace cordon
