// Files, standard input and standard output, as a command uses them.
#pragma once

#include <string>
#include <string_view>

#include <cordon/text/diagnostic.hpp>

/// The content of a file; `-` is standard input, which can be read once. Throws `unusable`.
cordon::text read_input(const std::string& name);

/// Writes a whole answer to a file, or to standard output if the name is empty. Throws `unusable`.
void write_output(std::string_view content, const std::string& name);

/// Prints diagnostics to standard error, one line each.
void print(const cordon::sequence<cordon::diagnostic>& said);
