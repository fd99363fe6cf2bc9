// One packet that leaks, as soon as one is found. Where rules leak, a packet at the corner of a rule that accepts mostly
// does, and the simulator's word on it is enough: no set of packets is made. Where none is found so, the question is
// decided over every packet as `prove` does.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/space/layout.hpp>

namespace cordon {

/// What a search for one leak comes to.
struct leak_search {
  cordon::answer verdict = answer::proved;  ///< as `proof::verdict()`
  maybe<packet> witness = {};               ///< a packet that leaks, if the verdict is `leak`
};

namespace detail {

/// Packets of one family at the corners of rules, and what becomes of them.
class corner_search {
 public:
  corner_search(const corner_search&) = delete;
  corner_search& operator=(const corner_search&) = delete;

  /// Both must outlive it.
  constexpr corner_search(const ready_rules& rules, const egress_policy& policy)
      : rules_(rules.steps),
        domain_(packets_of(policy, rules_.family, rules.set_before)),
        exists_(can_exist(policy, rules_.family, fields_tested(rules_), rules.set_before)),
        allowed_(goes_to_any(policy, rules_.family)) {
    usual_.family = rules_.family;
    usual_.destination = rules_.family == family::ipv4 ? uint128{0x7f000001} : uint128{1};
    usual_.second_word = 80;
    usual_.length = 60;
    if (policy.at != hook::output) usual_.in = "eth0";
    for (std::size_t i = 0; i < field_count; ++i)
      if (const auto which = static_cast<field>(i); !domain_[which].contains(value_of(usual_, which)))
        set_value(usual_, which, domain_[which].low);
  }

  /// A packet that surely leaks; nothing says nothing.
  constexpr maybe<packet> find() const {
    if (leaks(usual_)) return usual_;
    std::size_t tries = 0;
    for (const program_table& table : rules_.tables)
      for (const program_chain& chain : table.chains)
        for (const program_step& step : chain.steps) {
          if (step.does.what != effect::kind::accept) continue;
          packet sent = usual_;
          if (!aim_at(sent, step.holds)) continue;
          if (leaks(sent)) return sent;
          if (++tries == most_tries) return no_value;
        }
    return no_value;
  }

 private:
  // What a question that finds nothing so may spend on it beside.
  static constexpr std::size_t most_tries = 32;

  constexpr bool leaks(const packet& sent) const {
    for (std::size_t i = 0; i < field_count; ++i)
      if (const auto which = static_cast<field>(i); !domain_[which].contains(value_of(sent, which))) return false;
    if (evaluate(exists_, sent) != truth::yes || evaluate(allowed_, sent) != truth::no) return false;
    if (!verdict_of(rules_, sent).accepted()) return false;
    // Where nat leads it counts too.
    const outcome made = simulate(rules_, sent);
    return made.accepted() && evaluate(allowed_, made.became, made.open) == truth::no;
  }

  // Changes fields so that a condition holds, the first of alternatives. False: what the sandbox sends never fits.
  constexpr bool aim_at(packet& sent, const predicate& condition) const {
    const view<predicate_step> steps = condition.steps();
    struct wish {
      std::size_t step;
      bool wanted;
    };
    sequence<wish> wishes{{steps.size() - 1, true}};
    while (!wishes.empty()) {
      const auto [at, wanted] = wishes.back();
      wishes.pop_back();
      const predicate_step& step = steps[at];
      switch (step.what) {
        case predicate_step::kind::negation: wishes.push_back({at - 1, !wanted}); break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction:
          wishes.push_back({start_of_operand(steps, at - 1) - 1, wanted});
          if ((step.what == predicate_step::kind::conjunction) == wanted) wishes.push_back({at - 1, wanted});
          break;
        case predicate_step::kind::interval:
          if (!hit(sent, step.field, step.a, step.b, wanted)) return false;
          break;
        case predicate_step::kind::masked:
          if (wanted) set_value(sent, step.field, (value_of(sent, step.field) & ~step.a) | step.b);
          break;
        default: break;
      }
    }
    return true;
  }

  constexpr bool hit(packet& sent, field which, uint128 low, uint128 high, bool wanted) const {
    const uint128 now = value_of(sent, which);
    if ((low <= now && now <= high) == wanted) return true;
    const range& domain = domain_[which];
    if (wanted) {
      const range inside{greater_of(low, domain.low), smaller_of(high, domain.high)};
      if (inside.low > inside.high) return false;
      set_value(sent, which, inside.low);
      // A SYN is what a person would send, and TCP's alone.
      if (which == field::protocol && sent.protocol != protocol::tcp && domain_[field::flags].contains(0))
        sent.flags = 0;
      return true;
    }
    if (high < domain.high)
      set_value(sent, which, high + 1);
    else if (low > domain.low)
      set_value(sent, which, low - 1);
    else
      return false;
    return true;
  }

  const program& rules_;
  packet_domain domain_;
  predicate exists_;
  predicate allowed_;
  packet usual_;
};

}  // namespace detail

/// Whether the policy is kept, and if not one packet that shows it: the verdict of `prove`, for a fraction of its time where
/// rules leak (and a leak where `prove` found the question too large). Precondition: as for `prove`.
constexpr leak_search first_leak(const firewall& rules, const egress_policy& policy) {
  sequence<detail::ready_rules> ready;
  for (const family of : both_families) {
    if (rules.of(of).absent) continue;
    ready.push_back(detail::ready_rules(rules, of, policy.at));
    if (!ready.back().other_orders.empty()) continue;  // a leak in one order of the back ends is none yet
    if (const maybe<packet> found = detail::corner_search(ready.back(), policy).find()) return {answer::leak, found};
  }
  leak_search made;
  for (const detail::ready_rules& one : ready) {
    const family_proof here = detail::family_prover(one, policy, detail::leak_telling::first).prove();
    if (here.answer == answer::leak) return {answer::leak, here.leaks[0].witness};
    if (here.answer == answer::unknown) made.verdict = answer::unknown;
  }
  return made;
}

}  // namespace cordon
