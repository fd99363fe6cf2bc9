// The rules that are one edit away from a rule: what a slip of the hand, or of a program that makes rules,
// leaves. Edits are made of the options as data, so those of an extension that is added are edited too;
// whether an edit widens or narrows a rule is what its meaning says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/conntrack.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/draw_rule.hpp>
#include <cordon/testing/simpler.hpp>
#include <cordon/testing/value_edits.hpp>

namespace cordon::testing {

/// What an edit does to a firewall.
enum class mutation : std::uint8_t {
  drop,           ///< a rule is missing
  swap,           ///< a rule and the next have changed places
  widen,          ///< a rule fits packets that it did not fit, and all that it fitted
  narrow,         ///< a rule fits some of those alone that it fitted
  negate,         ///< a `!` has come, or gone
  retarget,       ///< what fits a rule meets another fate
  change_policy,  ///< of a built-in chain
  forget_family,  ///< no rule of it is left
};

/// "dropped", "swapped with the next", ...
constexpr std::string_view name_of(mutation of) {
  constexpr std::string_view names[] = {
      "dropped", "swapped with the next", "widened", "narrowed", "negated", "retargeted", "changed", "forgotten"};
  return names[static_cast<unsigned>(of)];
}

/// A rule that is one edit away from another.
struct rule_edit {
  mutation what = mutation::widen;  ///< the kind of mistake
  rule made = {};                   ///< the rule with it
};

namespace detail {

/// What one set of packets is to another.
enum class extent : std::uint8_t { same, wider, narrower, other };

// What the packets that `after` fits are to those that `before` fits. What no packet decides answers both
// alike.
constexpr extent extent_of(const predicate& before, const predicate& after, family in) {
  layout levels(packet_domain::all(in));
  levels.observe(before);
  levels.observe(after);
  levels.finish();
  packet_space space(std::move(levels));
  const diagram was = space.set_of(before);
  space.ask_another();
  const diagram is = space.set_of(after);
  if (was == is) return extent::same;
  if (space.store().minus(was, is) == no_packet) return extent::wider;
  return space.store().minus(is, was) == no_packet ? extent::narrower : extent::other;
}

class rule_editor {
 public:
  constexpr rule_editor(const rule& of, const table& among, family in, backend how, const host_facts& host)
      : of_(&of), among_(&among), family_(in), backend_(how), host_(&host), holds_(meaning_of(of).holds) {}

  constexpr sequence<rule_edit> edits() {
    leave_out();
    edit_addresses();
    edit_interfaces();
    edit_values();
    ask_more();
    negate();
    retarget();
    return std::move(made_);
  }

 private:
  constexpr program_step meaning_of(const rule& one) const {
    return cordon::detail::compile_rule(one, {.family = family_,
                                              .backend = backend_,
                                              .protocol = one.protocol,
                                              .table = name_of(among_->name),
                                              .host = host_});
  }

  // Meanings are told of uses that their extensions accept, and of no others.
  constexpr bool accepts(const rule& candidate) const {
    return is_acceptable(candidate, family_, backend_, among_->name);
  }

  // The rule with a change, if that is one.
  template <class Change>
  constexpr void changed(mutation what, const Change& change) {
    rule made = *of_;
    change(made);
    made.written.clear();
    if (made == *of_ || cordon::detail::any_of(made_, [&](const rule_edit& one) { return one.made == made; })) return;
    made_.push_back({what, std::move(made)});
  }

  // The rule with a change, if that is wider or narrower.
  template <class Change>
  constexpr void resized(const Change& change) {
    rule candidate = *of_;
    change(candidate);
    if (!accepts(candidate)) return;
    const extent now = extent_of(holds_, meaning_of(candidate).holds, family_);
    if (now != extent::wider && now != extent::narrower) return;
    changed(now == extent::wider ? mutation::widen : mutation::narrow,
            [&](rule& made) { made = std::move(candidate); });
  }

  constexpr void leave_out() {
    resized([](rule& made) { made.source = {}; });
    resized([](rule& made) { made.destination = {}; });
    resized([](rule& made) { made.in = {}; });
    resized([](rule& made) { made.out = {}; });
    resized([](rule& made) { made.protocol = {}; });
    resized([](rule& made) { made.fragment = fragment_match::any; });
    for (std::size_t i = 0; i < of_->matches.size(); ++i) {
      resized([&](rule& made) { made.matches.erase(made.matches.begin() + i); });
      const std::size_t options = of_->matches[i].options.size();
      for (std::size_t k = 0; options > 1 && k < options; ++k)
        resized([&](rule& made) { made.matches[i].options.erase(made.matches[i].options.begin() + k); });
    }
  }

  // The mask by one bit shorter, or longer with either value of that bit.
  constexpr void edit_addresses() {
    const uint128 all = low_bits(address_width(family_));
    for (address_match rule::* const side : {&rule::source, &rule::destination}) {
      if (!(of_->*side).given) continue;
      const uint128 mask = (of_->*side).network.mask;
      if (mask != 0)
        resized([&](rule& made) {
          network& now = (made.*side).network;
          now.mask &= now.mask - 1;
          now.base.bits &= now.mask;
        });
      if (mask == all) continue;
      const uint128 missing = uint128{1} << (127 - countl_zero(all & ~mask));
      for (const uint128 bit : {uint128{0}, missing})
        resized([&](rule& made) {
          (made.*side).network.mask |= missing;
          (made.*side).network.base.bits |= bit;
        });
    }
  }

