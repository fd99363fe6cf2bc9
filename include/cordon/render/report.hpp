// The report of a proof for people: the verdict and what it covers, each leak with its whole region, its rule, a
// witness and a command that shows it, what an answer hangs on, and each endpoint.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/coverage.hpp>
#include <cordon/render/live_command.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/region_lines.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

/// What a report is told beside the proof.
struct report_options {
  const firewall* rules = nullptr;  ///< what was judged: its tables and files are then named
  bool require_usable = false;      ///< an endpoint that is blocked, or partly so, counts as a leak
};

/// Whether some endpoint is surely not reached, or not all of it.
constexpr bool has_blocked_endpoint(const proof& of) {
  for (const endpoint_answer& one : of.endpoints)
    if (one.status == endpoint_status::blocked || one.status == endpoint_status::partial) return true;
  return false;
}

/// The verdict that a report gives: the proof's, or leak where endpoints have to be usable and are not.
constexpr answer reported_verdict(const proof& of, const report_options& options) {
  return options.require_usable && has_blocked_endpoint(of) ? answer::leak : of.verdict();
}

/// The answer as a sentence, without a full stop.
constexpr text answer_in_words(const proof& of, const report_options& options) {
  const text owner = owner_in_words(of.policy);
  if (of.is_empty()) return "there is no packet to judge, for the host has neither family";
  switch (of.verdict()) {
    case answer::leak: return join("packets of ", owner, " get out that their policy forbids");
    case answer::unknown: return join("whether packets of ", owner, " get out hangs on what no packet decides");
    case answer::proved:
    case answer::absent: break;
  }
  if (options.require_usable && has_blocked_endpoint(of))
    return join("packets of ", owner, " get nowhere else, but not to every endpoint either");
  return join("packets of ", owner,
              of.endpoints.empty() ? " get nowhere" : " get to the endpoints below and nowhere else");
}

namespace detail {

/// What is told of a leak below its region: what it needs, the rule, a witness and its way, what nat makes of it, and a
/// command that shows it. `has_rules` tells whether its family has any.
constexpr sequence<text> leak_lines(const leak& of, bool has_rules) {
  sequence<text> made;
  if (of.needs == leak_need::established)
    made.push_back("  but only in a connection made from outside, or before these rules were loaded");
  if (of.needs == leak_need::mark) made.push_back("  but only with a mark on entry, which takes a privilege");
  if (has_rules) made.push_back(join("  rule     ", source_in_words(of.blame)));
  made.push_back(join("  witness  ", write_packet_line(of.witness)));
  const text way = cordon::to_text(of.way);
  made.push_back(join("  way      ", way.empty() ? "(meets no rule)" : way.view()));
  for (const rewriting& each : of.rewritings) {
    made.push_back(join("  reaches  ", each.reaches, ", by ", place_in_words(each.by), ": ", source_in_words(each.by)));
    if (each.would_allow) made.push_back(join("           --allow '", name_of(*each.would_allow), "' permits it"));
  }
  if (!of.witness.in.empty()) return made;  // another machine sends it
  const text command = live_command(of.witness);
  made.push_back(join("  try      ", command.empty() ? "(no ordinary program sends this packet)" : command.view()));
  return made;
}

class report_writer {
 public:
  constexpr report_writer(const proof& of, const report_options& options) : proof_(&of), options_(options) {}

  constexpr text write() {
    line(join(name_of(reported_verdict(*proof_, options_)), ": ", answer_in_words(*proof_, options_), "; ",
              coverage_in_words(*proof_, options_.rules)));
    for (const family of : both_families) leaks(proof_->of(of));
    for (const family of : both_families) doubts(proof_->of(of));
    endpoints();
    return std::move(out_);
  }

 private:
  // Whatever words come in, a line stays a line.
  constexpr void line(std::string_view words) {
    append_printable(out_, words);
    out_.append('\n');
  }

  constexpr void leaks(const family_proof& in) {
    for (const leak& one : in.leaks) {
      out_.append('\n');
      if (in.has_rules)
        line(join("leak: ", title_of(in.family), ", let out by ", place_in_words(one.blame), ":"));
      else
        line(join("leak: ", title_of(in.family), ", which has no rules, and so lets out:"));
      for (const text& each : region_lines(one.region, one.in_short, one.region_is_whole)) line(each);
      for (const text& each : leak_lines(one, in.has_rules)) line(each);
    }
  }

  constexpr void doubts(const family_proof& in) {
    if (in.too_large && in.answer == answer::leak)
      line(
          join("more: ", title_of(in.family), ", of which not all is told, for that outgrew the bounds of the prover"));
    else if (in.too_large)
      line(join("unknown: ", title_of(in.family), ", for the question outgrew the bounds of the prover"));
    if (in.doubts.empty()) return;
    out_.append('\n');
    line(join(in.answer == answer::unknown ? "unknown: " : "open beside: ", title_of(in.family), ", which hangs on"));
    for (const doubt& one : in.doubts) {
      line(join("  ", one.match, " in ", place_in_words(one.at)));
      if (!one.at.written.empty()) line(join("    ", source_in_words(one.at)));
    }
  }

  constexpr void endpoints() {
    if (proof_->endpoints.empty()) return;
    line("");
    line("endpoints, for a plain client:");
    for (const endpoint_answer& one : proof_->endpoints) {
      text words = join("  ", name_of(one.status));
      while (words.size() < 11) words.append(' ');
      words.append(name_of(one.to));
      if (one.replies_blocked) words.append("   (but a server's answers from there are stopped)");
      line(words);
      for (const box& each : one.blocked) line(join("    not ", cordon::to_text(each)));
    }
  }

  const proof* proof_;
  report_options options_;
  text out_;
};

}  // namespace detail

/// The report of a proof, lines of text.
constexpr text write_report(const proof& of, const report_options& options = {}) {
  return detail::report_writer(of, options).write();
}

}  // namespace cordon
