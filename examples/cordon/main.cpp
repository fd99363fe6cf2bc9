// cordon: which packets of a sandbox does a firewall let out? Reads the command line; each subcommand has a file of
// its own, and all that they know about packets and rules they know from the library.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include <cordon/version.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "unusable.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app("Proves what a sandbox can send through a host's iptables rules, over every packet of both families.");
  app.name("cordon");
  app.set_version_flag("--version", "cordon " + std::string(cordon::version));
  app.require_subcommand(1);
  app.footer("cordon COMMAND --help explains a command, with an example.\n"
             "Exit status: 0 proved, 1 leak, 2 unknown, 3 input or flags that cannot be used.\n"
             "Example:\n"
             "  iptables-save >rules.v4; ip6tables-save >rules.v6\n"
             "  cordon check --v4 rules.v4 --v6 rules.v6 --uid 1001 --allow tcp:127.0.0.1:18443\n"
             "  cordon trace --v4 rules.v4 'uid=1001 dst=127.0.0.1 dport=8000'");
  chosen_command chosen;
  add_check(app, chosen);
  add_diff(app, chosen);
  add_audit(app, chosen);
  add_graph(app, chosen);
  add_lint(app, chosen);
  add_matrix(app, chosen);
  add_trace(app, chosen);
  add_why(app, chosen);
  add_fmt(app, chosen);
  add_render(app, chosen);
  add_schema(app, chosen);
  add_completion(app, chosen);
  add_man(app, chosen);
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
