#include "files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include <cordon/text/file.hpp>

#include "unusable.hpp"

namespace {

struct closes_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, closes_file>;

cordon::text reason(std::string_view what) {
  return cordon::join(what, ": ", std::strerror(errno));
}

}  // namespace

cordon::text read_input(const std::string& name) {
  static bool standard_input_was_read = false;
  if (name == "-" && std::exchange(standard_input_was_read, true))
    throw unusable("standard input can be read once: give the other as a file");
  auto content = cordon::read_file(name.c_str());
  if (!content) throw unusable(content.diagnostics());
  return std::move(*content);
}

void write_output(std::string_view content, const std::string& name) {
  const open_file opened(name.empty() ? nullptr : std::fopen(name.c_str(), "wb"));
  if (!name.empty() && !opened) throw unusable(reason("cannot be written"), name);
  std::FILE* const to = opened ? opened.get() : stdout;
  const bool whole = std::fwrite(content.data(), 1, content.size(), to) == content.size() && std::fflush(to) == 0;
  if (!whole) throw unusable(reason("cannot be written"), name.empty() ? "<stdout>" : name);
}

void print(const cordon::sequence<cordon::diagnostic>& said) {
  const cordon::text lines = cordon::to_text(said);
  std::fwrite(lines.view().data(), 1, lines.size(), stderr);
}
