// cordon completion: what a shell completes behind "cordon", from the definitions of the flags.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "unusable.hpp"

namespace {

struct completion_arguments {
  std::string shell, output;
};

std::string replaced(std::string words, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = words.find(what, at)) != std::string::npos; at += by.size())
    words.replace(at, what.size(), by);
  return words;
}

std::string names_in(const described_command& of) {
  std::string made;
  for (const described_flag& flag : of.flags)
    for (const std::string& name : flag.names) made += (made.empty() ? "" : " ") + name;
  return made;
}

// The names of the flags of which `is_so`, as alternatives of a shell's case.
template <class Predicate>
std::string alternatives(const described_command& of, const Predicate& is_so) {
  std::string made;
  for (const described_flag& flag : of.flags)
    if (is_so(flag))
      for (const std::string& name : flag.names) made += (made.empty() ? "" : " | ") + name;
  return made;
}

// -------------------------------------------------------------------------------------------------------------
// bash

void add_bash(const described_command& of, std::string& out) {
  out += "    " + of.name + ")\n      case $flag in\n";
  const std::string files = alternatives(of, [](const described_flag& one) { return one.takes_file(); });
  if (!files.empty()) out += "        " + files + ") files=yes ;;\n";
  for (const described_flag& one : of.flags)
    if (const auto values = one.values(); !values.empty())
      out += "        " + joined(one.names, " | ", " | ") + ") words='" + joined(values, " ", " ") + "' ;;\n";
  const std::string others = alternatives(
      of, [](const described_flag& one) { return !one.takes.empty() && !one.takes_file() && one.values().empty(); });
  if (!others.empty()) out += "        " + others + ") ;;\n";
  std::string words = names_in(of);
  for (const described_flag& one : of.words)
    if (const auto values = one.values(); !values.empty()) words.insert(0, joined(values, " ", " ").append(" "));
  out += "        *) words='" + words + "' ;;\n      esac\n      ;;\n";
}

std::string for_bash(const described_command& self, const std::vector<described_command>& commands) {
  std::string out = R"(# What bash completes behind "cordon"; made by: cordon completion bash
_cordon() {
  local word=${COMP_WORDS[COMP_CWORD]} flag= command= words= files= at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; ++at)); do
    [[ ${COMP_WORDS[at]} == -* ]] || { command=${COMP_WORDS[at]}; break; }
  done
  # Readline takes --flag=value and nft:FILE apart.
  ((at = COMP_CWORD - 1))
  [[ $word == : ]] && ((--at))
  ((at > 2)) && [[ ${COMP_WORDS[at]} == : ]] && ((at -= 2))
  ((at > 1)) && [[ ${COMP_WORDS[at]} == = ]] && ((--at))
  [[ $word == [=:] ]] && word=
  flag=${COMP_WORDS[at]}
  case $command in
)";
  out += "    '') words='";
  for (const described_command& one : commands) out += one.name + " ";
  out += names_in(self) + "' ;;\n";
  for (const described_command& one : commands) add_bash(one, out);
  out += R"(  esac
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}
complete -F _cordon cordon
)";
  return out;
}

// --------------------------------------------------------------------------------------------------------------
// zsh

// Words inside '...' that _arguments takes for a description.
std::string zsh_words(const std::string& words) {
  std::string made;
  for (const char one : words) {
    if (one == '[' || one == ']' || one == ':' || one == '\\') made += '\\';
    made += one;
  }
  return replaced(made, "'", "'\\''");
}

// ":message:action" for the value of a flag, or for a word.
std::string zsh_value(const described_flag& of) {
  std::string made = ":" + zsh_words(of.has_dashes ? of.takes : of.names[0]) + ":";
  if (of.takes_file()) return made + "_cordon_files";
  if (const auto values = of.values(); !values.empty()) return made + "(" + joined(values, " ", " ") + ")";
  return made + " ";
}

void add_zsh(const described_flag& of, const std::string& indent, std::string& out) {
  for (const std::string& name : of.names) {
    const bool ends_all = name == "-h" || name == "--help" || name == "--version";
    out.append(" \\\n")
        .append(indent)
        .append("'")
        .append(ends_all           ? "(- : *)"
                : of.is_repeatable ? "*"
                                   : "")
        .append(name);
    if (!of.takes.empty()) out += "=";
    out += "[" + zsh_words(of.description) + "]" + (of.takes.empty() ? "" : zsh_value(of)) + "'";
  }
}

