// One use of an extension, from its words to its canonical words and its meaning: what the reader and writer of text/
// do for a whole rule, for one table of options.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/match/list.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/list.hpp>

#include "../catch.hpp"

namespace cordon::test {

/// -p of a rule.
inline protocol_match just(protocol which) { return {true, false, which}; }
inline protocol_match all_but(protocol which) { return {true, true, which}; }

/// The words of a line: double quotes hold a word together, a backslash takes the next character as it is.
inline std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      word += line[++i];
      open = true;
    } else if (line[i] == '"') {
      quoted = !quoted;
      open = true;
    } else if (line[i] == ' ' && !quoted) {
      if (open) words.push_back(word);
      word.clear();
      open = false;
    } else {
      word += line[i];
      open = true;
    }
  }
  if (open) words.push_back(word);
  return words;
}

inline bool is_refused(const std::string& result) { return result.rfind("refused: ", 0) == 0; }

/// What reading gave: the options as they are kept, or why not.
struct use {
  sequence<option> options;
  std::string refused;
};

template <class Extension>
use read_use(const Extension& of, std::string_view line, const meaning_context& context) {
  const std::vector<std::string> words = split(line);
  use made;
  bool inverted = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "!") {
      inverted = true;
      continue;
    }
    const auto known = std::find_if(of.options.begin(), of.options.end(), [&](const option_description& one) {
      return !one.only_written && (one.name == words[i] || (!one.alias.empty() && one.alias == words[i]));
    });
    if (known == of.options.end()) return {{}, "unknown option " + words[i]};
    if (inverted && !known->invertible) return {{}, words[i] + " cannot be inverted"};
    const auto index = static_cast<std::uint8_t>(known - of.options.begin());
    if (find_option(made.options, index) != nullptr && !known->repeatable) return {{}, words[i] + " stands twice"};
    option one{index, inverted, {}, {}};
    inverted = false;
    sequence<std::string_view> values;
    for (unsigned j = 0; j < known->form->word_count; ++j) {
      const bool is_there = i + 1 < words.size() && words[i + 1] != "!" && words[i + 1].rfind("--", 0) != 0;
      if (known->form->optional && !is_there) {
        values.push_back({});
        break;
      }
      if (++i == words.size()) return {{}, "a value is missing"};
      values.push_back(words[i]);
    }
    const text wrong = known->form->read(
        values.data(), {.family = context.family, .backend = context.backend, .option_name = known->name}, one);
    if (!wrong.empty()) return {{}, std::string(wrong.view())};
    made.options.push_back(one);
  }
  for (std::size_t i = 0; i < of.options.size(); ++i) {
    const auto count =
        std::count_if(made.options.begin(), made.options.end(), [&](const option& one) { return one.index == i; });
    if (count < of.options[i].least_count) return {{}, std::string(of.options[i].name) + " is missing"};
  }
  if (of.check != nullptr)
    if (const text wrong = of.check(made.options, context); !wrong.empty()) return {{}, std::string(wrong.view())};
  if (of.normalise != nullptr) of.normalise(made.options, context);
  std::sort(made.options.begin(), made.options.end(),
            [](const option& a, const option& b) { return a.index < b.index; });
  return made;
}

template <class Extension>
std::string written(const Extension& of, const sequence<option>& options, family in) {
  text out;
  for (const option& one : options) {
    if (!out.empty()) out.append(' ');
    if (one.inverted) out.append("! ");
    out.append(of.options[one.index].name);
    if (of.options[one.index].form->word_count > 0) out.append(' ');
    of.options[one.index].form->write(one, in, out);
  }
  return std::string(out.view());
}

/// The canonical words, or "refused: " and why.
template <class Extension>
std::string canonical(const Extension& of, std::string_view line, const meaning_context& context = {}) {
  const use made = read_use(of, line, context);
  if (!made.refused.empty()) return "refused: " + made.refused;
  return written(of, made.options, context.family);
}

/// The words that iptables-save shows, "nothing" if it does not show the match, or "refused: " and why.
inline std::string saved(const match_extension& of, std::string_view line, const meaning_context& context = {}) {
  use made = read_use(of, line, context);
  if (!made.refused.empty()) return "refused: " + made.refused;
  if (of.saved != nullptr && !of.saved(made.options, context)) return "nothing";
  return written(of, made.options, context.family);
}
inline std::string saved(const target_extension& of, std::string_view line, const meaning_context& context = {}) {
  use made = read_use(of, line, context);
  if (!made.refused.empty()) return "refused: " + made.refused;
  if (of.saved != nullptr) of.saved(made.options, context);
  return written(of, made.options, context.family);
}

inline constexpr family both_families_tested[] = {family::ipv4, family::ipv6};
inline constexpr backend both_backends_tested[] = {backend::legacy, backend::nft};

/// Words of a match or target, and those that iptables-save 1.8.9 shows for them; null: it refuses them.
struct saved_case {
  const char* written;
  const char* shown;
  /// What stands before them in the rule.
  protocol_match protocol = {};
};

/// Checks a table of such cases, which were all asked of the live iptables, for one family and back end.
template <class Extension, std::size_t Count>
void check_saved(const Extension& of, const saved_case (&cases)[Count], meaning_context context) {
  for (const saved_case& one : cases) {
    context.protocol = one.protocol;
    const std::string ours = saved(of, one.written, context);
    CAPTURE(one.written, name_of(context.family), name_of(context.backend), context.table);
    if (one.shown == nullptr)
      CHECK(is_refused(ours));
    else
      CHECK(ours == one.shown);
  }
}

/// Is told every meaning that a test asks for, and may change it: what the tests then do not notice, nobody would
/// (tests/mutation). Nothing else sets it.
struct meaning_listener {
  /// Whether it has changed it.
  bool (*match)(const match_extension&, family, match_meaning&) = nullptr;
  bool (*target)(const target_extension&, family, effect&) = nullptr;
  /// What it leaves as it is need not be checked again, where that takes long.
  bool only_changed = false;
};
inline meaning_listener listener;

/// What a use means. Every test asks here.
inline match_meaning meaning_of(const match_extension& of, const sequence<option>& options,
                                const meaning_context& context, bool* changed = nullptr) {
  match_meaning made = of.meaning(options, context);
  const bool is_changed = listener.match != nullptr && listener.match(of, context.family, made);
  if (changed != nullptr) *changed = is_changed;
  return made;
}
inline effect meaning_of(const target_extension& of, const sequence<option>& options, const meaning_context& context) {
  effect made = of.meaning(options, context);
  if (listener.target != nullptr) listener.target(of, context.family, made);
  return made;
}

/// What becomes of a packet's fields where a target does nothing else with it.
inline sequence<alteration> changes_of(const effect& does) {
  CHECK(does == effect{.changes = does.changes});
  return does.changes;
}

/// What a match of that meaning does with one packet: "yes", "no", "unknown", "drop", or "may drop".
inline const char* fate_of(const match_meaning& meaning, const packet& about) {
  const truth dropped = evaluate(meaning.drops, about);
  if (dropped != truth::no) return dropped == truth::yes ? "drop" : "may drop";
  constexpr const char* names[] = {"no", "yes", "unknown"};
  return names[static_cast<unsigned>(evaluate(meaning.holds, about))];
}

/// What the match does with one packet, in the words of `fate_of`.
inline std::string decides(const match_extension& of, std::string_view line, const packet& about,
                           const meaning_context& context = {}) {
  const use made = read_use(of, line, context);
  if (!made.refused.empty()) return "refused: " + made.refused;
  return fate_of(meaning_of(of, made.options, context), about);
}

}  // namespace cordon::test
