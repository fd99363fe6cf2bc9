// A region in lines for people.
#pragma once

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/render/region.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon::detail {

/// Whether a region is told sooner as the box around it and what it lacks of that.
constexpr bool is_said_in_short(const sequence<box>& region, const maybe<box_summary>& in_short) {
  return in_short && region.size() >= 2 && !in_short->but.empty() && in_short->but.size() <= 2 * region.size();
}

/// A line for each box; before them the box around the region and what it lacks of that, where the region has
/// many parts for the few that it lacks. `whole` is false if there are more boxes than these.
constexpr sequence<text> region_lines(const sequence<box>& region, const maybe<box_summary>& in_short, bool whole) {
  sequence<text> made;
  if (is_said_in_short(region, in_short)) {
    made.push_back(join("  in short: ", cordon::to_text(in_short->all), ", but not"));
    for (const box& each : in_short->but) made.push_back(join("    ", cordon::to_text(each)));
    made.push_back("  in full:");
  }
  for (const box& each : region) made.push_back(join("  ", cordon::to_text(each)));
  if (!whole) made.push_back("  ... and more: the region has too many parts to show");
  return made;
}

}  // namespace cordon::detail
