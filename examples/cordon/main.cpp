// cordon: which packets of a sandbox does a firewall let out? Reads the command line; each subcommand has a file of
// its own, and all that they know about packets and rules they know from the library.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include <cordon/version.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "unusable.hpp"

namespace {

struct command_entry {
  std::string_view name;
  void (*add)(CLI::App& app, chosen_command& chosen);
  bool tells_of_all = false;
};

constexpr command_entry entries[] = {
    {"check", add_check},   {"diff", add_diff},     {"audit", add_audit},   {"graph", add_graph},
    {"lint", add_lint},     {"matrix", add_matrix}, {"trace", add_trace},   {"why", add_why},
    {"fmt", add_fmt},       {"render", add_render}, {"schema", add_schema}, {"completion", add_completion, true},
    {"man", add_man, true},
};

// The command that is asked for, and the others only where they are told of: a fifth of the start of a process was
// describing flags that nobody asked for.
void add_commands(CLI::App& app, std::string_view asked, chosen_command& chosen) {
  for (const command_entry& one : entries)
    if (one.name == asked && !one.tells_of_all) return one.add(app, chosen);
  for (const command_entry& one : entries) one.add(app, chosen);
}

int run(int argc, char** argv) {
  CLI::App app("Proves what a sandbox can send through a host's iptables rules, over every packet of both families.");
  app.name("cordon");
  app.set_version_flag("--version", "cordon " + std::string(cordon::version));
  app.require_subcommand(1);
  app.footer(
      "cordon COMMAND --help explains a command, with an example.\n"
      "Exit status: 0 proved, 1 leak, 2 unknown, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  iptables-save >rules.v4; ip6tables-save >rules.v6\n"
      "  cordon check --v4 rules.v4 --v6 rules.v6 --uid 1001 --allow tcp:127.0.0.1:18443\n"
      "  cordon trace --v4 rules.v4 'uid=1001 dst=127.0.0.1 dport=8000'");
  chosen_command chosen;
  add_commands(app, argc < 2 ? "" : argv[1], chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::RequiredError&) {
    const std::string commands = names_of_commands(app) + " (cordon --help)";
    if (argc < 2) throw unusable(cordon::join("a command is missing: write cordon ", commands));
    throw unusable(cordon::join("\"", argv[1], "\" is no command: write ", commands));
  } catch (const CLI::ParseError& wrong) {
    std::string command = "cordon";
    for (const CLI::App* const one : app.get_subcommands()) command += " " + one->get_name();
    throw unusable(cordon::join(wrong.what(), " (", command, " --help tells the flags)"));
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const unusable& why) {
    print(why.said);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "error: %s\n", why.what());
  }
  return 3;
}
