// The subcommands of cordon. Each adds itself to the command line, and to what runs once that is read.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

/// Set by the subcommand that the command line names; returns the exit status. May throw `unusable`.
using chosen_command = std::function<int()>;

void add_check(CLI::App& app, chosen_command& chosen);
void add_diff(CLI::App& app, chosen_command& chosen);
void add_audit(CLI::App& app, chosen_command& chosen);
void add_graph(CLI::App& app, chosen_command& chosen);
void add_lint(CLI::App& app, chosen_command& chosen);
void add_matrix(CLI::App& app, chosen_command& chosen);
void add_trace(CLI::App& app, chosen_command& chosen);
void add_why(CLI::App& app, chosen_command& chosen);
void add_fmt(CLI::App& app, chosen_command& chosen);
void add_render(CLI::App& app, chosen_command& chosen);
void add_completion(CLI::App& app, chosen_command& chosen);
void add_man(CLI::App& app, chosen_command& chosen);
void add_schema(CLI::App& app, chosen_command& chosen);
