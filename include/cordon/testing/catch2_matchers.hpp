// Matchers for Catch2, 2.13 or 3: questions about whole firewalls, whose failures tell what a person has to
// know.
#pragma once

#include <string>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/difference_report.hpp>
#include <cordon/render/report.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/testing/catch2_itself.hpp>
#include <cordon/testing/print.hpp>

namespace cordon::testing {

namespace detail {

#if __has_include(<catch2/catch_all.hpp>)
using firewall_matcher = Catch::Matchers::MatcherBase<firewall>;
#else
using firewall_matcher = Catch::MatcherBase<firewall>;
#endif

class policy_matcher : public firewall_matcher {
 public:
  policy_matcher(const egress_policy& policy, bool wants_usable) : policy_(policy), wants_usable_(wants_usable) {}

  bool match(const firewall& rules) const override {
    const proof answer = prove(rules, policy_);
    report_ = shown(write_report(answer, {.rules = &rules, .require_usable = wants_usable_}));
    return answer.proved() && (!wants_usable_ || answer.usable());
  }
  std::string describe() const override {
    std::string words = (wants_usable_ ? "keeps to, and reaches all of " : "keeps to ") + shown(policy_);
    return report_.empty() ? words : words + "\n" + report_;
  }

 private:
  egress_policy policy_;
  bool wants_usable_;
  mutable std::string report_;  // of the firewall that was asked about last
};

class difference_matcher : public firewall_matcher {
 public:
  difference_matcher(firewall other, const maybe<egress_policy>& sandbox)
      : other_(std::move(other)), sandbox_(sandbox) {}

  bool match(const firewall& rules) const override {
    const firewall_difference found = differences(other_, rules, sandbox_);
    report_ = shown(write_report(found, sandbox_));
    return found.answer() == comparison::same;
  }
  std::string describe() const override {
    const std::string words = "treats every packet as the other does";
    return report_.empty() ? words : words + "\n" + report_;
  }

 private:
  firewall other_;
  maybe<egress_policy> sandbox_;
  mutable std::string report_;
};

}  // namespace detail

// Named as Catch2 names matchers.

/// Matches firewalls that are proved to keep a policy (`prove`). A failure prints the report: each leak, the
/// rule to blame and a witness, or what the answer hangs on.
inline detail::policy_matcher KeepsTo(const egress_policy& policy) { return {policy, false}; }

/// As `KeepsTo`, and every endpoint is open.
inline detail::policy_matcher KeepsToAndReaches(const egress_policy& policy) { return {policy, true}; }

/// Matches firewalls that treat every packet as `other` does, of the sandbox or of all senders
/// (`differences`). A failure prints what is let out, stopped or led elsewhere.
inline detail::difference_matcher TreatsPacketsAs(firewall other, const maybe<egress_policy>& sandbox = no_value) {
  return {std::move(other), sandbox};
}

}  // namespace cordon::testing
