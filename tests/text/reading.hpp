// What becomes of a text of rules: its canonical form, or what is said about it.
#pragma once

#include <string>
#include <string_view>

#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

namespace cordon::test {

inline std::string string_from(const text& of) { return std::string(of.view()); }

/// How a text is read.
struct reading {
  cordon::backend backend = backend::nft;
  cordon::family family = family::ipv4;
  const name_sources* names = nullptr;
};

/// The canonical text, or the diagnostics if it cannot be read.
inline std::string read_text(std::string_view content, const reading& how = {}) {
  const auto read =
      read_ruleset(content, {.family = how.family, .backend = how.backend, .file = "rules", .names = how.names});
  return string_from(read ? write_ruleset(*read, how.family) : to_text(read.diagnostics()));
}

/// What is said about a text, whether or not it is read.
inline std::string said_about(std::string_view content, const reading& how = {}) {
  return string_from(
      to_text(read_ruleset(content, {.family = how.family, .backend = how.backend, .file = "rules", .names = how.names})
                  .diagnostics()));
}

/// A filter table with a user chain A that holds these lines.
inline std::string filter(std::string_view lines) { return "*filter\n:A - [0:0]\n" + std::string(lines) + "COMMIT\n"; }

/// The rule lines of the canonical form of such a table, or the diagnostics. The first line is the text's third.
inline std::string read_lines(std::string_view lines, const reading& how = {}) {
  const std::string all = read_text(filter(lines), how);
  if (!all.starts_with("*")) return all;
  std::string rules;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    if (all.compare(at, 2, "-A") == 0) rules += all.substr(at, end + 1 - at);
    at = end + 1;
  }
  return rules;
}

inline std::string said_about_lines(std::string_view lines, const reading& how = {}) {
  return said_about(filter(lines), how);
}

inline constexpr reading legacy{backend::legacy};
inline constexpr reading nft{backend::nft};
inline constexpr reading ip6{backend::nft, family::ipv6};

}  // namespace cordon::test
