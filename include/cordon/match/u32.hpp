// -m u32: words of the packet under masks and shifts, compared with ranges (net/netfilter/xt_u32.c, u32_mt). An atom;
// the same for one packet at each rule if it asks for the IP header alone. What lies behind may be memory of the program's own
// (MSG_ZEROCOPY, which needs no privilege), and change while the packet is on its way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace u32_option {
enum : std::uint8_t { test };

inline constexpr unsigned most_parts = 11;  // XT_U32_MAXSIZE + 1: tests, places in a test, ranges in a test

/// Reads a test from its beginning to its end and spells it out as iptables-save does: all numbers hexadecimal, no
/// blanks.
class test_reader {
 public:
  constexpr explicit test_reader(std::string_view written) : left_(written) {}

  /// What is wrong, or an empty text; `spelled` is then whole.
  constexpr text read() {
    unsigned tests = 0;
    while (true) {
      if (++tests > most_parts) return "at most 11 tests can be joined by &&";
      if (text wrong = read_place(); !wrong.empty()) return wrong;
      if (text wrong = read_ranges(); !wrong.empty()) return wrong;
      if (left_.empty()) return {};
      left_.remove_prefix(2);  // &&
      skip_blanks();
      spelled.append("&&");
    }
  }

  text spelled;

 private:
  constexpr void skip_blanks() {
    while (!left_.empty() && (left_[0] == ' ' || left_[0] == '\t')) left_.remove_prefix(1);
  }

  constexpr text wrong(std::string_view why) const { return join(why, " at '", left_, "'"); }

  // A C number and the blanks behind it.
  constexpr bool read_value() {
    std::size_t size = 0;
    const bool is_hexadecimal = left_.size() > 1 && left_[0] == '0' && to_lower(left_[1]) == 'x';
    if (is_hexadecimal) size = 2;
    while (size < left_.size() && cordon::detail::digit_value(left_[size]) < (is_hexadecimal ? 16U : 10U)) ++size;
    const auto value = read_c_number(left_.substr(0, size), 0xffffffff);
    if (!value) return false;
    spelled.append("0x").append_hexadecimal(*value);
    left_.remove_prefix(size);
    skip_blanks();
    return true;
  }

  constexpr bool take(std::string_view sign) {
    if (!left_.starts_with(sign)) return false;
    left_.remove_prefix(sign.size());
    skip_blanks();
    return true;
  }

  // number { & | << | >> | @ number } =
  constexpr text read_place() {
    skip_blanks();
    for (unsigned numbers = 1; true; ++numbers) {
      if (numbers > most_parts) return "at most 11 numbers can stand before an '='";
      if (!read_value()) return wrong("a number of 0 to 0xffffffff is missing");
      if (take("=")) break;
      if (left_.starts_with("&&")) return wrong("an '=' is missing");
      bool known = false;
      for (const std::string_view sign : {"&", "<<", ">>", "@"}) {
        if (known || !take(sign)) continue;
        spelled.append(sign);
        known = true;
      }
      if (!known) return wrong("one of & << >> @ = is missing");
    }
    spelled.append('=');
    return {};
  }

  // number[:number]{,number[:number]}
  constexpr text read_ranges() {
    for (unsigned ranges = 1; true; ++ranges) {
      if (ranges > most_parts) return "at most 11 ranges can stand behind an '='";
      if (!read_value()) return wrong("a number of 0 to 0xffffffff is missing");
      if (take(":")) {
        spelled.append(':');
        if (!read_value()) return wrong("a number of 0 to 0xffffffff is missing");
      }
      if (left_.empty() || left_.starts_with("&&")) return {};
      if (!take(",")) return wrong("a comma or && is missing");
      spelled.append(',');
    }
  }

  std::string_view left_;
};

inline constexpr value_form test_form{
    "test", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      test_reader reader(words[0]);
      text wrong = reader.read();
      into.words = std::move(reader.spelled);
      return wrong;
    },
    [](const option& from, family, text& out) { out.append('"').append(from.words).append('"'); },
    [](const choice_source& choices, family, option& into) {
      constexpr std::string_view tests[] = {"0x6&0xff=0x1", "0x0>>0x16&0x3c@0x0>>0x18=0x8:0xa", "0x0=0x0&&0x0=0x1,0x2"};
      into.words = tests[choices.below(3)];
    }};

inline constexpr option_description table[] = {
    {.name = "--u32", .form = &test_form, .least_count = 1, .meaning = "the words of the packet fit"},
};
}  // namespace u32_option

namespace detail {
/// Whether a test, as `test_reader` spells it, asks for words of the fixed IP header alone.
constexpr bool asks_ip_header_alone(std::string_view test, family in) {
  const std::uint64_t last_word = in == family::ipv4 ? 16 : 36;
  if (test.find('@') != std::string_view::npos) return false;
  while (true) {
    const auto place = read_c_number(test.substr(0, test.find_first_of("&<>=")), 0xffffffff);
    if (!place || *place > last_word) return false;
    // The ranges behind the '=' hold no &.
    const std::size_t next = test.find("&&", test.find('='));
    if (next == std::string_view::npos) return true;
    test.remove_prefix(next + 2);
  }
}

constexpr match_meaning u32_meaning(const sequence<option>& options, const meaning_context& context) {
  const bool stays = asks_ip_header_alone(options[0].words, context.family);
  return opaque("u32", u32_option::table, options, context, /*stateful=*/!stays, bytes_of_packet);
}
}  // namespace detail

/// `-m u32`: its options, and what a use of it means.
inline constexpr match_extension u32_match{.name = "u32", .options = u32_option::table, .meaning = detail::u32_meaning};

}  // namespace cordon
