// Files and standard input, read whole. Run time only.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include <cordon/base/text.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// How a file is called in messages: its name, or `<stdin>` for `-`.
inline std::string_view shown_file_name(std::string_view name) { return name == "-" ? "<stdin>" : name; }

/// The whole content of a file, `-` being standard input, or a diagnostic that names it and the reason.
inline read_result<text> read_file(const char* name) {
  const auto failed = [&](std::string_view what) {
    const int reason = errno;
    return read_result<text>::failure(
        {shown_file_name(name), {}, severity::error, join(what, ": ", std::strerror(reason))});
  };
  const bool is_standard_input = std::strcmp(name, "-") == 0;
  std::FILE* const file = is_standard_input ? stdin : std::fopen(name, "rb");
  if (file == nullptr) return failed("cannot be opened");
  text content;
  char part[1 << 16];
  while (const std::size_t size = std::fread(part, 1, sizeof part, file)) content.append(std::string_view(part, size));
  if (std::ferror(file) != 0) {
    auto result = failed("cannot be read");
    if (!is_standard_input) std::fclose(file);
    return result;
  }
  if (!is_standard_input) std::fclose(file);
  return read_result<text>(std::move(content));
}

}  // namespace cordon
