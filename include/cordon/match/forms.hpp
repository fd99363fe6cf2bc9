// The ways in which several extensions write a value: one `value_form` each, with its reader, writer and random
// drawing. A way that one extension alone uses lives in that extension's file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/services.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::forms {

namespace detail {
/// A number of 0 to `most`, drawn so that the bounds and small numbers come often.
constexpr uint128 draw_number(const choice_source& choices, std::uint64_t most) {
  switch (choices.below(6)) {
    case 0: return 0;
    case 1: return most;
    case 2: return choices.below(most < 16 ? most + 1 : 16);
    case 3: return most - choices.below(most < 4 ? most + 1 : 4);
    default: return most == ~std::uint64_t{0} ? choices.below(most) : choices.below(most + 1);
  }
}

constexpr range draw_range(const choice_source& choices, std::uint64_t most) {
  const uint128 a = draw_number(choices, most);
  if (choices.one_in(2)) return {a, a};
  const uint128 b = draw_number(choices, most);
  return a < b ? range{a, b} : range{b, a};
}

constexpr void append_range(text& out, const range& numbers, char separator) {
  out.append_number(numbers.low);
  if (numbers.low != numbers.high) out.append(separator).append_number(numbers.high);
}
}  // namespace detail

// --- nothing: a flag
// ------------------------------------------------------------------------------------------------

inline constexpr value_form nothing{"", 0,
                                    [](const std::string_view*, const value_context&, option&) { return text(); },
                                    [](const option&, family, text&) {}, [](const choice_source&, family, option&) {}};

// --- a port, or a range of ports
// ------------------------------------------------------------------------------------

/// A port by number (0 to 65535) or service name.
constexpr maybe<std::uint32_t> read_port(std::string_view written, const value_context& context) {
  if (const auto number = read_c_number(written, 65535)) return static_cast<std::uint32_t>(*number);
  return service_port(written, context.protocol_name, context.names);
}

/// "80", "http", "1000:2000", ":80", "80:", ":".
constexpr text read_port_range(std::string_view written, const value_context& context, range& into) {
  const auto colon = written.find(':');
  const auto first = written.substr(0, colon);
  const auto last = colon == std::string_view::npos ? first : written.substr(colon + 1);
  const auto low = first.empty() && colon != std::string_view::npos ? 0 : read_port(first, context);
  const auto high = last.empty() && colon != std::string_view::npos ? 65535 : read_port(last, context);
  if (!low || !high)
    return join("'", low ? last : first, "' is no port: write a number of 0 to 65535 or a service name");
  if (*low > *high) return join("the port range '", written, "' runs backwards: write the smaller port first");
  into = {*low, *high};
  return {};
}

inline constexpr value_form port_range{
    "port[:port]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      into.numbers.resize(1);
      return read_port_range(words[0], context, into.numbers[0]);
    },
    [](const option& from, family, text& out) { detail::append_range(out, from.numbers[0], ':'); },
    [](const choice_source& choices, family, option& into) { into.numbers = {detail::draw_range(choices, 65535)}; }};

// --- ports as the options write them that ask getaddrinfo: udp's, dccp's and conntrack's
// ---------------------------------

/// A decimal number, of which 16 bits count; nothing at all, which is 0; or the name of a service of any protocol.
constexpr maybe<std::uint32_t> read_resolved_port(std::string_view written, const value_context& context) {
  if (written.empty()) return 0;
  const auto digits = written[0] == '+' ? written.substr(1) : written;
  if (const auto number = read_number(digits, ~std::uint64_t{0} >> 1))
    return static_cast<std::uint32_t>(*number & 0xffff);
  for (const std::string_view protocol : {"tcp", "udp"})
    if (const auto port = service_port(written, protocol, context.names)) return port;
  return no_value;
}

/// As `port_range`; a range that runs backwards is kept, and holds no port.
inline constexpr value_form resolved_port_range{
    "port[:port]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto colon = words[0].find(':');
      const bool is_range = colon != std::string_view::npos;
      const auto first = words[0].substr(0, colon);
      const auto last = is_range ? words[0].substr(colon + 1) : first;
      const auto low = read_resolved_port(first, context);
      const auto high = is_range && last.empty() ? 65535 : read_resolved_port(last, context);
      if (!low || !high)
        return join("'", low ? last : first, "' is no port: write a number of 0 to 65535 or a service name");
      into.numbers = {{*low, *high}};
      return text();
    },
    [](const option& from, family, text& out) { detail::append_range(out, from.numbers[0], ':'); },
    [](const choice_source& choices, family, option& into) { into.numbers = {detail::draw_range(choices, 65535)}; }};

// --- a mark: value/mask, hexadecimal
// --------------------------------------------------------------------------------

/// "5", "0x5/0xff": numbers as strtoul reads them, up to 32 bits.
constexpr text read_masked_number(std::string_view written, range& into) {
  const auto slash = written.find('/');
  const auto value = read_c_number(written.substr(0, slash), 0xffffffff);
  const auto mask = slash == std::string_view::npos ? 0xffffffff : read_c_number(written.substr(slash + 1), 0xffffffff);
  if (!value || !mask) return join("'", written, "' is no mark: write value or value/mask, each 0 to 0xffffffff");
  into = {*value, *mask};
  return {};
}

