// Whether legacy and nft come to the same answer on the same text.
#pragma once

#include <cstddef>

#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>

namespace cordon {

namespace detail {

constexpr bool same_answer(const family_proof& a, const family_proof& b) {
  if (a.answer != b.answer || a.leaks.size() != b.leaks.size()) return false;
  for (std::size_t i = 0; i < a.leaks.size(); ++i)
    if (!(a.leaks[i].blame == b.leaks[i].blame) || a.leaks[i].needs != b.leaks[i].needs) return false;
  return true;
}

}  // namespace detail

/// What is different in the answer on `other`, the same rules read for the other back end: words that begin with its
/// verdict, or an empty text. Compared are the verdicts, the rules to blame, and the endpoints.
constexpr text difference_of(const proof& judged, const proof& other) {
  for (const family of : both_families) {
    if (detail::same_answer(judged.of(of), other.of(of))) continue;
    const bool same_verdict = judged.of(of).answer == other.of(of).answer;
    return join(name_of(other.of(of).answer), " for ", title_of(of), same_verdict ? " too, but by other rules" : "");
  }
  for (std::size_t i = 0; i < judged.endpoints.size() && i < other.endpoints.size(); ++i)
    if (judged.endpoints[i].status != other.endpoints[i].status)
      return join(name_of(other.endpoints[i].status), " for the endpoint ", name_of(judged.endpoints[i].to));
  return {};
}

}  // namespace cordon
