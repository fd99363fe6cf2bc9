#include "files.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <cordon/text/file.hpp>

#include "terminal.hpp"
#include "unusable.hpp"

namespace {

[[noreturn]] void cannot_be_written(const std::string& name) {
  throw unusable(cordon::join("cannot be written: ", std::strerror(errno)), name.empty() ? "<stdout>" : name);
}

}  // namespace

cordon::text read_input(const std::string& name) {
  static bool standard_input_was_read = false;
  if (name == "-") {
    if (std::exchange(standard_input_was_read, true))
      throw unusable("standard input can be read once: give the other as a file");
    if (isatty(STDIN_FILENO) != 0) progress_line::hush();
  }
  auto content = cordon::read_file(name.c_str());
  if (!content) throw unusable(content.diagnostics());
  return std::move(*content);
}

output_file::output_file(const std::string& name)
    : name_(name), opened_(name.empty() ? nullptr : std::fopen(name.c_str(), "wb")) {
  if (!name.empty() && !opened_) cannot_be_written(name_);
}

void output_file::write(std::string_view content) {
  std::FILE* const to = opened_ ? opened_.get() : stdout;
  if (std::fwrite(content.data(), 1, content.size(), to) != content.size()) cannot_be_written(name_);
}

void output_file::finish() {
  if (std::fflush(opened_ ? opened_.get() : stdout) != 0) cannot_be_written(name_);
}

void write_output(std::string_view content, const std::string& name) {
  output_file to(name);
  to.write(content);
  to.finish();
}

void print(const cordon::sequence<cordon::diagnostic>& said) {
  const cordon::text lines = cordon::to_text(said);
  std::fwrite(lines.view().data(), 1, lines.size(), stderr);
}
