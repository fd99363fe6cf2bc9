// What several answers hold in JSON: places of rules, regions, ways.
#pragma once

#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/region.hpp>
#include <cordon/simulate/trace.hpp>

namespace cordon::detail {

constexpr void write_text_or_null(json_writer& json, std::string_view name, const text& content) {
  json.key(name);
  if (content.empty())
    json.null();
  else
    json.string(content);
}

/// The members of a place, into the object that is open.
constexpr void write_place(json_writer& json, const rule_place& at) {
  json.key("family").string(name_of(at.family));
  json.key("table").string(name_of(at.table));
  json.key("chain").string(at.chain);
  if (at.is_policy())
    json.key("rule").string("policy");
  else
    json.key("rule").number(at.number);
  if (at.line != 0)
    json.key("line").number(at.line);
  else
    json.key("line").null();
  write_text_or_null(json, "text", at.written);
  write_text_or_null(json, "file", at.file);
}

/// A region, an array of boxes.
constexpr void write_region(json_writer& json, const sequence<box>& region) {
  json.open_array();
  for (const box& one : region) {
    const region_words words = words_of(one);
    json.open_object();
    for (const region_member& each : words.members) json.key(each.name).string(each.value);
    if (words.portless) json.key("portless").boolean(true);
    json.close_object();
  }
  json.close_array();
}

/// The member "unknown": what an answer of both families hangs on, an array of places with the match.
template <class Answer>
constexpr void write_unknown(json_writer& json, const Answer& answer) {
  json.key("unknown").open_array();
  for (const family of : both_families)
    for (const doubt& one : answer.of(of).doubts) {
      json.open_object();
      write_place(json, one.at);
      json.key("match").string(one.match);
      json.close_object();
    }
  json.close_array();
}

/// The member "notes": what is said beside the answer.
constexpr void write_notes(json_writer& json, const sequence<text>& notes) {
  json.key("notes").open_array();
  for (const text& one : notes) json.string(one);
  json.close_array();
}

}  // namespace cordon::detail
