// cordon schema: what the JSON of each command holds, as a JSON Schema. schema.json beside this file is the
// one source; it describes any answer, and each command's own schema is made from it.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "schema_text.hpp"
#include "unusable.hpp"

namespace {

struct schema_arguments {
  std::string of, output;
};

// The line that lists the answers: "anyOf": [{"$ref": "#/$defs/check"}, ...],
constexpr std::string_view any_of = schema_text.substr(
    schema_text.find("  \"anyOf\": "), schema_text.find("],\n") + 3 - schema_text.find("  \"anyOf\": "));

std::vector<std::string> described_answers() {
  constexpr std::string_view before = "\"#/$defs/";
  std::vector<std::string> made;
  for (std::size_t at = 0; (at = any_of.find(before, at)) != std::string_view::npos;) {
    at += before.size();
    made.emplace_back(any_of.substr(at, any_of.find('"', at) - at));
  }
  return made;
}

int print_schema(const schema_arguments& from) {
  std::string schema(schema_text);
  if (!from.of.empty()) {
    bool is_known = false;
    for (const std::string& one : described_answers()) is_known = is_known || one == from.of;
    if (!is_known)
      throw unusable(
          cordon::join("\"", from.of, "\" has no answer in JSON: write ", joined(described_answers(), ", ", " or ")));
    constexpr std::string_view name = "\"urn:cordon:schema";
    schema.insert(schema.find(name) + name.size(), ":" + from.of);
    schema.replace(schema.find(any_of), any_of.size(), "  \"$ref\": \"#/$defs/" + from.of + "\",\n");
  }
  write_output(schema, from.output);
  return 0;
}

}  // namespace

void add_schema(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("schema", "What the JSON of a command holds, as a JSON Schema.");
  const auto from = std::make_shared<schema_arguments>();
  command
      ->add_option("ANSWER", from->of,
                   "whose: of a command, or batch for a line of check --batch; of any, if it is left out")
      ->type_name(joined(described_answers(), "|", "|"));
  command->add_option("--output", from->output, "write it to this file")->type_name("FILE");
  command->footer(
      "JSON Schema, draft 2020-12. A member that it does not name is not there.\n"
      "Exit status: 0, or 3 for flags that cannot be used.\n"
      "Example:\n"
      "  cordon schema check >check.schema.json");
  command->final_callback([from, &chosen] { chosen = [from] { return print_schema(*from); }; });
}
