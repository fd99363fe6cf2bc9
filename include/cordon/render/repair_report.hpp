// A repair as commands of iptables, for people and programs.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/report.hpp>
#include <cordon/repair/edit_lines.hpp>
#include <cordon/repair/repair.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/words.hpp>

namespace cordon {

namespace detail {

/// A word that a shell takes as it is.
constexpr void append_shell_word(text& out, std::string_view word) {
  bool is_plain = !word.empty();
  for (const char c : word) {
    const char small = to_lower(c);
    const bool is_letter = small >= 'a' && small <= 'z';
    if (!is_letter && !is_digit(c) && std::string_view("-_./:,+@%^").find(c) == std::string_view::npos)
      is_plain = false;
  }
  if (is_plain || word == "!") {  // an interactive shell leaves `!` before a blank alone
    out.append(word);
    return;
  }
  out.append('\'');
  for (const char c : word) {
    if (c == '\'')
      out.append("'\\''");
    else
      out.append(c);
  }
  out.append('\'');
}

/// The command that one line of `rules` is. It names the back end where there are two, or where a save program of one told the
/// rules (`read_live`): what is called iptables alone may be of the other.
constexpr text command_of(const edit_line& line, const family_rules& rules, family of) {
  text out = of == family::ipv4 ? "iptables" : "ip6tables";
  const ruleset& in = rules.rulesets[line.ruleset];
  const text of_backend = join(out, "-", name_of(in.backend));
  if (rules.rulesets.size() > 1 || in.file == join(of_backend, "-save").view()) out = of_backend;
  if (line.table != table_name::filter) out.append(" -t ").append(name_of(line.table));
  line_words words;
  words.split(line.words.view());
  for (const word& one : words) {
    out.append(' ');
    append_shell_word(out, one.content);
  }
  return out;
}

}  // namespace detail

/// The commands of a plan, in the order in which to run them as root; a POSIX shell takes each as it is. `in` is the answer that
/// the plan is of.
constexpr sequence<text> commands_of(const repair_plan& plan, const family_repair& in) {
  sequence<text> made;
  for (const edit_line& one : lines_of(plan.edits, in.before, in.family))
    made.push_back(detail::command_of(one, in.before, in.family));
  return made;
}

/// All commands of the repair that is told first. Empty if there is none.
constexpr sequence<text> commands_of(const repair_answer& of) {
  sequence<text> made;
  if (!of.found()) return made;
  for (const family_repair& one : of.families)
    if (!one.plans.empty()) made.append(commands_of(one.plans.front(), one));
  return made;
}

namespace detail {

class repair_writer {
 public:
  constexpr explicit repair_writer(const repair_answer& of) : of_(&of) {}

  constexpr text write() {
    if (!of_->needed()) {
      line("fix: none is needed");
      return std::move(out_);
    }
    if (of_->found())
      plans();
    else
      fallback();
    for (const family_repair& one : of_->families)
      for (const endpoint& closed : one.stay_closed)
        line(join("stays closed: ", name_of(closed), ", which no change that is tried opens"));
    for (const family_repair& one : of_->families)
      if (one.cut_off)
        line(join("not all was tried: for ", title_of(one.family), " the search ended after ", decimal(one.judged),
                  " rule sets; a smaller change may exist"));
    return std::move(out_);
  }

 private:
  constexpr void line(std::string_view words) {
    append_printable(out_, words);
    out_.append('\n');
  }

  constexpr void plans() {
    const sequence<text> all = commands_of(*of_);
    text first = "fix: ";
    if (all.empty()) return line("fix: nothing leaks, and no change that is tried opens what is closed");
    first.append_number(all.size()).append(all.size() == 1 ? " command" : " commands");
    first.append(", proved: behind it packets of ").append(owner_in_words(of_->policy));
    first.append(of_->policy.size() == 0 ? " get nowhere" : " get to their endpoints and nowhere else");
    line(first.append(", and for nobody else anything changes"));
    for (const text& one : all) line(join("  ", one));
    for (const family_repair& one : of_->families)
      for (std::size_t i = 1; i < one.plans.size(); ++i) {
        line(join("or, as few for ", title_of(one.family), ":"));
        for (const text& each : commands_of(one.plans[i], one)) line(join("  ", each));
      }
  }

