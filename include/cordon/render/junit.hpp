// Findings as JUnit's XML, which CI services show as tests: one for each family and each endpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/proof_findings.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/xml_text.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

namespace detail {

struct test_case {
  text name;
  sequence<const finding*> failures = {};
};

constexpr text write_junit(std::string_view suite, const sequence<test_case>& cases) {
  std::size_t failed = 0;
  for (const test_case& one : cases)
    if (!one.failures.empty()) ++failed;
  text out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  const auto counts = [&] {
    out.append(" name=\"");
    append_xml(out, suite);
    out.append("\" tests=\"").append_number(cases.size()).append("\" failures=\"").append_number(failed).append("\"");
  };
  out.append("<testsuites");
  counts();
  out.append(">\n  <testsuite");
  counts();
  out.append(">\n");
  for (const test_case& one : cases) {
    out.append("    <testcase classname=\"");
    append_xml(out, suite);
    out.append("\" name=\"");
    append_xml(out, one.name);
    if (one.failures.empty()) {
      out.append("\"/>\n");
      continue;
    }
    out.append("\">\n");
    for (const finding* const each : one.failures) {
      out.append("      <failure type=\"").append(each->id).append("\" message=\"");
      append_xml(out, each->says);
      out.append("\">");
      append_xml(out, join(source_in_words(each->at), "\n", each->todo));
      out.append("</failure>\n");
    }
    out.append("    </testcase>\n");
  }
  return out.append("  </testsuite>\n</testsuites>\n");
}

}  // namespace detail

/// A proof as a test suite: for each family whether every packet keeps to the policy, where leaks and what is unknown fail;
/// for each endpoint whether it is open, which fails where `options` require it.
constexpr text write_junit(const proof& of, const report_options& options = {}) {
  const sequence<finding> all = findings_of(of, options);
  sequence<detail::test_case> cases;
  for (const family in : both_families) {
    if (of.of(in).answer == answer::absent) continue;
    detail::test_case& made = cases.push_back({join(title_of(in), ": every packet keeps to the policy")});
    // What is open beside a leak is told with it; what is open where all is proved fails nothing.
    if (of.of(in).answer == answer::proved) continue;
    for (const finding& one : all)
      if (one.at.family == in && one.id != "endpoint-not-open") made.failures.push_back(&one);
  }
  std::size_t next = 0;
  while (next < all.size() && all[next].id != "endpoint-not-open") ++next;
  for (const endpoint_answer& one : of.endpoints) {
    detail::test_case& made = cases.push_back({join("endpoint ", name_of(one.to), " is open")});
    if (one.status == endpoint_status::open) continue;
    if (all[next].severity == severity::error) made.failures.push_back(&all[next]);
    ++next;
  }
  return detail::write_junit("cordon check", cases);
}

/// The findings of lint as a test suite: one test for each kind that was found, which fails but for notes; a single one that
/// passes if there is nothing.
constexpr text write_junit(const sequence<finding>& findings) {
  sequence<detail::test_case> cases;
  for (const finding& one : findings) {
    std::size_t at = 0;
    while (at < cases.size() && cases[at].name != one.id) ++at;
    if (at == cases.size()) cases.push_back({one.id});
    if (one.severity != severity::note) cases[at].failures.push_back(&one);
  }
  if (cases.empty()) cases.push_back({"nothing found"});
  return detail::write_junit("cordon lint", cases);
}

}  // namespace cordon
