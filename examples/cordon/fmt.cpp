// cordon fmt: the rules as the kernel prints them.
#include <memory>
#include <string>

#include <cordon/text/writer.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "rules_flags.hpp"
#include "unusable.hpp"

namespace {

struct fmt_arguments {
  std::string v4, v6, backend, output;
};

int format(const fmt_arguments& from) {
  if (from.v4.empty() == from.v6.empty()) throw unusable("give one file, with --v4 or with --v6");
  const cordon::family of = from.v6.empty() ? cordon::family::ipv4 : cordon::family::ipv6;
  cordon::sequence<cordon::diagnostic> remarks;
  const read_text read = read_rules_file(from.v6.empty() ? from.v4 : from.v6, of, from.backend, remarks);
  print(remarks);
  write_output(write_ruleset(read.rules, of), from.output);
  return 0;
}

}  // namespace

void add_fmt(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("fmt", "The rules as the kernel prints them.");
  const auto from = std::make_shared<fmt_arguments>();
  command->add_option("--v4", from->v4, "iptables-save text, or rules written for iptables-restore")->type_name("FILE");
  command->add_option("--v6", from->v6, "the same for IPv6")->type_name("FILE");
  command->add_option("--backend", from->backend, "who prints them: legacy or nft")->type_name("legacy|nft");
  command->add_option("--output", from->output, "write them to this file")->type_name("FILE");
  command->footer(
      "Prints what loading the file and saving it again would print, without counters and comments.\n"
      "Exit status: 0, or 3 for input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon fmt --v4 rules.v4 | diff - <(sudo iptables-save | grep -v '^#')");
  command->final_callback([from, &chosen] { chosen = [from] { return format(*from); }; });
}
