// cordon matrix: several sandboxes on one host: does each keep to its policy, and none reach another's
// endpoints?
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cordon/base/algorithm.hpp>
#include <cordon/live/native_chains.hpp>
#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/matrix.hpp>
#include <cordon/render/matrix_report.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

struct matrix_arguments {
  std::vector<std::string> policies;
  rules_arguments rules;
  bool require_usable = false;
  output_arguments output;
};

// /etc/sandboxes/ci.policy is ci.
std::string base_name(const std::string& file) {
  const auto slash = file.rfind('/');
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  if (const auto dot = name.rfind('.'); dot != std::string::npos && dot != 0) name.resize(dot);
  return name;
}

cordon::sequence<cordon::named_policy> read_policies(const std::vector<std::string>& files) {
  if (files.empty()) throw unusable("whose packets? give --policy FILE for each sandbox");
  cordon::sequence<cordon::named_policy> made;
  for (const std::string& file : files) {
    // Where two files have one name, the folder tells them apart.
    bool is_known = false;
    for (const std::string& other : files)
      is_known = is_known || (&other != &file && base_name(other) == base_name(file));
    const std::string name = is_known ? file : base_name(file);
    for (const cordon::named_policy& other : made)
      if (other.name == std::string_view(name)) throw unusable("is given twice: a sandbox has one policy", file);
    made.push_back({std::string_view(name), read_policy_file(file)});
  }
  return made;
}

// What the same text means to the other back end, where that is another answer.
void note_back_ends(given_rules& given, const cordon::sandbox_matrix& judged) {
  if (!given.has_other_backend) return;
  for (const cordon::judged_sandbox& one : judged.sandboxes) {
    const cordon::text difference = difference_on(one.proof, given.rules, given.on_other_backend);
    if (difference.empty()) continue;
    given.remarks.push_back({{},
                             {},
                             cordon::severity::note,
                             cordon::join("the back ends differ on these rules: with the other one the answer for ",
                                          one.name, " is ", difference)});
  }
}

int judge(const matrix_arguments& from) {
  const bool as_json = from.output.is_json();
  const cordon::sequence<cordon::named_policy> sandboxes = read_policies(from.policies);
  progress_line shown("checking every sandbox against every other");
  given_rules given = read_rules(from.rules);
  cordon::sandbox_matrix answer = cordon::matrix(given.rules, sandboxes);
  note_back_ends(given, answer);
  cordon::doubt_for(answer, given.native_chains);
  shown.end();
  const cordon::report_options options{.rules = &given.rules, .require_usable = from.require_usable};
  print(given.remarks);
  if (as_json)
    from.output.write(write_json(answer, options, lines_of(given.remarks)));
  else
    from.output.write_text(write_report(answer, options));
  return exit_status_of(reported_verdict(answer, options));
}

}  // namespace

void add_matrix(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("matrix", "Several sandboxes: who reaches whose endpoints?");
  const auto from = std::make_shared<matrix_arguments>();
  from->rules.add_to(*command);
  add_policy_files(*command, from->policies,
                   "a sandbox: its flags, one a line, as check takes them; named by its file; repeatable");
  command->add_flag("--require-usable", from->require_usable,
                    "exit 1 too if an endpoint of some sandbox is blocked, or a part of it");
  from->output.add_to(*command);
  command->footer(
      "Judges each sandbox for itself, as check does, and whether it reaches an endpoint of another that its own\n"
      "policy forbids. A table: rows reach columns. apart: no packet does; reaches: some does, which is shown with\n"
      "the rule to blame; shared: only what both policies allow. Owners that overlap are said.\n"
      "Exit status: 0 proved for all, 1 leak, 2 unknown, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon matrix --v4 rules.v4 --v6 rules.v6 --policy ci.policy --policy build.policy");
  command->final_callback([from, &chosen] { chosen = [from] { return judge(*from); }; });
}
