// A proof as one JSON object, for programs. Its members are a promise: scripts rely on them.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/report.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

namespace detail {

/// Writes a proof's members into the object that is open.
class proof_json {
 public:
  constexpr proof_json(json_writer& json, const proof& of, const report_options& options)
      : json_(json), proof_(&of), options_(options) {}

  constexpr void write() {
    json_.key("verdict").string(name_of(reported_verdict(*proof_, options_)));
    json_.key("usable").boolean(proof_->usable());
    json_.key("families").open_object();
    for (const family of : both_families) json_.key(name_of(of)).string(name_of(proof_->of(of).answer));
    json_.close_object();
    json_.key("leaks").open_array();
    for (const family of : both_families)
      for (const leak& one : proof_->of(of).leaks) write_leak(one, proof_->of(of).has_rules);
    json_.close_array();
    json_.key("endpoints").open_array();
    for (const endpoint_answer& one : proof_->endpoints) write_endpoint(one);
    json_.close_array();
    write_unknown(json_, *proof_);
    json_.key("coverage").string(coverage_in_words(*proof_, options_.rules));
  }

  /// A leak, an object; `has_rules` tells whether its family has any.
  constexpr void write_leak(const leak& one, bool has_rules) {
    json_.open_object();
    write_place(json_, one.blame);
    json_.key("region");
    write_region(json_, one.region);
    if (!one.region_is_whole) json_.key("region_is_whole").boolean(false);
    json_.key("witness").string(write_packet_line(one.witness));
    json_.key("trace").open_array();
    for (const way_step& step : one.way) json_.string(cordon::to_text(step));
    if (!has_rules) json_.string(join("filter:", name_of(proof_->policy.at), ":policy:1"));
    json_.close_array();
    json_.key("needs");
    if (one.needs == leak_need::nothing)
      json_.null();
    else
      json_.string(one.needs == leak_need::mark ? "mark" : "established");
    if (!one.rewritings.empty()) write_rewriting(one.rewritings.front());
    if (one.rewritings.size() > 1) {
      json_.key("rewritings").open_array();
      for (const rewriting& each : one.rewritings) {
        json_.open_object();
        write_rewriting(each);
        json_.close_object();
      }
      json_.close_array();
    }
    json_.close_object();
  }

 private:
  constexpr void write_rewriting(const rewriting& one) {
    json_.key("reaches").string(one.reaches);
    json_.key("rewritten_by").open_object();
    write_place(json_, one.by);
    json_.close_object();
    json_.key("would_allow");
    if (one.would_allow)
      json_.string(name_of(*one.would_allow));
    else
      json_.null();
  }

  constexpr void write_endpoint(const endpoint_answer& one) {
    json_.open_object();
    json_.key("allow").string(name_of(one.to));
    json_.key("status").string(name_of(one.status));
    if (one.status == endpoint_status::partial) {
      json_.key("blocked");
      write_region(json_, one.blocked);
    }
    if (one.replies_blocked) json_.key("replies").string("blocked");
    json_.close_object();
  }

  json_writer& json_;
  const proof* proof_;
  report_options options_;
};

}  // namespace detail

/// The proof as a JSON object on one line, with a line feed. `notes` are further remarks on the rules.
constexpr text write_json(const proof& of, const report_options& options = {}, const sequence<text>& notes = {}) {
  json_writer json;
  json.open_object();
  detail::proof_json(json, of, options).write();
  detail::write_notes(json, notes);
  json.close_object();
  return std::move(json).finish().append('\n');
}

}  // namespace cordon
