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
  // Room for all of it at once. A pipe tells no size, and what is no file may tell any.
  constexpr long most_believed = 1L << 30;
  if (const long here = std::ftell(file); here >= 0 && std::fseek(file, 0, SEEK_END) == 0) {
    if (const long left = std::ftell(file) - here; left > 0 && left <= most_believed)
      content.reserve(static_cast<std::size_t>(left));
    if (std::fseek(file, here, SEEK_SET) != 0) return failed("cannot be read");
  }
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
