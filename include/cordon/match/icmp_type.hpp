// ICMP types as iptables writes them, for icmp and icmp6: a name (which may be cut short as long as it is the only
// one), or type[/code[:code]] by number. As a value: numbers[0] are the packet's first two bytes, type * 256 + code;
// a type without code is the interval of all its codes, and an interval that runs backwards holds none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon::icmp_type {

/// A name, and the first two bytes of a header that it stands for.
struct named {
  std::string_view name;  ///< as iptables knows it
  std::uint16_t low;      ///< the first two bytes, type * 256 + code
  std::uint16_t high;     ///< the last number that the name stands for
};

/// Every code of a type.
constexpr named type(std::string_view name, unsigned number) {
  return {name, static_cast<std::uint16_t>(number * 256), static_cast<std::uint16_t>(number * 256 + 255)};
}
/// One code of a type.
constexpr named code(std::string_view name, unsigned number, unsigned code) {
  const auto both = static_cast<std::uint16_t>(number * 256 + code);
  return {name, both, both};
}

/// Reads a name of `names`, or numbers.
constexpr text read(view<named> names, std::string_view written, option& into) {
  const named* found = nullptr;
  for (const named& known : names) {
    if (!forms::abbreviates(written, known.name)) continue;
    if (found != nullptr)
      return join("the ICMP type '", written, "' can be ", found->name, " or ", known.name, ": write more of it");
    found = &known;
  }
  if (found != nullptr) {
    into.numbers = {{found->low, found->high}};
    return {};
  }
  const auto slash = written.find('/');
  const auto number = read_c_number(written.substr(0, slash), 255);
  maybe<std::uint64_t> low = 0;
  maybe<std::uint64_t> high = 255;
  if (slash != std::string_view::npos) {
    const auto codes = written.substr(slash + 1);
    const auto colon = codes.find(':');
    low = read_c_number(codes.substr(0, colon), 255);
    high = colon == std::string_view::npos ? low : read_c_number(codes.substr(colon + 1), 255);
  }
  if (!number || !low || !high)
    return join("'", written, "' is no ICMP type: write a name such as echo-request, or type/code in numbers");
  into.numbers = {{*number * 256 + *low, *number * 256 + *high}};
  return {};
}

/// Writes type, type/code or type/code:code.
constexpr void write(const option& from, text& out) {
  const range& codes = from.numbers[0];
  out.append_number(codes.low >> 8);
  const uint128 low = codes.low & 255;
  const uint128 high = codes.high & 255;
  if (low == 0 && high == 255) return;
  out.append('/').append_number(low);
  if (low != high) out.append(':').append_number(high);
}

/// iptables-save shows the first code of an interval alone.
constexpr bool show_first_code(sequence<option>& options, const meaning_context&) {
  for (option& one : options) {
    range& codes = one.numbers[0];
    if ((codes.low & 255) != 0 || (codes.high & 255) != 255) codes.high = codes.low;
  }
  return true;
}

constexpr void draw(const choice_source& choices, view<named> names, option& into) {
  if (choices.one_in(2)) {
    const named& known = names[static_cast<std::size_t>(choices.below(names.size()))];
    into.numbers = {{known.low, known.high}};
    return;
  }
  const uint128 type = forms::detail::draw_number(choices, 254);
  const uint128 code = forms::detail::draw_number(choices, 255);
  into.numbers = {choices.one_in(2) ? range{type * 256, type * 256 + 255}
                                    : range{type * 256 + code, type * 256 + code}};
}

}  // namespace cordon::icmp_type
