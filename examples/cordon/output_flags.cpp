#include "output_flags.hpp"

#include "files.hpp"
#include "unusable.hpp"

void output_arguments::add_to(CLI::App& command) {
  command.add_flag("--json", json, "one JSON object instead of text");
  command.add_option("--format", format, "text or json")->type_name("text|json");
  command.add_option("--output", file, "write the answer to this file")->type_name("FILE");
}

bool output_arguments::is_json() const {
  if (!format.empty() && format != "text" && format != "json")
    throw unusable(cordon::join("--format: \"", format, "\" is no format: write text or json"));
  return json || format == "json";
}

bool output_arguments::is_text() const { return !is_json() && format == "text"; }

void output_arguments::write(std::string_view answer) const { write_output(answer, file); }

cordon::sequence<cordon::text> lines_of(const cordon::sequence<cordon::diagnostic>& said) {
  cordon::sequence<cordon::text> lines;
  for (const cordon::diagnostic& one : said) lines.push_back(to_text(one));
  return lines;
}

int exit_status_of(cordon::answer verdict) {
  return verdict == cordon::answer::leak ? 1 : verdict == cordon::answer::unknown ? 2 : 0;
}
