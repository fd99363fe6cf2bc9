// cordon graph: which chain leads where?
#include <memory>
#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/render/graph.hpp>
#include <cordon/render/graph_svg.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

struct graph_arguments {
  rules_arguments rules;
  policy_arguments policy;
  std::string format = "dot";
  std::string file;
};

int graph(const graph_arguments& from) {
  if (from.format != "dot" && from.format != "mermaid" && from.format != "svg")
    throw unusable(cordon::join("--format: \"", from.format, "\" is no format: write dot, mermaid or svg"));
  progress_line shown("asking which rules decide");
  const given_rules given = read_rules(from.rules);
  cordon::proof answer;
  if (!from.policy.empty()) answer = cordon::prove(given.rules, read_policy(from.policy));
  const cordon::chain_graph made = graph_of(given.rules, from.policy.empty() ? nullptr : &answer);
  shown.end();
  print(given.remarks);
  write_output(from.format == "dot"       ? write_dot(made)
               : from.format == "mermaid" ? write_mermaid(made)
                                          : write_svg(made),
               from.file);
  return 0;
}

}  // namespace

void add_graph(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("graph", "Which chain leads where?");
  const auto from = std::make_shared<graph_arguments>();
  from->rules.add_to(*command);
  from->policy.add_to(*command);
  command->add_option("--format", from->format, "for Graphviz, for Mermaid, or drawn (default dot)")
      ->type_name("dot|mermaid|svg");
  command->add_option("--output", from->file, "write the graph to this file")->type_name("FILE");
  command->footer(
      "The chains that OUTPUT leads to, of both families; rules that never decide are grey. With a policy the ways of\n"
      "its leaks are red.\n"
      "Exit status: 0, or 3 for input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon graph --v4 rules.v4 --v6 rules.v6 --uid 1001 --allow tcp:127.0.0.1:18443 | dot -Tsvg >rules.svg");
  command->final_callback([from, &chosen] { chosen = [from] { return graph(*from); }; });
}
