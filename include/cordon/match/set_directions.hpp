// How a set is named by -m set and -j SET: its name, and for each of its dimensions whether the packet's source or
// destination is looked up. As a value: words is the name; numbers has one entry a dimension, 1 for the source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/match/forms.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::forms {

inline constexpr std::size_t longest_set_name = 31;  // IPSET_MAXNAMELEN with its zero is 32
inline constexpr std::size_t most_dimensions = 6;    // IPSET_DIM_MAX

inline constexpr value_form set_and_directions{
    "name src|dst[,src|dst...]", 2,
    [](const std::string_view* words, const value_context&, option& into) {
      if (words[0].empty() || words[0].size() > longest_set_name)
        return join("'", words[0], "' is no name of a set: write 1 to 31 characters");
      if (!fits_on_a_line(words[0])) return text("the name holds the end of a line");
      into.words = words[0];
      into.numbers.clear();
      list_reader items{words[1]};
      while (!items.last) {
        const auto item = items.next();
        if (item != "src" && item != "dst")
          return join("'", words[1], "': write src or dst for each dimension, joined by commas");
        const unsigned source = item == "src" ? 1 : 0;
        into.numbers.push_back({source, source});
      }
      if (into.numbers.size() > most_dimensions) return text("a set has at most 6 dimensions");
      return text();
    },
    [](const option& from, family, text& out) {
      out.append(from.words).append(' ');
      for (std::size_t i = 0; i < from.numbers.size(); ++i) {
        if (i > 0) out.append(',');
        out.append(from.numbers[i].low == 1 ? "src" : "dst");
      }
    },
    [](const choice_source& choices, family, option& into) {
      constexpr std::string_view names[] = {"allowed", "blocked", "s4"};
      into.words = names[choices.below(3)];
      into.numbers.clear();
      for (std::uint64_t left = 1 + choices.below(3); left > 0; --left) {
        const uint128 source = choices.below(2);
        into.numbers.push_back({source, source});
      }
    }};

}  // namespace cordon::forms
