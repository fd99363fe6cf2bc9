// Whether legacy and nft come to the same answer on the same text.
#pragma once

#include <cstddef>

#include <cordon/base/maybe.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon {

namespace detail {

constexpr bool same_answer(const family_proof& a, const family_proof& b) {
  if (a.answer != b.answer || a.leaks.size() != b.leaks.size()) return false;
  for (std::size_t i = 0; i < a.leaks.size(); ++i)
    if (!(a.leaks[i].blame == b.leaks[i].blame) || a.leaks[i].needs != b.leaks[i].needs) return false;
  return true;
}

// Whether two programs say the same of every packet, step by step. Their rules are those of the same text.
constexpr bool same_steps(const program& a, const program& b) {
  if (a.family != b.family || a.tables.size() != b.tables.size()) return false;
  for (std::size_t t = 0; t < a.tables.size(); ++t) {
    const program_table& one = a.tables[t];
    const program_table& other = b.tables[t];
    if (one.name != other.name || one.start != other.start || one.chains.size() != other.chains.size()) return false;
    if (!(one.met_by == other.met_by)) return false;
    for (std::size_t c = 0; c < one.chains.size(); ++c) {
      const program_chain& some = one.chains[c];
      const program_chain& others = other.chains[c];
      if (some.source->name != others.source->name || some.source->policy != others.source->policy) return false;
      if (some.steps.size() != others.steps.size()) return false;
      for (std::size_t i = 0; i < some.steps.size(); ++i) {
        const program_step& x = some.steps[i];
        const program_step& y = others.steps[i];
        if (!(x.holds == y.holds) || !(x.drops == y.drops) || !(x.does == y.does) || x.chain != y.chain) return false;
      }
    }
  }
  return true;
}

}  // namespace detail

/// What is different in the answer on `other`, the same text read for the other back end: words that begin with its
/// verdict, or an empty text. `judged` is the proof of `rules`. Compared are the verdicts, the rules to blame, and the
/// endpoints; nothing is asked again where both back ends take the text for the same, nor where the answer is unknown for it
/// outgrew its bounds.
constexpr text difference_on(const proof& judged, const firewall& rules, const firewall& other) {
  maybe<endpoint_answer> differs;
  std::size_t where = judged.endpoints.size();
  for (const family of : both_families) {
    // What outgrew the bounds of the prover does so on both.
    if (rules.of(of).absent || (judged.of(of).too_large && judged.of(of).answer == answer::unknown)) continue;
    const detail::ready_rules ready(other, of, judged.policy.at);
    if (detail::same_steps(compile(rules, of, judged.policy.at), ready.steps) && rules.of(of).empty() == ready.is_empty)
      continue;
    detail::family_prover there(ready, judged.policy, detail::leak_telling::outline);
    const family_proof found = there.prove();
    if (!detail::same_answer(judged.of(of), found)) {
      const bool same_verdict = judged.of(of).answer == found.answer;
      return join(name_of(found.answer), " for ", title_of(of), same_verdict ? " too, but by other rules" : "");
    }
    for (const auto& [index, answer] : there.endpoints())
      if (index < where && judged.endpoints[index].status != answer.status) {
        where = index;
        differs = answer;
      }
  }
  if (!differs) return {};
  return join(name_of(differs->status), " for the endpoint ", name_of(differs->to));
}

}  // namespace cordon
