// A proof as findings, each with its place: the form that CI services show beside the lines of a change.
#pragma once

#include <cstddef>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/coverage.hpp>
#include <cordon/render/live_command.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/report.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

namespace detail {

// The region in one clause: its outline where that is short, else its first box.
constexpr text region_in_short(const leak& of) {
  if (of.region.size() == 1 && of.region_is_whole) return to_text(of.region[0]);
  if (of.in_short) {
    text made = to_text(of.in_short->all);
    const std::size_t lacks = of.in_short->but.size();
    if (lacks > 0) made.append(", but for ").append_number(lacks).append(lacks == 1 ? " part" : " parts");
    return made;
  }
  return of.region.empty() ? text("packets in too many parts to show") : join(to_text(of.region[0]), ", and more");
}

constexpr finding finding_of(const leak& of, const proof& in) {
  finding made{.id = "leak", .severity = severity::error, .at = of.blame};
  made.says = join(place_in_words(of.blame), " (", title_of(of.blame.family), ") lets out packets of ",
                   owner_in_words(in.policy), " that their policy forbids: ", region_in_short(of), "; for one ",
                   write_packet_line(of.witness));
  if (of.needs == leak_need::established) made.says.append("; only in a connection made from outside or before");
  if (of.needs == leak_need::mark) made.says.append("; only with a mark on entry");
  const text command = of.witness.in.empty() ? live_command(of.witness) : text();
  made.todo = "narrow the rule, or put a rule above it that stops them";
  if (!command.empty()) made.todo.append("; as root this shows the leak: ").append(command);
  return made;
}

}  // namespace detail

/// What a proof has against the rules: "leak" (an error), "unknown" (a warning) for each thing that an answer hangs on,
/// "too-large" (a warning), and "endpoint-not-open": an error where `options` require endpoints to be usable, else a warning.
/// Empty if it is proved and every endpoint is open.
constexpr sequence<finding> findings_of(const proof& of, const report_options& options = {}) {
  sequence<finding> made;
  for (const family in : both_families) {
    const family_proof& here = of.of(in);
    for (const leak& one : here.leaks) made.push_back(detail::finding_of(one, of));
    for (const doubt& one : here.doubts)
      made.push_back({"unknown", severity::warning, one.at,
                      join("whether packets of ", owner_in_words(of.policy), " get out hangs on ", one.match, " in ",
                           place_in_words(one.at), ", which no packet decides"),
                      "ask for what packets decide, or stop the sandbox's packets above this rule"});
    if (here.too_large)
      made.push_back({"too-large",
                      severity::warning,
                      {.family = in},
                      join(title_of(in), ": the question outgrew the bounds of the prover, and not all is told"),
                      "ask about fewer rules"});
  }
  for (const endpoint_answer& one : of.endpoints)
    if (one.status != endpoint_status::open)
      made.push_back(
          {"endpoint-not-open",
           options.require_usable && one.status != endpoint_status::unknown ? severity::error : severity::warning,
           {.family = one.to.destination.base.family},
           join("the endpoint ", name_of(one.to), " is ", name_of(one.status), " for a plain client"),
           "accept what goes there, and what follows on its connections"});
  return made;
}

}  // namespace cordon
