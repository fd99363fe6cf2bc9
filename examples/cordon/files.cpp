#include "files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "unusable.hpp"

namespace {

struct closes_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, closes_file>;

cordon::text reason(std::string_view what) {
  return cordon::join(what, ": ", std::strerror(errno));
}

std::string read_all(std::FILE* from, const std::string& name) {
  std::string content;
  char part[1 << 16];
  while (const std::size_t size = std::fread(part, 1, sizeof part, from)) content.append(part, size);
  if (std::ferror(from)) throw unusable(reason("cannot be read"), shown_name(name));
  return content;
}

}  // namespace

std::string shown_name(const std::string& name) { return name == "-" ? "<stdin>" : name; }

std::string read_input(const std::string& name) {
  if (name == "-") {
    static bool was_read = false;
    if (was_read) throw unusable("standard input can be read once: give the other as a file");
    was_read = true;
    return read_all(stdin, name);
  }
  const open_file file(std::fopen(name.c_str(), "rb"));
  if (!file) throw unusable(reason("cannot be opened"), name);
  return read_all(file.get(), name);
}

void write_output(std::string_view content, const std::string& name) {
  const open_file opened(name.empty() ? nullptr : std::fopen(name.c_str(), "wb"));
  if (!name.empty() && !opened) throw unusable(reason("cannot be written"), name);
  std::FILE* const to = opened ? opened.get() : stdout;
  const bool whole = std::fwrite(content.data(), 1, content.size(), to) == content.size() && std::fflush(to) == 0;
  if (!whole) throw unusable(reason("cannot be written"), name.empty() ? "<stdout>" : name);
}

void print(const std::vector<cordon::diagnostic>& said) {
  const cordon::text lines = cordon::to_text(said);
  std::fwrite(lines.view().data(), 1, lines.size(), stderr);
}
