// cordon man: the manual page, from the definitions of the flags and from what --help tells.
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cordon/version.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "unusable.hpp"

namespace {

// Words of running text in mdoc(7): no backslash that is not ours, no hyphen that a terminal could not search
// for.
std::string escaped(std::string_view words) {
  std::string made;
  for (const char one : words) {
    if (one == '\\')
      made += "\\e";
    else if (one == '-')
      made += "\\-";
    else
      made += one;
  }
  return made;
}

// A line as it is, whatever it begins with.
std::string protected_line(std::string_view words) {
  return (words.starts_with('.') || words.starts_with('\'') ? "\\&" : "") + escaped(words) + "\n";
}

// Lines of text, of which each sentence begins one: mdoc then knows where it ends.
std::string text_line(std::string_view words) {
  for (std::size_t at = 0; (at = words.find_first_of(".?!", at)) != std::string_view::npos; ++at)
    if (at + 2 < words.size() && words[at + 1] == ' ')
      return text_line(words.substr(0, at + 1)) + text_line(words.substr(at + 2));
  return protected_line(words);
}

// One argument of a macro: quoted, for "|" and the like have a meaning there.
std::string argument(std::string_view words) {
  std::string made = "\"";
  for (const char one : escaped(words)) made += one == '"' ? "\"\"" : std::string(1, one);
  return made + "\"";
}

// "2026-11-30" as mdoc(7) has it. Packages are built alike on any day if SOURCE_DATE_EPOCH says which it is.
std::string today() {
  const char* const told = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t now =
      told != nullptr ? static_cast<std::time_t>(std::strtoll(told, nullptr, 10)) : std::time(nullptr);
  std::tm day{};
  gmtime_r(&now, &day);
  char written[32];
  return {written, std::strftime(written, sizeof written, "%Y-%m-%d", &day)};
}

std::string flag_item(const described_flag& of) {
  std::string made = ".It";
  for (std::size_t i = 0; i < of.names.size(); ++i) {
    const std::string& name = of.names[i];
    made += i == 0 ? "" : " ,";
    made += of.has_dashes ? " Fl " + argument(std::string_view(name).substr(1)) : " Ar " + argument(name);
  }
  if (of.has_dashes && !of.takes.empty()) made += " Ar " + argument(of.takes);
  if (!of.has_dashes && !of.values().empty()) made += " : " + argument(joined(of.values(), ", ", " or "));
  return made + "\n" + text_line(of.description);
}

void add_flags(const described_command& of, std::string& out) {
  out += ".Bl -tag -width Ds\n";
  for (const described_flag& one : of.words) out += flag_item(one);
  for (const described_flag& one : of.flags)
    if (one.group == "Options") out += flag_item(one);
  for (const described_flag& one : of.flags)
    if (one.group != "Options") out += flag_item(one);
  out += ".El\n";
}

void add_examples(const std::vector<std::string>& lines, std::string& out) {
  out += ".Bd -literal -offset indent\n";
  for (const std::string& one : lines) out += protected_line(one);
  out += ".Ed\n";
}

void add_command(const described_command& of, std::string& out) {
  out += ".Ss " + of.name + "\n.Nm\n.Cm " + of.name + "\n.Op Ar flags\n";
  for (const described_flag& one : of.words) out += ".Op Ar " + argument(one.names[0]) + "\n";
  out += ".Pp\n" + text_line(of.description);
  for (const std::string& one : of.about) out += text_line(one);
  add_flags(of, out);
  if (!of.exit_status.empty()) out += "Exit status: " + text_line(of.exit_status);
  if (of.examples.empty()) return;
  out += ".Pp\nExample:\n";
  add_examples(of.examples, out);
}

std::string manual(const CLI::App& app) {
  const described_command self = describe(app);
  std::string out = ".\\\" Made by: cordon man\n.Dd " + today() + "\n.Dt CORDON 1\n.Os cordon " +
                    std::string(cordon::version) +
                    "\n.Sh NAME\n.Nm cordon\n.Nd proves what a sandbox can send through iptables rules\n"
                    ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar flags\n.Nm\n.Ar command\n.Fl \\-help\n"
                    ".Sh DESCRIPTION\n";
  out += text_line(self.description);
  for (const std::string& one : self.about) out += text_line(one);
  out += ".Pp\nThe flags of\n.Nm\nitself are\n";
  add_flags(self, out);
  out += ".Sh COMMANDS\n";
  for (const described_command& one : describe_commands(app)) add_command(one, out);
  out +=
      ".Sh ENVIRONMENT\n.Bl -tag -width SOURCE_DATE_EPOCH\n"
      ".It Ev NO_COLOR\nIf it is set and not empty, nothing is colored, but with\n.Fl \\-color Ar always .\n"
      ".It Ev TERM\nOn a terminal that is\n.Cm dumb\n, or none at all, nothing is colored, and no progress "
      "is shown.\n"
      ".It Ev SOURCE_DATE_EPOCH\nThe day that this page bears, in seconds since 1970.\n.El\n";
  out += ".Sh EXIT STATUS\n" + text_line(self.exit_status);
  out += ".Sh EXAMPLES\n";
  add_examples(self.examples, out);
  out +=
      ".Sh SEE ALSO\n.Xr ipset 8 ,\n.Xr iptables 8 ,\n.Xr iptables-extensions 8 ,\n.Xr iptables-save 8 "
      ",\n.Xr ss 8\n";
  return out;
}

}  // namespace

void add_man(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("man", "The manual page.");
  const auto output = std::make_shared<std::string>();
  command->add_option("--output", *output, "write it to this file")->type_name("FILE");
  command->footer(
      "In mdoc, for man and groff.\n"
      "Exit status: 0, or 3 for flags that cannot be used.\n"
      "Example:\n"
      "  cordon man >cordon.1 && man ./cordon.1");
  command->final_callback([output, &app, &chosen] {
    chosen = [output, &app] {
      write_output(manual(app), *output);
      return 0;
    };
  });
}
