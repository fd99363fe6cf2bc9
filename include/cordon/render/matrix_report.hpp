// Several sandboxes on one host, for people and for programs: who reaches whose endpoints, and each one's own
// proof.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/matrix.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/coverage.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/region_lines.hpp>
#include <cordon/render/report.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// The verdict that a report gives: the matrix', or leak where endpoints have to be usable and are not.
constexpr answer reported_verdict(const sandbox_matrix& of, const report_options& options) {
  const bool is_short = detail::any_of(
      of.sandboxes, [&](const judged_sandbox& one) { return reported_verdict(one.proof, options) == answer::leak; });
  return is_short ? answer::leak : of.verdict();
}

namespace detail {

/// The owners that two sandboxes have in common, "any" where both leave them open.
constexpr text owner_in_words(const owner_overlap& of) {
  egress_policy common;
  common.user = of.user;
  common.group = of.group;
  return cordon::owner_in_words(common);
}

class matrix_writer {
 public:
  constexpr matrix_writer(const sandbox_matrix& of, const report_options& options) : of_(&of), options_(options) {}

  constexpr text write() {
    headline();
    table();
    for (const crossing& one : of_->crossings) write(one);
    for (const owner_overlap& one : of_->overlaps) write(one);
    for (const judged_sandbox& one : of_->sandboxes) {
      out_.append('\n');
      line(join("=== ", one.name));
      out_.append(write_report(one.proof, options_));
    }
    return std::move(out_);
  }

 private:
  // Whatever words come in, a line stays a line.
  constexpr void line(std::string_view words) {
    append_printable(out_, words);
    out_.append('\n');
  }

  constexpr void headline() {
    text words =
        join(name_of(reported_verdict(*of_, options_)), ": of ", decimal(of_->sandboxes.size()), " sandboxes ");
    const auto sandboxes = [&](answer with) {
      std::size_t count = 0;
      for (const judged_sandbox& one : of_->sandboxes)
        if (reported_verdict(one.proof, options_) == with) ++count;
      return join(decimal(count), " ", name_of(with));
    };
    const auto crossings = [&](answer with) {
      std::size_t count = 0;
      for (const crossing& one : of_->crossings)
        if (one.answer() == with) ++count;
      return join(decimal(count), " ", crossing_in_words(with));
    };
    line(join(words, sandboxes(answer::proved), ", ", sandboxes(answer::leak), ", ", sandboxes(answer::unknown),
              "; of ", decimal(of_->crossings.size()), " ways to another one's endpoints ", crossings(answer::proved),
              ", ", crossings(answer::leak), ", ", crossings(answer::unknown)));
  }

  // Rows reach columns.
  constexpr void table() {
    const std::size_t count = of_->sandboxes.size();
    sequence<sequence<text>> rows;
    sequence<text>& head = rows.push_back({"sandbox", "owner", "verdict"});
    for (const judged_sandbox& one : of_->sandboxes) head.push_back(one.name);
    for (std::size_t from = 0; from < count; ++from) {
      const judged_sandbox& here = of_->sandboxes[from];
      sequence<text> row{here.name, cordon::owner_in_words(here.proof.policy),
                         name_of(reported_verdict(here.proof, options_))};
      for (std::size_t to = 0; to < count; ++to) row.push_back(from == to ? "its own" : cell(of_->of(from, to)));
      rows.push_back(std::move(row));
    }
    out_.append('\n');
    for (const sequence<text>& row : rows) {
      text words;
      std::size_t at = 0;
      for (std::size_t column = 0; column < row.size(); ++column) {
        while (words.size() < at) words.append(' ');
        append_printable(words, row[column]);
        std::size_t width = 0;
        for (const sequence<text>& other : rows) width = greater_of(width, printed_width(other[column]));
        at += width + 2;
      }
      out_.append(words).append('\n');
    }
  }

  static constexpr std::size_t printed_width(std::string_view words) {
    text printed;
    append_printable(printed, words);
    return printed.size();
  }

  static constexpr std::string_view cell(const crossing& of) {
    if (of.answer() != answer::proved) return crossing_in_words(of.answer());
    return of.shared.empty() ? "apart" : "shared";
  }

  constexpr std::string_view name(std::size_t sandbox) const { return of_->sandboxes[sandbox].name; }

  constexpr text names_of(const crossing& in, const sequence<std::size_t>& endpoints) const {
    const egress_policy& policy = of_->sandboxes[in.to].proof.policy;
    text out;
    for (const std::size_t i : endpoints) out.append(out.empty() ? "" : ", ").append(name_of(policy[i]));
    return out;
  }

