// A family that is left open while the other is not: the incident's second leak.
#pragma once

#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>

namespace cordon::lint_detail {

constexpr bool is_open_family(const linted_family& in) {
  return (in.other_family_stops || in.policy != nullptr) && !in.survey->stops_something();
}

constexpr void find_open_family(const linted_family& in, sequence<finding>& into) {
  if (!is_open_family(in)) return;
  const bool v4 = in.family == family::ipv4;
  into.push_back({"open-family", in.policy != nullptr ? severity::error : severity::warning, detail::family_place(in),
                  join(title_of(in.family), " is left open: nothing stops any packet of it",
                       in.other_family_stops ? ", while rules of the other family do" : ""),
                  join("load rules with ", v4 ? "iptables" : "ip6tables", " too, or say --no-", name_of(in.family),
                       " if the host has no ", title_of(in.family))});
}

}  // namespace cordon::lint_detail
