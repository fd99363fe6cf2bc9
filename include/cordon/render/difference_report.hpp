// What is different between two firewalls, for people and for programs.
#pragma once

#include <string_view>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/render/coverage.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/region_lines.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

namespace detail {

/// Whether a side of a difference lets the packets out.
constexpr bool is_out(difference_kind kind, bool is_after) {
  return kind == difference_kind::goes_elsewhere || (kind == difference_kind::let_out) == is_after;
}

class difference_writer {
 public:
  constexpr difference_writer(const firewall_difference& of, const maybe<egress_policy>& sandbox)
      : of_(&of), sandbox_(&sandbox) {}

  constexpr text write() {
    text whose = "of any sender";
    if (*sandbox_) whose = join("of ", owner_in_words(**sandbox_));
    switch (of_->answer()) {
      case comparison::same:
        line(join("same: every packet ", whose, " meets the same fate, and goes to the same place"));
        break;
      case comparison::different:
        line(join("different: packets ", whose, " do not meet the same fate any more"));
        break;
      case comparison::unknown:
        line(join("unknown: whether packets ", whose, " still meet the same fate hangs on what no packet decides"));
        break;
    }
    for (const family of : both_families) {
      for (const difference& one : of_->of(of).differences) write(of, one);
      doubts(of_->of(of));
    }
    return std::move(out_);
  }

 private:
  // Whatever words come in, a line stays a line.
  constexpr void line(std::string_view words) {
    append_printable(out_, words);
    out_.append('\n');
  }

  constexpr void write(family of, const difference& one) {
    const std::string_view what = one.kind == difference_kind::let_out   ? "newly let out"
                                  : one.kind == difference_kind::stopped ? "newly stopped"
                                                                         : "goes elsewhere";
    out_.append('\n');
    line(join(one.surely ? "" : "perhaps ", what, ", ", title_of(of), ":"));
    for (const text& each : region_lines(one.region, one.in_short, one.region_is_whole)) line(each);
    side("  before   ", one.before, one.kind, /*is_after=*/false);
    side("  after    ", one.after, one.kind, /*is_after=*/true);
    line(join("  witness  ", write_packet_line(one.witness)));
    way("  was      ", one.before);
    way("  is       ", one.after);
  }

  constexpr void side(std::string_view title, const side_of_difference& of, difference_kind kind, bool is_after) {
    const bool out = is_out(kind, is_after);
    text words = title;
    if (kind == difference_kind::goes_elsewhere) {
      words.append(of.reaches.empty() ? "as sent" : "to ").append(of.reaches);
    } else {
      words.append(out ? "let out" : "stopped");
    }
    if (of.by) {
      words.append(" by ").append(place_in_words(*of.by)).append(": ");
      words.append(source_in_words(*of.by, out ? chain_policy::accept : chain_policy::drop));
    } else if (kind != difference_kind::goes_elsewhere) {
      words.append(of.way.empty() ? ", for the host does not have the family" : " by what is not modelled");
    }
    line(words);
  }

  constexpr void way(std::string_view title, const side_of_difference& of) {
    const text steps = cordon::to_text(of.way);
    line(join(title, steps.empty() ? "(meets no rule)" : steps.view()));
  }

  constexpr void doubts(const family_difference& in) {
    if (in.too_large)
      line(join("unknown: ", title_of(in.family), ", for the question outgrew the bounds of the prover"));
    if (in.doubts.empty()) return;
    out_.append('\n');
    line(join("what is perhaps so in ", title_of(in.family), " hangs on"));
    for (const doubt& one : in.doubts) {
      line(join("  ", one.match, " in ", place_in_words(one.at)));
      if (!one.at.written.empty()) line(join("    ", source_in_words(one.at)));
    }
  }

  const firewall_difference* of_;
  const maybe<egress_policy>* sandbox_;
  text out_;
};

class difference_json {
 public:
  constexpr difference_json(const firewall_difference& of, const sequence<text>& notes) : of_(&of), notes_(&notes) {}

  constexpr text write() {
    json_.open_object();
    json_.key("answer").string(name_of(of_->answer()));
    json_.key("families").open_object();
    for (const family of : both_families) json_.key(name_of(of)).string(name_of(of_->of(of).answer));
    json_.close_object();
    json_.key("differences").open_array();
    for (const family of : both_families)
      for (const difference& one : of_->of(of).differences) write(of, one);
    json_.close_array();
    write_unknown(json_, *of_);
    write_notes(json_, *notes_);
    json_.close_object();
    return std::move(json_).finish().append('\n');
  }

 private:
  constexpr void write(family of, const difference& one) {
    json_.open_object();
    json_.key("family").string(name_of(of));
    json_.key("what").string(one.kind == difference_kind::let_out   ? "let out"
                             : one.kind == difference_kind::stopped ? "stopped"
                                                                    : "elsewhere");
    json_.key("surely").boolean(one.surely);
    json_.key("region");
    write_region(json_, one.region);
    if (!one.region_is_whole) json_.key("region_is_whole").boolean(false);
    json_.key("witness").string(write_packet_line(one.witness));
    side("before", one.before, is_out(one.kind, /*is_after=*/false));
    side("after", one.after, is_out(one.kind, /*is_after=*/true));
    json_.close_object();
  }

  constexpr void side(std::string_view name, const side_of_difference& of, bool out) {
    json_.key(name).open_object();
    json_.key("out").boolean(out);
    if (!of.reaches.empty()) json_.key("reaches").string(of.reaches);
    json_.key("by");
    if (of.by) {
      json_.open_object();
      write_place(json_, *of.by);
      json_.close_object();
    } else {
      json_.null();
    }
    json_.key("trace").open_array();
    for (const way_step& step : of.way) json_.string(cordon::to_text(step));
    json_.close_array();
    json_.close_object();
  }

  const firewall_difference* of_;
  const sequence<text>* notes_;
  json_writer json_;
};

}  // namespace detail

/// The differences in lines of text. `sandbox` is whom they were asked about, as for `differences`.
constexpr text write_report(const firewall_difference& of, const maybe<egress_policy>& sandbox = no_value) {
  return detail::difference_writer(of, sandbox).write();
}

/// The differences as a JSON object on one line, with a line feed. `notes` are further remarks on the rules.
constexpr text write_json(const firewall_difference& of, const sequence<text>& notes = {}) {
  return detail::difference_json(of, notes).write();
}

}  // namespace cordon
