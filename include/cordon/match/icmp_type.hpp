// ICMP types as iptables writes them, for icmp and icmp6: a name (which may be cut short as long as it is the only one),
// or type[/code] by number. As a value: numbers[0] are the packet's first two bytes, type * 256 + code; a type
// without code is the interval of all its codes.
#pragma once

#include <span>
#include <string_view>

#include <cordon/match/forms.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::icmp_type {

/// A name, and the first two bytes of a header that it stands for.
struct named {
  std::string_view name;
  std::uint16_t low;
  std::uint16_t high;
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
constexpr text read(std::span<const named> names, std::string_view written, option& into) {
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
  const auto code = slash == std::string_view::npos ? 0 : read_c_number(written.substr(slash + 1), 255);
  if (!number || !code)
    return join("'", written, "' is no ICMP type: write a name such as echo-request, or type/code in numbers");
  into.numbers = {{*number * 256 + *code, *number * 256 + (slash == std::string_view::npos ? 255 : *code)}};
  return {};
}

/// Writes type or type/code.
constexpr void write(const option& from, text& out) {
  const range& codes = from.numbers[0];
  out.append_number(codes.low >> 8);
  if (codes.low == codes.high) out.append('/').append_number(codes.low & 255);
}

constexpr void draw(const choice_source& choices, std::span<const named> names, option& into) {
  if (choices.one_in(2)) {
    const named& known = names[static_cast<std::size_t>(choices.below(names.size()))];
    into.numbers = {{known.low, known.high}};
    return;
  }
  const uint128 type = forms::detail::draw_number(choices, 254);
  const uint128 code = forms::detail::draw_number(choices, 255);
  into.numbers = {choices.one_in(2) ? range{type * 256, type * 256 + 255} : range{type * 256 + code, type * 256 + code}};
}

}  // namespace cordon::icmp_type
