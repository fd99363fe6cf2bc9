// REJECT whose answer does not get out: programs wait where they would fail at once.
#pragma once

#include <utility>

#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/stopped_answers.hpp>

namespace cordon::lint_detail {

constexpr void find_unheard_rejects(const linted_family& in, sequence<finding>& into) {
  sequence<diagnostic> said;
  find_stopped_answers(*in.rules, in.policy != nullptr ? *in.policy : egress_policy{}, in.family, said);
  for (diagnostic& one : said) {
    rule_place at = detail::family_place(in);
    at.file = one.file;
    at.line = one.at.line;
    into.push_back({"unheard-reject", severity::warning, std::move(at), std::move(one.message),
                    "let RELATED packets without a process's socket out by lo"});
  }
}

}  // namespace cordon::lint_detail