inline constexpr value_form masked_number{"value[/mask]", 1,
                                          [](const std::string_view* words, const value_context&, option& into) {
                                            into.numbers.resize(1);
                                            return read_masked_number(words[0], into.numbers[0]);
                                          },
                                          [](const option& from, family, text& out) {
                                            out.append("0x").append_hexadecimal(from.numbers[0].low);
                                            if (from.numbers[0].high != 0xffffffff)
                                              out.append("/0x").append_hexadecimal(from.numbers[0].high);
                                          },
                                          [](const choice_source& choices, family, option& into) {
                                            const uint128 value = detail::draw_number(choices, 0xffffffff);
                                            constexpr std::uint32_t masks[] = {0xffffffff, 0xff, 0xffff0000, 0xf,
                                                                               1,          0,    0x55};
                                            const uint128 mask = masks[choices.below(7)];
                                            into.numbers = {{choices.one_in(8) ? value : value & mask, mask}};
                                          }};

// --- a plain number
// --------------------------------------------------------------------------------------------------

/// A number of `Least` to `Most`, as strtoul(…, 0) reads it, printed in decimal.
template <std::uint64_t Least, std::uint64_t Most>
inline constexpr value_form number{
    "number", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto value = read_c_number(words[0], Most);
      if (!value || *value < Least)
        return join("'", words[0], "' will not do: write a number of ", decimal(Least), " to ", decimal(Most));
      into.numbers = {{*value, *value}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family, option& into) {
      const uint128 value = Least + detail::draw_number(choices, Most - Least);
      into.numbers = {{value, value}};
    }};

// --- a range that may be open
// ----------------------------------------------------------------------------------------

/// "5", "5:10", ":10", "5:", ":": numbers of 0 to `Most`, open ends are the bounds. A range that runs backwards is
/// kept: no number is in it.
template <std::uint64_t Most>
inline constexpr value_form open_range{
    "low[:high]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto colon = words[0].find(':');
      const auto one = [&](std::string_view item, std::uint64_t missing) -> maybe<std::uint64_t> {
        if (item.empty() && colon != std::string_view::npos) return missing;
        return read_c_number(item, Most);
      };
      const auto low = one(words[0].substr(0, colon), 0);
      const auto high = colon == std::string_view::npos ? low : one(words[0].substr(colon + 1), Most);
      if (!low || !high)
        return join("'", words[0], "' will not do: write a number of 0 to ", decimal(Most), ", or low:high");
      into.numbers = {{*low, *high}};
      return text();
    },
    [](const option& from, family, text& out) { detail::append_range(out, from.numbers[0], ':'); },
    [](const choice_source& choices, family, option& into) { into.numbers = {detail::draw_range(choices, Most)}; }};

/// Whether a range of an option leaves nothing out.
template <std::uint64_t Most>
constexpr bool is_whole(const option& of) {
  return of.numbers[0] == range{0, Most};
}

// --- text
// -----------------------------------------------------------------------------------------------------------

/// Appends `words` as iptables-save quotes a word (xtables_save_string in libxtables/xtables.c): bare if it is made
/// of letters, digits, `_` and `-` alone, else in double quotes with `"`, `\` and `'` escaped.
constexpr void append_quoted(text& out, std::string_view words) {
  const auto is_plain = [](char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_' || c == '-';
  };
  bool plain = !words.empty();
  for (const char c : words) plain = plain && is_plain(c);
  if (plain) {
    out.append(words);
    return;
  }
  out.append('"');
  for (const char c : words) {
    if (c == '"' || c == '\\' || c == '\'') out.append('\\');
    out.append(c);
  }
  out.append('"');
}

/// What no line of a file can hold, and what iptables refuses or is misled by: the end of a line, and a zero.
constexpr bool fits_on_a_line(std::string_view words) {
  for (const char c : words)
    if (c == '\n' || c == '\0') return false;
  return true;
}

/// Any text of at least `Least` bytes; iptables cuts off without a word what is behind `Most`.
template <std::size_t Least, std::size_t Most>
inline constexpr value_form quoted{"text", 1,
                                   [](const std::string_view* words, const value_context&, option& into) {
                                     if (words[0].size() < Least)
                                       return text("the text is empty: write at least one character");
                                     if (!fits_on_a_line(words[0]))
                                       return text("the text holds the end of a line: write it on one line");
                                     into.words = words[0].substr(0, Most);
                                     return text();
                                   },
                                   [](const option& from, family, text& out) { append_quoted(out, from.words); },
                                   [](const choice_source& choices, family, option& into) {
                                     constexpr std::string_view pieces[] = {"a", "ssh-in", " ",        "\"", "'", "\\",
                                                                            "!", "#",      "\xc3\xa9", "-j", "0", "_"};
                                     into.words.clear();
                                     for (std::uint64_t left = Least + choices.below(6); left > 0; --left)
                                       into.words.append(pieces[choices.below(12)]);
                                   }};

// --- one of a list of names, or some of them
// --------------------------------------------------------------------------

/// Cuts the first item off a list; what is left is behind the separator. Nothing is left when `last` is set.
struct list_reader {
  std::string_view left;  ///< what was not given yet
  char separator = ',';   ///< between two items
  bool last = false;      ///< whether the item that was given last ended the list

  /// The next item; may be empty.
  constexpr std::string_view next() {
    const auto at = left.find(separator);
    const auto item = left.substr(0, at);
    last = at == std::string_view::npos;
    left = last ? std::string_view{} : left.substr(at + 1);
    return item;
  }
};

/// Whether `name` begins with `written`, whatever the case: how iptables lets many names be cut short.
constexpr bool abbreviates(std::string_view written, std::string_view name) {
  return written.size() <= name.size() && equal_ignoring_case(written, name.substr(0, written.size()));
}

}  // namespace cordon::forms