std::string for_zsh(const described_command& self, const std::vector<described_command>& commands) {
  std::string out = R"(#compdef cordon
# What zsh completes behind "cordon"; made by: cordon completion zsh
_cordon_files() {
  compset -P '(legacy|nft):'
  _files
}
_cordon() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C)";
  for (const described_flag& one : self.flags) add_zsh(one, "    ", out);
  out += R"( \
    '1: :->command' \
    '*:: :->rest' && return
  case $state in
    (command)
      local -a commands=(
)";
  for (const described_command& one : commands)
    out += "        '" + one.name + ":" + replaced(one.description, "'", "'\\''") + "'\n";
  out += R"(      )
      _describe -t commands command commands
      ;;
    (rest)
      case $words[1] in
)";
  for (const described_command& one : commands) {
    out += "        (" + one.name + ")\n          _arguments";
    for (const described_flag& flag : one.flags) add_zsh(flag, "            ", out);
    for (const described_flag& word : one.words)
      if (!word.values().empty()) out += " \\\n            '" + zsh_value(word) + "'";
    out += "\n          ;;\n";
  }
  return out + R"(      esac
      ;;
  esac
}
if [[ $funcstack[1] == _cordon ]]; then
  _cordon "$@"
else
  compdef _cordon cordon
fi
)";
}

// -------------------------------------------------------------------------------------------------------------
// fish

std::string fish_words(const std::string& words) {
  return "'" + replaced(replaced(words, "\\", "\\\\"), "'", "\\'") + "'";
}

void add_fish(const described_command& of, const std::string& name, std::string& out) {
  const std::string begin = "complete -c cordon -n '__cordon_command_is " + (name.empty() ? "\"\"" : name) + "'";
  for (const described_flag& one : of.flags) {
    out += begin;
    for (const std::string& each : one.names)
      out += each.starts_with("--") ? " -l " + each.substr(2) : " -s " + each.substr(1);
    if (one.takes_file())
      out += " -r -F -a '(__cordon_files)'";
    else if (const auto values = one.values(); !values.empty())
      out += " -x -a '" + joined(values, " ", " ") + "'";
    else if (!one.takes.empty())
      out += " -x";
    out += " -d " + fish_words(one.description) + "\n";
  }
  for (const described_flag& one : of.words)
    if (const auto values = one.values(); !values.empty()) out += begin + " -a '" + joined(values, " ", " ") + "'\n";
}

std::string for_fish(const described_command& self, const std::vector<described_command>& commands) {
  std::string out = R"(# What fish completes behind "cordon"; made by: cordon completion fish
function __cordon_command_is
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    test "$word" = "$argv[1]"
    return
  end
  test -z "$argv[1]"
end
# Behind legacy: and nft:, which fish takes for a part of the name.
function __cordon_files
  set -l parts (string match -r '^(?:--[^=]*=)?(legacy:|nft:)(.*)' -- (commandline -ct)); or return
  string join \n -- $parts[2](__fish_complete_path $parts[3])
end
complete -c cordon -f
)";
  add_fish(self, "", out);
  for (const described_command& one : commands) {
    out +=
        "complete -c cordon -n '__cordon_command_is \"\"' -a " + one.name + " -d " + fish_words(one.description) + "\n";
    add_fish(one, one.name, out);
  }
  return out;
}

struct shell {
  const char* name;
  std::string (*write)(const described_command& self, const std::vector<described_command>& commands);
};
constexpr std::array<shell, 3> shells = {{{"bash", for_bash}, {"zsh", for_zsh}, {"fish", for_fish}}};

int complete(const CLI::App& app, const completion_arguments& from) {
  for (const shell& one : shells) {
    if (from.shell != one.name) continue;
    write_output(one.write(describe(app), describe_commands(app)), from.output);
    return 0;
  }
  if (from.shell.empty()) throw unusable("whose completion? write cordon completion bash, zsh or fish");
  throw unusable(cordon::join("\"", from.shell, "\" is no shell whose completion is known: write bash, zsh or fish"));
}

}  // namespace

void add_completion(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("completion", "What a shell completes behind cordon.");
  const auto from = std::make_shared<completion_arguments>();
  command->add_option("SHELL", from->shell, "whose")->type_name("bash|zsh|fish");
  command->add_option("--output", from->output, "write it to this file")->type_name("FILE");
  command->footer(
      "An installed cordon has brought it along for all three.\n"
      "Exit status: 0, or 3 for flags that cannot be used.\n"
      "Example:\n"
      "  cordon completion bash >~/.local/share/bash-completion/completions/cordon\n"
      "  cordon completion fish >~/.config/fish/completions/cordon.fish");
  command->final_callback([from, &app, &chosen] { chosen = [from, &app] { return complete(app, *from); }; });
}
