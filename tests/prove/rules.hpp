// Firewalls from text, for tests.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <cordon/rule/firewall.hpp>
#include <cordon/testing/print.hpp>
#include <cordon/text/reader.hpp>

namespace cordon::test {

/// Throws what the reader says if it cannot read them.
inline ruleset read_rules(std::string_view rules, family of = family::ipv4, backend how = backend::nft) {
  auto read = read_ruleset(rules, {.family = of, .backend = how, .file = "rules"});
  if (!read) throw std::runtime_error(std::string(to_text(read.diagnostics()).view()));
  return *std::move(read);
}

/// Rules for the filter table of one family; the host does not have the other.
inline firewall host_with(std::string_view lines, family of = family::ipv4, backend how = backend::nft) {
  firewall made;
  made.of(of == family::ipv4 ? family::ipv6 : family::ipv4) = family_rules::none();
  made.of(of) = read_rules("*filter\n" + std::string(lines) + "COMMIT\n", of, how);
  return made;
}

inline std::string content_of(const std::string& file) {
  std::ifstream in(file);
  if (!in.good()) throw std::runtime_error("cannot be read: " + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The incident's rules, `before` its fix or `after` it.
inline firewall incident(const std::string& when, backend how) {
  const std::string file = "tests/fixtures/incident/" + when + "." + std::string(name_of(how));
  firewall made;
  made.v4 = read_rules(content_of(file + ".v4"), family::ipv4, how);
  made.v6 = read_rules(content_of(file + ".v6"), family::ipv6, how);
  return made;
}

}  // namespace cordon::test
