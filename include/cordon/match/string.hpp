// -m string: a text somewhere in the packet (net/netfilter/xt_string.c, string_mt). An atom, the same for one packet
// at each rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace string_option {
enum : std::uint8_t { plain, hexadecimal, algorithm, from, to, ignore_case };

inline constexpr std::size_t longest = 128;  // XT_STRING_MAX_PATTERN_SIZE

/// Whether iptables-save shows the text as bytes: it holds one that is no printable ASCII character.
constexpr bool is_shown_as_bytes(std::string_view pattern) {
  for (const char c : pattern)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) return true;
  return false;
}

/// Text with bytes as pairs of hexadecimal digits between bars; a backslash takes the next character as it is.
constexpr text read_bytes(std::string_view written, text& into) {
  bool in_bytes = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    if (c == '\\' && i + 1 < written.size() && !in_bytes) {
      into.append(written[++i]);
    } else if (c == '|') {
      in_bytes = !in_bytes;
    } else if (!in_bytes) {
      into.append(c);
    } else if (c != ' ') {
      if (i + 1 >= written.size() || written[i + 1] == '|' || written[i + 1] == ' ')
        return join("'", written, "': between bars stand bytes of two hexadecimal digits each");
      const auto byte = read_number(written.substr(i, 2), 255, 16);
      if (!byte) return join("'", written.substr(i, 2), "' is no byte: write two hexadecimal digits");
      into.append(static_cast<char>(static_cast<unsigned char>(*byte)));
      ++i;
    }
  }
  if (in_bytes) return join("'", written, "': the bytes have no bar at their end");
  return {};
}

inline constexpr value_form plain_form{"text", 1,
                                       [](const std::string_view* words, const value_context&, option& into) {
                                         if (words[0].empty()) return text("the text to look for is empty");
                                         if (words[0].size() > longest)
                                           return text("the text to look for has more than 128 bytes");
                                         into.words = words[0];
                                         return text();
                                       },
                                       [](const option& from, family, text& out) {
                                         out.append('"');
                                         for (const char c : from.words.view()) {
                                           if (c == '"' || c == '\\') out.append('\\');
                                           out.append(c);
                                         }
                                         out.append('"');
                                       },
                                       [](const choice_source& choices, family, option& into) {
                                         constexpr std::string_view texts[] = {"GET /", "a\"b", "it's", "|61|", "\\"};
                                         into.words = texts[choices.below(5)];
                                       }};

inline constexpr value_form bytes_form{"text|bytes|", 1,
                                       [](const std::string_view* words, const value_context&, option& into) {
                                         into.words.clear();
                                         if (text wrong = read_bytes(words[0], into.words); !wrong.empty())
                                           return wrong;
                                         if (into.words.empty()) return text("the text to look for is empty");
                                         if (into.words.size() > longest)
                                           return text("the text to look for has more than 128 bytes");
                                         return text();
                                       },
                                       [](const option& from, family, text& out) {
                                         out.append("\"|");
                                         for (const char c : from.words.view())
                                           out.append_hexadecimal(static_cast<unsigned char>(c), 2);
                                         out.append("|\"");
                                       },
                                       [](const choice_source& choices, family, option& into) {
                                         constexpr std::string_view texts[] = {std::string_view("\0", 1), "\r\n",
                                                                               "\xff"};
                                         into.words = texts[choices.below(3)];
                                       }};

inline constexpr value_form algorithm_form{
    "bm|kmp", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      if (words[0] != "bm" && words[0] != "kmp")
        return join("'", words[0], "' is no algorithm for this: write bm or kmp");
      into.words = words[0];
      return text();
    },
    [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "bm" : "kmp"; }};

inline constexpr option_description table[] = {
    {.name = "--string", .form = &plain_form, .meaning = "the packet holds this text"},
    {.name = "--hex-string", .form = &bytes_form, .meaning = "the packet holds these bytes"},
    {.name = "--algo", .form = &algorithm_form, .invertible = false, .least_count = 1, .meaning = "how to look"},
    {.name = "--from", .form = &forms::number<0, 65535>, .invertible = false, .meaning = "from this byte"},
    {.name = "--to", .form = &forms::number<0, 65535>, .invertible = false, .meaning = "to this byte"},
    {.name = "--icase", .form = &forms::nothing, .invertible = false, .meaning = "whatever the case"},
};
}  // namespace string_option

namespace detail {
constexpr text string_check(const sequence<option>& options, const meaning_context&) {
  using namespace string_option;
  if (count_of(options, {plain, hexadecimal}) != 1) return "-m string needs exactly one of --string and --hex-string";
  const option* const first = find_option(options, from);
  const option* const last = find_option(options, to);
  if (first != nullptr && last != nullptr && first->numbers[0].low > last->numbers[0].low)
    return "--from must not lie behind --to";
  return {};
}

constexpr void string_normalise(sequence<option>& options, const meaning_context&) {
  using namespace string_option;
  for (option& one : options)
    if (one.index == plain || one.index == hexadecimal) one.index = is_shown_as_bytes(one.words) ? hexadecimal : plain;
  erase_if(options, [](const option& one) {
    return (one.index == from && one.numbers[0].low == 0) || (one.index == to && one.numbers[0].low == 65535);
  });
}

constexpr match_meaning string_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("string", string_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m string`: its options, and what a use of it means.
inline constexpr match_extension string_match{.name = "string",
                                              .options = string_option::table,
                                              .check = detail::string_check,
                                              .normalise = detail::string_normalise,
                                              .meaning = detail::string_meaning};

}  // namespace cordon