  constexpr void fallback() {
    if (!of_->otherwise->proved()) {
      line("fix: none was found: neither a small change nor a chain of the sandbox's own, first in OUTPUT, is proved");
      for (const diagnostic& one : of_->otherwise->said) line(join("  ", cordon::to_text(one)));
      const proof& why = of_->otherwise->proof;
      for (const family of : both_families) {
        for (const leak& one : why.of(of).leaks)
          line(join("  with that chain ", title_of(of), " would still be let out by ", place_in_words(one.blame)));
        for (const doubt& one : why.of(of).doubts)
          line(join("  with that chain ", title_of(of), " would still hang on ", one.match, " in ",
                    place_in_words(one.at)));
        for (const leak& one : why.of(of).leaks)
          for (const rewriting& each : one.rewritings)
            line(join("  where ", place_in_words(each.by), " leads it: to ", each.reaches));
      }
      return;
    }
    line(join(
        "fix: no small change was found; this script, as cordon render gives it, puts a chain of the sandbox's own first in OUTPUT, proved",
        of_->otherwise_is_confined
            ? ", and for nobody else anything changes:"
            : "; more than what the policy forbids may be different behind it, as cordon diff tells:"));
    for (const diagnostic& one : of_->otherwise->said) line(join("  ", cordon::to_text(one)));
    out_.append('\n').append(cordon::commands(*of_->otherwise->firewall));
  }

  const repair_answer* of_;
  text out_;
};

}  // namespace detail

/// The repair, lines of text.
constexpr text write_repair(const repair_answer& of) { return detail::repair_writer(of).write(); }

/// Writes the repair as the value of a key: null if none is needed; else an object with the commands (of the fallback: a
/// script), those that are as few for one family, and what stays closed.
constexpr void write_repair(json_writer& json, const repair_answer& of) {
  if (!of.needed()) {
    json.null();
    return;
  }
  const auto strings = [&](const sequence<text>& all) {
    json.open_array();
    for (const text& one : all) json.string(one);
    json.close_array();
  };
  json.open_object();
  json.key("found").string(of.found() ? "change" : of.otherwise->proved() ? "chain" : "none");
  json.key("commands");
  strings(commands_of(of));
  json.key("alternatives").open_array();
  for (const family_repair& one : of.families)
    for (std::size_t i = 1; of.found() && i < one.plans.size(); ++i) {
      json.open_object();
      json.key("family").string(name_of(one.family));
      json.key("commands");
      strings(commands_of(one.plans[i], one));
      json.close_object();
    }
  json.close_array();
  json.key("script");
  if (!of.found() && of.otherwise->proved())
    json.string(commands(*of.otherwise->firewall));
  else
    json.null();
  json.key("stays_closed").open_array();
  for (const family_repair& one : of.families)
    for (const endpoint& closed : one.stay_closed) json.string(name_of(closed));
  json.close_array();
  json.key("cut_off").boolean(detail::any_of(of.families, [](const family_repair& one) { return one.cut_off; }));
  json.close_object();
}

/// The proof as `write_json` writes it, with the repair as one member more, `fix`.
constexpr text write_json(const proof& of, const repair_answer& fix, const report_options& options = {},
                          const sequence<text>& notes = {}) {
  json_writer json;
  json.open_object();
  detail::proof_json(json, of, options).write();
  json.key("fix");
  write_repair(json, fix);
  detail::write_notes(json, notes);
  json.close_object();
  return std::move(json).finish().append('\n');
}

}  // namespace cordon
