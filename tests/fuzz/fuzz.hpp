// What the targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/prove/policy.hpp>
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

/// A host that has these rules, and not the other family.
inline firewall host_with(const ruleset& rules, family of) {
  firewall made;
  made.of(of == family::ipv4 ? family::ipv6 : family::ipv4) = family_rules::none();
  made.of(of) = rules;
  return made;
}

/// A sandbox with one endpoint.
inline egress_policy example_policy(family of) {
  return sandbox(uid{1001}).may_reach(tcp, of == family::ipv4 ? ipv4_address(127, 0, 0, 1) : address{of, 1}, 18443);
}

}  // namespace cordon::fuzz