  constexpr void edit_interfaces() {
    for (interface_match rule::* const side : {&rule::in, &rule::out})
      if ((of_->*side).given) resized([&](rule& made) { (made.*side).prefix = !(made.*side).prefix; });
  }

  constexpr void edit_values() {
    for (std::size_t i = 0; i < of_->matches.size(); ++i) {
      const match& one = of_->matches[i];
      for (std::size_t k = 0; one.extension != nullptr && k < one.options.size(); ++k)
        for (option& edited : values_for(one.options[k], one.extension->options))
          resized([&](rule& made) { made.matches[i].options[k] = std::move(edited); });
    }
  }

  constexpr sequence<option> values_for(const option& of, view<option_description> options) const {
    const option_description& described = options[of.index];
    return edits_of(of, described, {.family = family_, .backend = backend_, .option_name = described.name});
  }

  // What people add who think of one kind of packet.
  constexpr void ask_more() {
    if (!of_->protocol.given) resized([](rule& made) { made.protocol = {true, false, protocol::tcp}; });
    if (!of_->out.given) resized([](rule& made) { made.out = {true, false, false, interface_name("lo")}; });
    const bool asks_state = cordon::detail::any_of(
        of_->matches, [](const match& one) { return one.name.view() == "conntrack" || one.name.view() == "state"; });
    if (!asks_state)
      resized([](rule& made) {
        constexpr uint128 fresh = uint128{1} << static_cast<unsigned>(connection_state::fresh);
        made.matches.push_back(
            {&conntrack_match, conntrack_match.name, {{conntrack_option::state, false, {{fresh, fresh}}, {}}}, {}});
      });
  }

  constexpr void negate() {
    for (address_match rule::* const side : {&rule::source, &rule::destination})
      if ((of_->*side).given)
        changed(mutation::negate, [&](rule& made) { (made.*side).inverted = !(made.*side).inverted; });
    for (interface_match rule::* const side : {&rule::in, &rule::out})
      if ((of_->*side).given)
        changed(mutation::negate, [&](rule& made) { (made.*side).inverted = !(made.*side).inverted; });
    if (of_->protocol.given)
      changed(mutation::negate, [](rule& made) { made.protocol.inverted = !made.protocol.inverted; });
    if (of_->fragment != fragment_match::any)
      changed(mutation::negate, [](rule& made) {
        made.fragment = made.fragment == fragment_match::later ? fragment_match::not_later : fragment_match::later;
      });
    for (std::size_t i = 0; i < of_->matches.size(); ++i) {
      const match& one = of_->matches[i];
      for (std::size_t k = 0; k < one.options.size(); ++k)
        if (one.extension != nullptr && one.extension->options[one.options[k].index].invertible)
          changed(mutation::negate, [&](rule& made) {
            option& now = made.matches[i].options[k];
            now.inverted = !now.inverted;
          });
    }
  }

  // What stops packets in another way is the same fate.
  constexpr bool is_same_fate(const rule& other) const {
    if (other.target.what != target::kind::extension || of_->target.what != target::kind::extension) return false;
    const effect was = meaning_of(*of_).does;
    const effect is = meaning_of(other).does;
    const auto stops = [](const effect& one) {
      return one.what == effect::kind::drop || one.what == effect::kind::reject;
    };
    return was == is || (stops(was) && stops(is));
  }

  constexpr void retarget() {
    const auto becomes = [&](target&& other) {
      rule candidate = *of_;
      candidate.target = std::move(other);
      if (!accepts(candidate) || is_same_fate(candidate)) return;
      changed(mutation::retarget, [&](rule& made) { made = std::move(candidate); });
    };
    for (const target_extension* const plain : {&accept_target, &drop_target, &return_target})
      becomes(plain_target(*plain));
    const target& now = of_->target;
    if (now.what == target::kind::jump || now.what == target::kind::go_to) {
      target other = now;
      other.what = now.what == target::kind::jump ? target::kind::go_to : target::kind::jump;
      becomes(std::move(other));
      for (const chain& one : among_->chains)
        if (!one.policy) becomes({now.what, nullptr, text(one.name.view()), {}, {}});
    }
    for (std::size_t k = 0; now.extension != nullptr && k < now.options.size(); ++k)
      for (option& edited : values_for(now.options[k], now.extension->options)) {
        target other = now;
        other.options[k] = std::move(edited);
        becomes(std::move(other));
      }
  }

  const rule* of_;
  const table* among_;
  family family_;
  backend backend_;
  const host_facts* host_;
  predicate holds_;
  sequence<rule_edit> made_;
};

}  // namespace detail

/// The rules that are one edit away from `of`, a rule of a chain of `among`, all different; not all of them
/// need be rules that iptables accepts.
constexpr sequence<rule_edit> edits_of(const rule& of, const table& among, family in, backend how,
                                       const host_facts& host = {}) {
  return detail::rule_editor(of, among, in, how, host).edits();
}

}  // namespace cordon::testing
