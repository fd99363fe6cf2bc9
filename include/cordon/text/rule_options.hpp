// The options that iptables itself knows, as getopt_long sees them: a letter each, and one or two long names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/name_index.hpp>

namespace cordon {

/// Whether an option is followed by a word. `attached`: only by one in the same word (`--flush=CHAIN`).
enum class argument : std::uint8_t { none, attached, required, unknown_option };

/// A long option of iptables.
struct rule_option {
  std::string_view name;  ///< without its dashes
  char letter;
};

namespace detail {
// clang-format off
inline constexpr rule_option rule_options[] = {
    {"append", 'A'},       {"delete", 'D'},        {"check", 'C'},         {"insert", 'I'},        {"replace", 'R'},
    {"list", 'L'},         {"list-rules", 'S'},    {"flush", 'F'},         {"zero", 'Z'},          {"new-chain", 'N'},
    {"delete-chain", 'X'}, {"rename-chain", 'E'},  {"policy", 'P'},        {"source", 's'},        {"destination", 'd'},
    {"src", 's'},          {"dst", 'd'},           {"protocol", 'p'},      {"in-interface", 'i'},  {"jump", 'j'},
    {"table", 't'},        {"match", 'm'},         {"numeric", 'n'},       {"out-interface", 'o'}, {"verbose", 'v'},
    {"wait", 'w'},         {"wait-interval", 'W'}, {"exact", 'x'},         {"fragments", 'f'},     {"version", 'V'},
    {"help", 'h'},         {"line-numbers", '0'},  {"modprobe", 'M'},      {"set-counters", 'c'},  {"goto", 'g'},
    {"ipv4", '4'},         {"ipv6", '6'},
};
// clang-format on

constexpr name_index index_of_rule_options() {
  name_index made;
  for (std::size_t i = 0; i < std::size(rule_options); ++i)
    made.add(rule_options[i].name, static_cast<std::uint8_t>(i));
  return made;
}
inline constexpr name_index rule_option_index = index_of_rule_options();
}  // namespace detail

/// What follows the option of that letter.
constexpr argument argument_of(char letter) {
  switch (letter) {
    case 'A':
    case 'D':
    case 'C':
    case 'I':
    case 'R':
    case 'N':
    case 'E':
    case 'P':
    case 's':
    case 'd':
    case 'p':
    case 'i':
    case 'j':
    case 't':
    case 'm':
    case 'o':
    case 'M':
    case 'c':
    case 'g': return argument::required;
    case 'L':
    case 'S':
    case 'F':
    case 'Z':
    case 'X':
    case 'w':
    case 'W':
    case 'h': return argument::attached;
    case 'n':
    case 'v':
    case 'x':
    case 'f':
    case 'V':
    case '0':
    case '4':
    case '6': return argument::none;
    default: return argument::unknown_option;
  }
}

/// The letter of the long option of that name, 0 if there is none.
constexpr char rule_option_letter(std::string_view name) {
  const std::uint8_t at = detail::rule_option_index.find(name);
  return at == name_index::none ? '\0' : detail::rule_options[at].letter;
}

}  // namespace cordon
