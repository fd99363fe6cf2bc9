// What iptables-save shows of a rule's matches. Where that is not what they mean, each extension says so (`saved`);
// and iptables-nft 1.8.9, which makes byte comparisons of tcp and udp, reads all those of a rule back into one match:
// of two ports it shows the last.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/list.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon {

namespace detail {
/// Whether iptables-nft keeps no match of these options, but byte comparisons.
constexpr bool is_kept_as_bytes(const match& of, const meaning_context& context) {
  if (of.extension == &tcp_match) return tcp_as_bytes(of.options, context.backend);
  return of.extension == &udp_match && udp_as_bytes(of.options, context.backend);
}

/// Adds the options of a later match to those of an earlier one: the later value stays, a negation of either stays.
constexpr void merge_options(sequence<option>& into, const sequence<option>& later) {
  for (const option& one : later) {
    auto at = into.begin();
    while (at != into.end() && at->index < one.index) ++at;
    if (at == into.end() || at->index != one.index) {
      into.insert(at, one);
      continue;
    }
    at->inverted = at->inverted || one.inverted;
    at->numbers = one.numbers;
  }
}
}  // namespace detail

/// Whether iptables-save shows one match for several of `matches`.
constexpr bool is_shown_merged(const sequence<match>& matches, const meaning_context& context) {
  unsigned count = 0;
  for (const match& one : matches) count += detail::is_kept_as_bytes(one, context);
  return count > 1;
}

/// The matches that iptables-save shows for `matches`, all of one rule.
constexpr sequence<match> saved_matches(const sequence<match>& matches, const meaning_context& context) {
  sequence<match> shown;
  shown.reserve(matches.size());
  std::size_t bytes_at = matches.size();  // where the byte comparisons are shown
  for (const match& one : matches) {
    const bool as_bytes = detail::is_kept_as_bytes(one, context);
    match copy = one;
    if (copy.extension != nullptr && copy.extension->saved != nullptr && !copy.extension->saved(copy.options, context))
      continue;
    if (as_bytes && bytes_at < shown.size()) {
      detail::merge_options(shown[bytes_at].options, copy.options);
      continue;
    }
    if (as_bytes) bytes_at = shown.size();
    shown.push_back(std::move(copy));
  }
  return shown;
}

}  // namespace cordon
