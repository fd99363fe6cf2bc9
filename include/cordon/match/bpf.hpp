// -m bpf: a classic BPF program, or one that is pinned in the file system (net/netfilter/xt_bpf.c, bpf_mt_v1). An
// atom with a value of its own at each rule: a program may ask for a random number or the processor (SKF_AD_RANDOM, SKF_AD_CPU),
// or for data that change on the way. The kernel's check of the program is not repeated here.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace bpf_option {
enum : std::uint8_t { bytecode, pinned };

inline constexpr std::uint64_t most_instructions = 64;  // XT_BPF_MAX_NUM_INSTR

// count,code jt jf k,...: a comma may stand at the end. Printed in decimal.
inline constexpr value_form bytecode_form{
    "count,code jt jf k[,...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      into.words.clear();
      forms::list_reader items{words[0]};
      const auto count = read_number(items.next(), most_instructions);
      if (!count || *count == 0)
        return join("'", words[0], "' is no program: it begins with its number of instructions, 1 to 64");
      into.words.append_number(*count);
      std::uint64_t found = 0;
      while (!items.last) {
        const auto instruction = items.next();
        if (items.last && instruction.empty() && found == *count) break;
        into.words.append(',');
        constexpr std::uint64_t most[] = {0xffff, 0xff, 0xff, 0xffffffff};
        forms::list_reader fields{instruction, ' '};
        for (unsigned i = 0; i < 4; ++i) {
          const auto value = fields.last ? no_value : read_number(fields.next(), most[i]);
          if (!value) return join("'", instruction, "' is no instruction: write code jt jf k");
          if (i > 0) into.words.append(' ');
          into.words.append_number(*value);
        }
        ++found;
      }
      if (found != *count)
        return join("the program has ", decimal(found), " instructions and says that it has ", decimal(*count));
      return text();
    },
    [](const option& from, family, text& out) { out.append('"').append(from.words).append('"'); },
    [](const choice_source&, family, option& into) { into.words = "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"; }};

inline constexpr option_description table[] = {
    {.name = "--bytecode", .form = &bytecode_form, .invertible = false, .meaning = "the program"},
    {.name = "--object-pinned", .form = &forms::quoted<1, 511>, .invertible = false, .meaning = "where it is pinned"},
};
}  // namespace bpf_option

namespace detail {
constexpr text bpf_check(const sequence<option>& options, const meaning_context&) {
  if (options.size() != 1) return "-m bpf needs exactly one of --bytecode and --object-pinned";
  return {};
}

constexpr match_meaning bpf_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("bpf", bpf_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m bpf`: its options, and what a use of it means.
inline constexpr match_extension bpf_match{
    .name = "bpf", .options = bpf_option::table, .check = detail::bpf_check, .meaning = detail::bpf_meaning};

}  // namespace cordon
