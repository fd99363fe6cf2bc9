// Numbers under a mask for which the machine may have names, in files of /etc/iproute2: realm and devgroup. Only the
// names that every machine has are known here.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/match/forms.hpp>

namespace cordon::forms {

/// A name that every machine has for a number.
struct named_number {
  std::string_view name;  ///< as in /etc/iproute2
  std::uint32_t number;   ///< what it stands for
};

/// value[/mask] in hexadecimal, or a name of `Names`: {value, mask}. A name is printed for a number without mask.
template <const auto& Names>
inline constexpr value_form named_masked_number{"value[/mask]", 1,
                                                [](const std::string_view* words, const value_context&, option& into) {
                                                  into.numbers.resize(1);
                                                  for (const named_number& known : Names) {
                                                    if (known.name != words[0]) continue;
                                                    into.numbers = {{known.number, 0xffffffff}};
                                                    return text();
                                                  }
                                                  return read_masked_number(words[0], into.numbers[0]);
                                                },
                                                [](const option& from, family in, text& out) {
                                                  for (const named_number& known : Names) {
                                                    if (from.numbers[0] != range{known.number, 0xffffffff}) continue;
                                                    out.append(known.name);
                                                    return;
                                                  }
                                                  masked_number.write(from, in, out);
                                                },
                                                masked_number.draw};

}  // namespace cordon::forms