  constexpr void write(const crossing& one) {
    for (const family of : both_families) {
      const family_crossing& here = one.of(of);
      const bool has_rules = of_->sandboxes[one.from].proof.of(of).has_rules;
      if (here.answer == answer::leak) {
        out_.append('\n');
        line(join(name(one.from), " reaches endpoints of ", name(one.to), " that its own policy forbids, in ",
                  title_of(of), here.reached.empty() ? text() : join(": ", names_of(one, here.reached))));
        for (const leak& each : here.leaks) {
          line(join("let out by ", has_rules ? place_in_words(each.blame) : text("the family, which has no rules"),
                    ":"));
          for (const text& words : region_lines(each.region, each.in_short, each.region_is_whole)) line(words);
          for (const text& words : leak_lines(each, has_rules)) line(words);
        }
      }
      if (here.answer == answer::unknown || !here.perhaps.empty()) {
        out_.append('\n');
        line(join(name(one.from), " perhaps reaches endpoints of ", name(one.to), " that its own policy forbids, in ",
                  title_of(of), here.perhaps.empty() ? text() : join(": ", names_of(one, here.perhaps))));
        for (const doubt& each : here.doubts) line(join("  it hangs on ", each.match, " in ", place_in_words(each.at)));
      }
      if (here.too_large) line("  not all is told, for the question outgrew the bounds of the prover");
    }
    if (one.shared.empty()) return;
    out_.append('\n');
    line(join(name(one.from), " shares with ", name(one.to), " what both policies allow: ", names_of(one, one.shared)));
  }

  constexpr void write(const owner_overlap& one) {
    const text owner = owner_in_words(one);
    out_.append('\n');
    line(join(name(one.first), " and ", name(one.second), " overlap: packets of ", owner,
              " belong to both, and have to keep to both policies"));
  }

  const sandbox_matrix* of_;
  report_options options_;
  text out_;
};

class matrix_json {
 public:
  constexpr matrix_json(const sandbox_matrix& of, const report_options& options) : of_(&of), options_(options) {}

  constexpr text write(const sequence<text>& notes) {
    json_.open_object();
    json_.key("verdict").string(name_of(reported_verdict(*of_, options_)));
    json_.key("usable").boolean(of_->usable());
    json_.key("sandboxes").open_array();
    for (const judged_sandbox& one : of_->sandboxes) {
      json_.open_object();
      json_.key("name").string(one.name);
      json_.key("owner").string(cordon::owner_in_words(one.proof.policy));
      proof_json(json_, one.proof, options_).write();
      json_.close_object();
    }
    json_.close_array();
    json_.key("crossings").open_array();
    for (const crossing& one : of_->crossings) write(one);
    json_.close_array();
    json_.key("overlaps").open_array();
    for (const owner_overlap& one : of_->overlaps) {
      json_.open_object();
      json_.key("sandboxes").open_array();
      for (const std::size_t each : {one.first, one.second}) json_.string(of_->sandboxes[each].name);
      json_.close_array();
      json_.key("owner").string(owner_in_words(one));
      json_.close_object();
    }
    json_.close_array();
    write_notes(json_, notes);
    json_.close_object();
    return std::move(json_).finish().append('\n');
  }

 private:
  constexpr void write(const crossing& one) {
    const judged_sandbox& from = of_->sandboxes[one.from];
    const judged_sandbox& to = of_->sandboxes[one.to];
    json_.open_object();
    json_.key("from").string(from.name);
    json_.key("to").string(to.name);
    json_.key("answer").string(crossing_in_words(one.answer()));
    endpoints("reached", to, one.v4.reached, one.v6.reached);
    endpoints("perhaps", to, one.v4.perhaps, one.v6.perhaps);
    endpoints("shared", to, one.shared, {});
    json_.key("leaks").open_array();
    for (const family of : both_families)
      for (const leak& each : one.of(of).leaks)
        proof_json(json_, from.proof, options_).write_leak(each, from.proof.of(of).has_rules);
    json_.close_array();
    write_unknown(json_, one);
    json_.close_object();
  }

  constexpr void endpoints(std::string_view member, const judged_sandbox& of, const sequence<std::size_t>& some,
                           const sequence<std::size_t>& more) {
    json_.key(member).open_array();
    for (const sequence<std::size_t>* const part : {&some, &more})
      for (const std::size_t i : *part) json_.string(name_of(of.proof.policy[i]));
    json_.close_array();
  }

  const sandbox_matrix* of_;
  report_options options_;
  json_writer json_;
};

}  // namespace detail

/// The matrix in lines of text: a verdict, a table whose rows reach its columns, what is behind each
/// crossing, and each sandbox's own report.
constexpr text write_report(const sandbox_matrix& of, const report_options& options = {}) {
  return detail::matrix_writer(of, options).write();
}

/// The matrix as a JSON object on one line, with a line feed. `notes` are further remarks on the rules.
constexpr text write_json(const sandbox_matrix& of, const report_options& options = {},
                          const sequence<text>& notes = {}) {
  return detail::matrix_json(of, options).write(notes);
}

}  // namespace cordon
