// Writes rules as iptables-save prints them: what loading a text and saving it again shows.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/saved.hpp>
#include <cordon/rule/firewall.hpp>

namespace cordon {

namespace detail {

// A word must be read again as the one word that it is.
constexpr void append_name(text& out, std::string_view name) {
  for (const char c : name)
    require(static_cast<unsigned char>(c) > 0x20 && c != '"' && c != 0x7f,
            "a name in a rule holds a blank, a quote or a control character");
  out.append(name);
}

// A line feed would end the rule, and what follows it would be read as another.
constexpr void require_printable(std::string_view words) {
  for (const char c : words)
    require((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t', "a rule holds a control character");
}

constexpr void append_words(text& out, std::string_view words) {
  require_printable(words);
  if (!words.empty()) out.append(' ').append(words);
}

class rule_writer {
 public:
  constexpr rule_writer(text& out, const meaning_context& context) : out_(out), context_(context) {}

  constexpr void write(const rule& of, std::string_view chain) {
    out_.append("-A ");
    append_name(out_, chain);
    address(" -s ", of.source);
    address(" -d ", of.destination);
    interface(" -i ", of.in);
    interface(" -o ", of.out);
    if (of.protocol.given) out_.append(of.protocol.inverted ? " ! -p " : " -p ").append(to_text(of.protocol.protocol));
    if (of.fragment != fragment_match::any) out_.append(of.fragment == fragment_match::not_later ? " ! -f" : " -f");
    if (is_shown_merged(of.matches, context_)) {
      for (const match& one : saved_matches(of.matches, context_)) match_shown(one);
    } else {
      for (const match& one : of.matches) match_use(one);
    }
    target_use(of.target);
  }

 private:
  constexpr void address(std::string_view option, const address_match& of) {
    if (!of.given || (of.network.mask == 0 && !of.inverted)) return;
    if (of.inverted) out_.append(" !");
    out_.append(option).append(to_text(of.network));
  }

  constexpr void interface(std::string_view option, const interface_match& of) {
    if (!of.given) return;
    // legacy has no place for "no interface at all" and shows nothing for it.
    if (of.prefix && of.name.empty() && (!of.inverted || context_.backend == backend::legacy)) return;
    if (of.inverted) out_.append(" !");
    out_.append(option);
    append_name(out_, of.name);
    if (of.prefix) out_.append('+');
  }

  constexpr void options(view<option_description> table, const sequence<option>& uses) {
    for (const option& one : uses) {
      const option_description& description = table[one.index];
      if (one.inverted) out_.append(" !");
      out_.append(' ').append(description.name);
      if (description.form->word_count == 0) continue;
      out_.append(' ');
      const std::size_t start = out_.size();
      description.form->write(one, context_.family, out_);
      require_printable(out_.view().substr(start));
    }
  }

  // A match whose options are those that are shown.
  constexpr void match_shown(const match& of) {
    if (of.extension != nullptr) return shown_match(of.extension, of.options);
    match_use(of);
  }

  constexpr void match_use(const match& of) {
    if (of.extension == nullptr) {
      out_.append(" -m ");
      append_name(out_, of.name);
      append_words(out_, of.words);
      return;
    }
    if (of.extension->saved == nullptr) return shown_match(of.extension, of.options);
    sequence<option> shown = of.options;
    if (of.extension->saved(shown, context_)) shown_match(of.extension, shown);
  }

  constexpr void shown_match(const match_extension* of, const sequence<option>& shown) {
    out_.append(" -m ").append(of->name);
    options(of->options, shown);
  }

  constexpr void target_use(const target& of) {
    if (of.what == target::kind::none) return;
    out_.append(of.what == target::kind::go_to ? " -g " : " -j ");
    append_name(out_, of.extension != nullptr ? of.extension->name : of.name.view());
    if (of.extension == nullptr) return append_words(out_, of.words);
    if (of.extension->saved == nullptr) return options(of.extension->options, of.options);
    sequence<option> shown = of.options;
    of.extension->saved(shown, context_);
    options(of.extension->options, shown);
  }

  text& out_;
  meaning_context context_;
};

}  // namespace detail

/// The rule as a line of iptables-save: `-A CHAIN ...`, without a line feed. `how` and `in` are the back end and the
/// table that would print it: where a rule says what they have no words for, they print less, or something else.
/// Precondition: no name or text in the rule holds a control character.
constexpr text write_rule(const rule& of, family family_of, std::string_view chain, backend how = backend::nft,
                          table_name in = table_name::filter) {
  text out;
  detail::rule_writer(out, {family_of, how, of.protocol, name_of(in)}).write(of, chain);
  return out;
}

/// All rules as iptables-save prints them, without comments and counters: the tables in the order raw, mangle, nat,
/// filter, security.
constexpr text write_ruleset(const ruleset& of, family family_of) {
  text out;
  for (const table& one : of.tables) {
    out.append('*').append(name_of(one.name)).append('\n');
    for (const chain& each : one.chains) {
      out.append(':');
      detail::append_name(out, each.name);
      out.append(' ').append(each.policy ? name_of(*each.policy) : "-").append(" [0:0]\n");
    }
    for (const chain& each : one.chains)
      for (const rule& line : each.rules) {
        detail::rule_writer(out, {family_of, of.backend, line.protocol, name_of(one.name)}).write(line, each.name);
        out.append('\n');
      }
    out.append("COMMIT\n");
  }
  return out;
}

}  // namespace cordon
