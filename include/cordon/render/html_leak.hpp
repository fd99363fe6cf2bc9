// One leak on the page: its region, the rule, a packet to try, and the way of that packet beside the rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/explanation.hpp>
#include <cordon/render/html_text.hpp>
#include <cordon/render/html_writer.hpp>
#include <cordon/render/live_command.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/proof_findings.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/region_lines.hpp>
#include <cordon/render/trace_rules.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon::detail {

inline constexpr std::size_t most_region_lines = 24;

/// What an attacker has to bring about first; empty if nothing is needed.
constexpr std::string_view needs_in_words(leak_need of) {
  if (of == leak_need::established) return "only in a connection made from outside, or before these rules were loaded";
  if (of == leak_need::mark) return "only with a mark on entry, which takes a privilege";
  return {};
}

/// "let out by rule 2 of filter OUTPUT".
constexpr text blame_in_words(const leak& of, bool has_rules) {
  return has_rules ? join("let out by ", place_in_words(of.blame)) : text("let out, for there are no rules");
}

class html_leak {
 public:
  constexpr html_leak(html_writer& page, const leak& of, std::size_t number)
      : page_(&page), leak_(&of), number_(number) {}

  /// `rules` and `compiled` of its family; null: not given, and the rules are not shown.
  constexpr void write(bool has_rules, const firewall* rules, const program* compiled) {
    const text id = join("leak-", decimal(number_));
    page_->open("section").with("class", "leak").with("id", id).with("aria-labelledby", join(id, "-heading"));
    page_->open("h3").with("id", join(id, "-heading"));
    page_
        ->words(join("Leak ", decimal(number_), ": ", title_of(leak_->blame.family), ", ",
                     blame_in_words(*leak_, has_rules)))
        .close();
    write_region();
    if (leak_->needs != leak_need::nothing) page_->element("p", join("But ", needs_in_words(leak_->needs), "."));
    page_->open("dl");
    if (has_rules) member("Rule", source_in_words(leak_->blame));
    member("A packet", write_packet_line(leak_->witness));
    for (const rewriting& one : leak_->rewritings) {
      member("Reaches", join(one.reaches, ", by ", place_in_words(one.by), ": ", source_in_words(one.by)));
      if (one.would_allow) member("Would allow it", join("--allow '", name_of(*one.would_allow), "'"));
    }
    if (leak_->witness.in.empty()) write_command();
    page_->close();
    if (rules != nullptr && compiled != nullptr) write_trace(*rules, *compiled);
    page_->close();
  }

 private:
  constexpr void member(std::string_view name, std::string_view code) {
    page_->element("dt", name);
    page_->open("dd").element("code", clipped(code)).close();
  }

  constexpr void write_command() {
    const text command = live_command(leak_->witness);
    page_->element("dt", "Try it, as root");
    page_->open("dd");
    if (command.empty())
      page_->words("no ordinary program sends this packet");
    else
      page_->element("code", "command", command);
    page_->close();
  }

  constexpr void write_boxes(const sequence<box>& boxes) {
    page_->open("ul");
    for (std::size_t i = 0; i < boxes.size() && i < most_region_lines; ++i)
      page_->element("li", clipped(to_text(boxes[i])));
    if (boxes.size() > most_region_lines)
      page_->element("li",
                     join("... and ", decimal(boxes.size() - most_region_lines), " more: --format json tells all"));
    page_->close();
  }

  constexpr void write_region() {
    const sequence<box>& region = leak_->region;
    const bool in_short = is_said_in_short(region, leak_->in_short);
    if (in_short) {
      page_->element("p", "region", join(clipped(to_text(leak_->in_short->all)), ", but not"));
      write_boxes(leak_->in_short->but);
    }
    if (region.size() == 1 && !in_short) {
      page_->element("p", "region", clipped(to_text(region[0])));
    } else if (!region.empty()) {
      page_->open("details");
      // What is not said in short is all that there is.
      if (!in_short && region.size() <= 4) page_->with("open", "");
      page_->element("summary", join("The whole region, ", decimal(region.size()), " parts"));
      write_boxes(region);
      page_->close();
    }
    if (!leak_->region_is_whole) page_->element("p", "And more: the region has too many parts to show.");
  }

  constexpr void write_trace(const firewall& rules, const program& compiled) {
    page_->element("h4", "The packet's way, beside the rules");
    const explanation told = explain(rules, compiled, leak_->witness);
    if (told.way.empty()) {
      page_->element(
          "p", join("It meets no rule: ", title_of(leak_->blame.family), " has none, and so everything is let out."));
      return;
    }
    page_->open("div").with("class", "beside");
    page_->open("div").open("ol");
    for (std::size_t i = 0; i < told.way.size() && i < most_region_lines; ++i) page_->element("li", told.way[i].says);
    if (told.way.size() > most_region_lines)
      page_->element("li", join("... and ", decimal(told.way.size() - most_region_lines), " more steps"));
    page_->close();
    page_->element("p", join("The program sees: ", told.program_sees));
    page_->close();
    page_->open("div");
    for (const traced_chain& one : trace_beside_rules(compiled, leak_->way)) write_chain(one);
    page_->close();
    page_->close();
  }

  constexpr void write_chain(const traced_chain& of) {
    page_->open("table").with("class", "listing");
    page_->element("caption", join(name_of(of.table), " ", of.name));
    page_->open("thead").open("tr");
    for (const std::string_view one : {"#", "rule", "here"}) page_->open("th").with("scope", "col").words(one).close();
    page_->close().close();
    page_->open("tbody");
    for (const traced_rule& one : of.rules) {
      page_->open("tr").with("class", class_of(one.what));
      const bool is_left_out = one.written.empty();
      page_->open("td").words(one.number == 0 ? text()
                              : is_left_out && one.last != one.number
                                  ? join(decimal(one.number), "-", decimal(one.last))
                                  : decimal(one.number));
      page_->close();
      page_->element("td", is_left_out ? "..." : clipped(one.written).view());
      page_->element("td", one.number == 0 && one.what == traced_rule::kind::fits ? "ends here" : says(one.what));
      page_->close();
    }
    page_->close().close();
  }

  static constexpr std::string_view class_of(traced_rule::kind of) {
    constexpr std::string_view names[] = {"passed", "fits", "decides", "beyond"};
    return names[static_cast<unsigned>(of)];
  }
  static constexpr std::string_view says(traced_rule::kind of) {
    constexpr std::string_view words[] = {"does not fit", "fits", "lets it out", "not reached"};
    return words[static_cast<unsigned>(of)];
  }

  html_writer* page_;
  const leak* leak_;
  std::size_t number_;
};

}  // namespace cordon::detail
