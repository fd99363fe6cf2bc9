// cordon lint: what in the rules would one not expect there?
#include <memory>
#include <string>
#include <utility>

#include <cordon/lint/lint.hpp>
#include <cordon/render/findings.hpp>
#include <cordon/render/junit.hpp>
#include <cordon/render/sarif.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"

namespace {

struct lint_arguments {
  policy_arguments policy;
  rules_arguments rules;
  output_arguments output;
};

int lint(const lint_arguments& from) {
  const std::string format = from.output.chosen();
  cordon::lint_options options;
  if (!from.policy.empty()) options.policy = read_policy(from.policy);
  progress_line shown("asking what each rule is for");
  const given_rules given = read_rules(from.rules);
  if (given.has_other_backend) options.on_other_backend = &given.on_other_backend;
  cordon::sequence<cordon::diagnostic> remarks;
  for (const cordon::diagnostic& one : given.remarks)
    (one.severity == cordon::severity::warning && one.at.line != 0 ? options.read : remarks).push_back(one);
  const cordon::sequence<cordon::finding> found = cordon::lint(given.rules, options);
  shown.end();
  print(remarks);
  if (format == "json")
    from.output.write(write_json(found, lines_of(remarks)));
  else if (format == "sarif")
    from.output.write(cordon::write_sarif(found));
  else if (format == "junit")
    from.output.write(write_junit(found));
  else
    from.output.write_text(write_report(found));
  return found.empty() ? 0 : 1;
}

}  // namespace

void add_lint(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("lint", "What in the rules would one not expect there?");
  const auto from = std::make_shared<lint_arguments>();
  from->rules.add_to(*command);
  from->policy.add_to(*command);
  from->output.add_to(*command, {"sarif", "junit"});
  command->footer(
      "Rules that never decide, with the reason; that could be left out; a family that is left open; loopback\n"
      "without -o lo; what legacy and nft read differently; and more. With a policy also what lets the sandbox out\n"
      "further. A rule is said never to decide only if no packet of any sender makes it.\n"
      "Exit status: 0 nothing found, 1 findings, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon lint --v4 rules.v4 --v6 rules.v6 --uid 1001 --allow tcp:127.0.0.1:18443");
  command->final_callback([from, &chosen] { chosen = [from] { return lint(*from); }; });
}
