// -j TCPOPTSTRIP: overwrites TCP options with NOP (net/netfilter/xt_TCPOPTSTRIP.c, tcpoptstrip_tg4). In mangle alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/tcp.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace tcpoptstrip_option {
enum : std::uint8_t { strip };

struct named {
  std::string_view name;
  std::uint8_t kind;
};

// RFC 9293, RFC 7323, RFC 2018, RFC 2385.
inline constexpr named kinds[] = {{"wscale", 3}, {"mss", 2},       {"sack-permitted", 4},
                                  {"sack", 5},   {"timestamp", 8}, {"md5", 19}};

// The kinds, ascending.
inline constexpr value_form kinds_form{
    "kind[,kind...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      bool present[256] = {};
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        auto kind = read_c_number(item, 255);
        for (const named& known : kinds)
          if (known.name == item) kind = known.kind;
        if (!kind) return join("'", item, "' is no TCP option: write a number of 2 to 255, or a name such as mss");
        if (*kind < 2) return text("the TCP options 0 and 1 cannot be taken out");
        present[*kind] = true;
      }
      into.numbers.clear();
      for (unsigned kind = 0; kind < 256; ++kind)
        if (present[kind]) into.numbers.push_back({kind, kind});
      return text();
    },
    [](const option& from, family, text& out) {
      for (std::size_t i = 0; i < from.numbers.size(); ++i) {
        if (i > 0) out.append(',');
        out.append_number(from.numbers[i].low);
      }
    },
    [](const choice_source& choices, family, option& into) {
      into.numbers.clear();
      for (unsigned kind = 2; kind < 256; ++kind)
        if (choices.one_in(60)) into.numbers.push_back({kind, kind});
      if (into.numbers.empty()) into.numbers.push_back({2, 2});
    }};

inline constexpr option_description table[] = {
    {.name = "--strip-options", .form = &kinds_form, .invertible = false, .meaning = "the options to take out"},
};
}  // namespace tcpoptstrip_option

namespace detail {
constexpr text tcpoptstrip_check(const sequence<option>&, const meaning_context& context) {
  if (!context.protocol.is_just(protocol::tcp)) return "TCPOPTSTRIP needs -p tcp in the same rule";
  return needs_table(context, "mangle", "TCPOPTSTRIP");
}

constexpr effect tcpoptstrip_effect(const sequence<option>& options, const meaning_context&) {
  effect made;
  uint128 low = 0;
  uint128 high = 0;
  for (const option& one : options)
    for (const range& kind : one.numbers) {
      const auto number = static_cast<unsigned>(kind.low);
      (number < 128 ? low : high) |= uint128{1} << (number & 127);
      if (number == tcp_option::mss_kind) made.changes.push_back(set_to(field::segment_size, no_segment_size));
    }
  if (low != 0) made.changes.push_back(set_bits(field::low_kinds, 0, low));
  if (high != 0) made.changes.push_back(set_bits(field::high_kinds, 0, high));
  return made;
}
}  // namespace detail

/// `-j TCPOPTSTRIP`: its options, and what a use of it means.
inline constexpr target_extension tcpoptstrip_target{.name = "TCPOPTSTRIP",
                                                     .options = tcpoptstrip_option::table,
                                                     .check = detail::tcpoptstrip_check,
                                                     .meaning = detail::tcpoptstrip_effect};

}  // namespace cordon
