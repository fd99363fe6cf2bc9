// Files, standard input and standard output, as a command uses them.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <cordon/text/diagnostic.hpp>

/// The content of a file; `-` is standard input, which can be read once. Throws `unusable`.
cordon::text read_input(const std::string& name);

/// A file that is written, or standard output if its name is empty. All throw `unusable`.
class output_file {
 public:
  explicit output_file(const std::string& name);
  void write(std::string_view content);
  /// Call it when all is written: only then is it known to be.
  void finish();

 private:
  struct closes_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string name_;
  std::unique_ptr<std::FILE, closes_file> opened_;
};

/// Writes a whole answer to a file, or to standard output if the name is empty. Throws `unusable`.
void write_output(std::string_view content, const std::string& name);

/// Prints diagnostics to standard error, one line each.
void print(const cordon::sequence<cordon::diagnostic>& said);
