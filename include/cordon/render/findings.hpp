// The findings of lint, for people and for programs.
#pragma once

#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// For each finding its place and sentence, the rule, and what to do.
constexpr text write_report(const sequence<finding>& findings) {
  text out;
  for (const finding& one : findings) {
    out.append(to_text(diagnostic{one.at.file, {one.at.line, 0}, one.severity, join("[", one.id, "] ", one.says)}));
    out.append('\n');
    if (!one.at.written.empty()) {
      out.append("    ");
      append_printable(out, one.at.written);
      out.append('\n');
    }
    out.append("    to do: ");
    append_printable(out, one.todo);
    out.append('\n');
  }
  if (findings.empty()) out.append("nothing found\n");
  return out;
}

/// The findings as a JSON object on one line, with a line feed. `notes` are further remarks on the rules.
constexpr text write_json(const sequence<finding>& findings, const sequence<text>& notes = {}) {
  json_writer json;
  json.open_object();
  json.key("findings").open_array();
  for (const finding& one : findings) {
    json.open_object();
    json.key("id").string(one.id);
    json.key("severity").string(name_of(one.severity));
    detail::write_place(json, one.at);
    json.key("says").string(one.says);
    json.key("todo").string(one.todo);
    json.close_object();
  }
  json.close_array();
  json.key("notes").open_array();
  for (const text& one : notes) json.string(one);
  json.close_array();
  json.close_object();
  return std::move(json).finish().append('\n');
}

}  // namespace cordon
