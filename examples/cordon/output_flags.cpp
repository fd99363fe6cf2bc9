#include "output_flags.hpp"

#include <algorithm>

#include "command_line.hpp"
#include "files.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

void output_arguments::add_to(CLI::App& command) { add_to(command, {}); }

void output_arguments::add_to(CLI::App& command, std::vector<std::string> more) {
  formats_.insert(formats_.end(), more.begin(), more.end());
  command.add_flag("--json", json, "one JSON object instead of text");
  command.add_option("--format", format, joined(formats_, ", ", " or "))->type_name(joined(formats_, "|", "|"));
  command.add_option("--output", file, "write the answer to this file")->type_name("FILE");
  command.add_option("--color", color, "text in colors (default auto: on a terminal, if NO_COLOR is not set)")
      ->type_name("auto|always|never");
}

std::string output_arguments::chosen() const {
  if (!format.empty() && std::find(formats_.begin(), formats_.end(), format) == formats_.end())
    throw unusable(cordon::join("--format: \"", format, "\" is no format: write ", joined(formats_, ", ", " or ")));
  if (color != "auto" && color != "always" && color != "never")
    throw unusable(cordon::join("--color: \"", color, "\" is no answer to when: write auto, always or never"));
  if (json && !format.empty() && format != "json")
    throw unusable("--json and --format contradict each other: leave one out");
  return json ? "json" : format.empty() ? "text" : format;
}

bool output_arguments::is_json() const { return chosen() == "json"; }

void output_arguments::write(std::string_view answer) const { write_output(answer, file); }

void output_arguments::write_text(std::string_view report) const {
  if (color == "always" || (color == "auto" && file.empty() && is_color_wanted()))
    write(colored(report));
  else
    write(report);
}

cordon::sequence<cordon::text> lines_of(const cordon::sequence<cordon::diagnostic>& said) {
  cordon::sequence<cordon::text> lines;
  for (const cordon::diagnostic& one : said) lines.push_back(to_text(one));
  return lines;
}

int exit_status_of(cordon::answer verdict) {
  return verdict == cordon::answer::leak ? 1 : verdict == cordon::answer::unknown ? 2 : 0;
}
