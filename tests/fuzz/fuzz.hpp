// What the targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/reader.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace cordon::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program, for the fuzzer to keep the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

/// A failure must say why.
template <class T>
void require_reason(const read_result<T>& read) {
  require(static_cast<bool>(read) || !read.diagnostics().empty(), "what is not read is refused with a message");
}

/// Rules of one family, if the text is that.
inline read_result<ruleset> read_rules(std::string_view content, family of, backend how) {
  return read_ruleset(content, {.family = of, .backend = how, .file = "rules"});
}

}  // namespace cordon::fuzz
