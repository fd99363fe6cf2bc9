// Reads one line of a table: `-A OUTPUT -p tcp --dport 80 -j ACCEPT` and its like. It takes the words as getopt_long
// takes them for iptables 1.8.9: an option is known by its letter, its name, or the beginning of a name that fits no
// other; the options of a match are known once it is loaded, by -m or, for the match of the protocol that -p names, by
// using one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <cordon/match/forms.hpp>
#include <cordon/match/list.hpp>
#include <cordon/rule/rule.hpp>
#include <cordon/target/list.hpp>
#include <cordon/text/extension_names.hpp>
#include <cordon/text/rule_addresses.hpp>
#include <cordon/text/rule_options.hpp>
#include <cordon/text/table_builder.hpp>
#include <cordon/text/words.hpp>

namespace cordon {

/// What a line of a table asks for. Its views refer to the line and its words.
struct rule_command {
  char letter = 0;                         ///< of -A, -I, -D, -R, -N, -P, -F, -X, -E, -Z, -C, -L, -S; 0: nothing to do
  std::uint32_t column = 0;                ///< of that option
  std::string_view chain = {};             ///< empty where none is named
  std::uint32_t chain_column = 0;
  std::string_view argument = {};          ///< the policy of -P, the new name of -E
  std::optional<std::uint32_t> number = {};  ///< of a rule, counted from 1
  cordon::rule rule = {};
  /// The addresses of lists: where either holds more than one, the line stands for one rule for each pair, the
  /// destinations varying faster.
  std::vector<network> sources = {};
  std::vector<network> destinations = {};
};

/// A remark on a line.
struct line_remark {
  std::uint32_t column = 0;
  text message = {};
};

/// Where a line stands.
struct rule_context {
  cordon::family family = family::ipv4;
  cordon::backend backend = backend::nft;
  const name_sources* names = nullptr;
  const table_builder* table = nullptr;  ///< the chains that a rule can jump to
};

/// Reads the words of one line. Make one for each line.
class rule_reader {
 public:
  constexpr rule_reader(const rule_context& context, const std::vector<word>& words)
      : context_(context), words_(words) {}

  /// Reads all words. False: the line cannot be used, and `error` says why.
  constexpr bool read() {
    if (words_.size() > most_words) return fail(1, "more than 251 words in one line: iptables-restore takes no more");
    while (next_ < words_.size()) {
      const word& one = words_[next_];
      if (one.content.size() > longest_word)
        return fail(one.column, "this word has more than 1023 characters: iptables-restore takes no more");
      ++next_;
      value_column_ = one.column;
      if (one.content == "!") {
        if (inverted_) return fail(one.column, "two '!' in a row: write one, or none");
        inverted_ = true;
        inverted_column_ = one.column;
        continue;
      }
      if (!read_option(one)) return false;
      if (skipped_) {
        command = {};
        return true;
      }
      inverted_ = false;
    }
    return finish();
  }

  rule_command command;
  line_remark error;
  std::vector<line_remark> warnings;

 private:
  static constexpr std::size_t most_words = 251;     // MAX_ARGC less the three words that iptables-restore puts before
  static constexpr std::size_t longest_word = 1023;  // its buffer less the zero

  // One bit for each option that may stand in a rule only once.
  enum : unsigned { source_seen = 1, destination_seen = 2, in_seen = 4, out_seen = 8, protocol_seen = 16, fragment_seen = 32,
                    target_seen = 64, counters_seen = 128 };

  constexpr bool fail(std::uint32_t column, text message) {
    error = {column, std::move(message)};
    return false;
  }

  // --- which option a word is -----------------------------------------------------------------------------------------

  constexpr bool read_option(const word& one) {
    const std::string_view content = one.content;
    if (content.size() < 2 || content[0] != '-') return plain_word(one);
    if (content[1] != '-') return short_options(one);
    if (content.size() == 2) {
      if (next_ == words_.size()) return true;
      return fail(words_[next_].column, "iptables takes no words behind '--'");
    }
    const auto equals = content.find('=');
    const std::string_view name = content.substr(2, equals == std::string_view::npos ? equals : equals - 2);
    const bool attached = equals != std::string_view::npos;
    const std::string_view value = attached ? content.substr(equals + 1) : std::string_view{};
    return long_option(one, name, attached, value);
  }

  constexpr bool plain_word(const word& one) {
    if (one.content.starts_with("#"))
      return fail(one.column, "a comment takes a whole line, with '#' as its first character");
    return fail(one.column, join("'", one.content, "' belongs to no option: remove it, or put the option before it",
                                 one.content.starts_with("'") ? " (single quotes do not quote here, use double ones)" : ""));
  }

  // `-fj ACCEPT` is -f and -j ACCEPT.
  constexpr bool short_options(const word& one) {
    for (std::size_t at = 1; at < one.content.size(); ++at) {
      const char letter = one.content[at];
      const argument follows = argument_of(letter);
      if (follows == argument::unknown_option) return unknown_option(one);
      std::string_view value = one.content.substr(at + 1);
      if (follows == argument::none) {
        if (!own_option(letter, {}, one)) return false;
        if (skipped_) return true;
        if (at + 1 < one.content.size()) inverted_ = false;
        continue;
      }
      if (follows == argument::required && value.empty()) {
        if (!take_word(one, value)) return false;
      } else if (!value.empty()) {
        value = attached_value(letter, value, one);
      }
      return own_option(letter, value, one);
    }
    return true;
  }

  constexpr bool long_option(const word& one, std::string_view name, bool attached, std::string_view value) {
    found_option found = find_exactly(name);
    // What follows a match or target that is not known may be its own, whatever other extensions call so.
    if (in_unknown_ && found.letter == 0) return unknown_option(one);
    if (found.count == 0) found = find_abbreviated(name);
    if (found.count == 0 && load_protocol_match(name)) {
      found = find_exactly(name);
      if (found.count == 0) found = find_abbreviated(name);
    }
    if (found.count > 1)
      return fail(one.column, join("'", one.content, "' is short for more than one option: write it in full"));
    if (found.count == 0) return unknown_option(one);
    if (found.letter == 0) return extension_option(one, found, attached, value);

    const argument follows = argument_of(found.letter);
    if (follows == argument::none && attached)
      return fail(one.column, join("'--", name, "' takes no value: remove what stands behind '='"));
    if (follows == argument::required && !attached) {
      if (!take_word(one, value)) return false;
    } else if (attached) {
      value = attached_value(found.letter, value, one);
    }
    return own_option(found.letter, value, one);
  }

  struct found_option {
    unsigned count = 0;          // of options that fit
    char letter = 0;             // of one of iptables' own
    bool of_target = false;
    std::size_t match = 0;       // index in the rule
    const option_description* description = nullptr;
    std::uint8_t index = 0;
  };

  constexpr std::span<const option_description> options_of(std::size_t match) const {
    const match_extension* const extension = command.rule.matches[match].extension;
    return extension == nullptr ? std::span<const option_description>{} : extension->options;
  }

  // An option by its full name. Of several extensions that know the name, the one loaded last has it; of several uses of
  // one extension the last, which was loaded with the first.
  constexpr found_option find_exactly(std::string_view name) const {
    found_option found;
    std::size_t found_first = 0;
    const auto& matches = command.rule.matches;
    for (std::size_t i = matches.size(); i-- > 0;) {
      if (found.count != 0 && matches[i].extension == matches[found.match].extension) continue;
      const auto options = options_of(i);
      for (std::uint8_t k = 0; k < options.size(); ++k) {
        if (options[k].name.substr(2) != name && (options[k].alias.empty() || options[k].alias.substr(2) != name))
          continue;
        const std::size_t first = first_use(i);
        if (found.count != 0 && first < found_first) break;
        found = {1, 0, false, i, &options[k], k};
        found_first = first;
        break;
      }
    }
    if (const target_extension* const extension = command.rule.target.extension;
        extension != nullptr && (found.count == 0 || found_first < matches_before_target_)) {
      for (std::uint8_t k = 0; k < extension->options.size(); ++k) {
        const option_description& option = extension->options[k];
        if (option.name.substr(2) == name || (!option.alias.empty() && option.alias.substr(2) == name))
          return {1, 0, true, 0, &option, k};
      }
    }
    if (found.count != 0) return found;
    for (const auto& own : detail::rule_options)
      if (own.name == name) return {1, own.letter, false, 0, nullptr, 0};
    return found;
  }

  // An option by the beginning of its name, which must fit no other.
  constexpr found_option find_abbreviated(std::string_view name) const {
    found_option found;
    for (const auto& own : detail::rule_options)
      if (own.name.starts_with(name) && own.letter != found.letter) {
        ++found.count;
        found.letter = own.letter;
      }
    const auto look = [&](std::span<const option_description> options, bool of_target, std::size_t match) {
      for (std::uint8_t k = 0; k < options.size(); ++k) {
        if (!options[k].name.substr(2).starts_with(name) &&
            (options[k].alias.empty() || !options[k].alias.substr(2).starts_with(name)))
          continue;
        found = {found.count + 1, 0, of_target, match, &options[k], k};
      }
    };
    for (std::size_t i = command.rule.matches.size(); i-- > 0;)
      if (!is_used_again(i)) look(options_of(i), false, i);
    if (command.rule.target.extension != nullptr) look(command.rule.target.extension->options, true, 0);
    return found;
  }

  constexpr std::size_t first_use(std::size_t match) const {
    for (std::size_t i = 0; i < match; ++i)
      if (command.rule.matches[i].extension == command.rule.matches[match].extension) return i;
    return match;
  }
  constexpr bool is_used_again(std::size_t match) const {
    for (std::size_t i = match + 1; i < command.rule.matches.size(); ++i)
      if (command.rule.matches[i].extension == command.rule.matches[match].extension) return true;
    return false;
  }

  // The word behind an option, whatever it looks like.
  constexpr bool take_word(const word& option, std::string_view& into) {
    if (next_ == words_.size())
      return fail(option.column, join("'", option.content, "' needs a value behind it"));
    value_column_ = words_[next_].column;
    into = words_[next_++].content;
    return true;
  }

  // iptables takes the value of these options from where the next word would be, which is the whole word when the value
  // is joined to the option: `-olo` names an interface `-olo`.
  constexpr std::string_view attached_value(char letter, std::string_view value, const word& one) {
    if (letter == 'i' || letter == 'o') {
      warnings.push_back({one.column, join("iptables takes all of '", one.content,
                                           "' for the interface's name: put a blank before the name")});
      return one.content;
    }
    return value;
  }

  // --- iptables' own options ------------------------------------------------------------------------------------------

  constexpr bool own_option(char letter, std::string_view value, const word& one) {
    in_unknown_ = false;
    switch (letter) {
      case 'A': case 'I': case 'D': case 'R': case 'C': case 'N': case 'P': case 'F': case 'X': case 'E': case 'Z':
      case 'L': case 'S':
        return command_option(letter, value, one);
      case 's': return address_option(source_seen, value, command.rule.source, command.sources, one);
      case 'd': return address_option(destination_seen, value, command.rule.destination, command.destinations, one);
      case 'i': return interface_option(in_seen, value, command.rule.in, one);
      case 'o': return interface_option(out_seen, value, command.rule.out, one);
      case 'p': return protocol_option(value, one);
      case 'f': return fragment_option(one);
      case 'm': return match_option(value);
      case 'j': return target_option(value, one, /*is_goto=*/false);
      case 'g': return target_option(value, one, /*is_goto=*/true);
      case 'c': return counters_option(value, one);
      case '4':
      case '6':
        // A line for the other family is left at once, unread.
        skipped_ = (letter == '4') != (context_.family == family::ipv4);
        return true;
      case 'v':
        if (inverted_) return fail(inverted_column_, "no '!' may stand before this option");
        return true;
      case 't': return fail(one.column, "-t has no place in restore input: the '*' line names the table");
      default:
        return fail(one.column, join("'", one.content, "' has no place in restore input: remove it"));
    }
  }

  constexpr bool once(unsigned bit, const word& one, bool invertible) {
    if ((seen_ & bit) != 0) return fail(one.column, join("'", one.content, "' stands here for the second time"));
    seen_ |= bit;
    if (inverted_ && !invertible) return fail(inverted_column_, join("no '!' may stand before '", one.content, "'"));
    return true;
  }

  constexpr bool has_value() const {
    return next_ < words_.size() && !words_[next_].content.starts_with('-') && !words_[next_].content.starts_with('!');
  }

  constexpr bool command_option(char letter, std::string_view value, const word& one) {
    if (command.letter != 0) return fail(one.column, "a second command in one line: give it a line of its own");
    if (inverted_) return fail(inverted_column_, join("no '!' may stand before '", one.content, "'"));
    command.letter = letter;
    command.column = one.column;
    command.chain = value;
    command.chain_column = value_column_;
    const bool takes_number = letter == 'I' || letter == 'D' || letter == 'R' || letter == 'Z';
    const bool takes_chain = letter == 'F' || letter == 'X' || letter == 'Z' || letter == 'L' || letter == 'S';
    if (takes_chain && value.empty() && has_value()) {
      command.chain_column = words_[next_].column;
      command.chain = words_[next_++].content;
    }
    if (takes_number && has_value() && (letter != 'Z' || !command.chain.empty())) {
      const word& number = words_[next_++];
      const auto read = detail::read_address_part(number.content, 2147483647);
      if (!read || *read == 0)
        return fail(number.column, join("'", number.content, "' is no rule number: write 1 for the chain's first rule"));
      command.number = static_cast<std::uint32_t>(*read);
    } else if (letter == 'R') {
      return fail(one.column, "-R needs the number of the rule to replace behind the chain");
    }
    if (letter == 'P' || letter == 'E') {
      if (!has_value())
        return fail(one.column, letter == 'P' ? "-P needs a chain and ACCEPT or DROP" : "-E needs the old and the new name");
      command.argument = words_[next_++].content;
    }
    if (letter == 'N' && (value.starts_with('-') || value.starts_with('!')))
      return fail(command.chain_column, "a chain's name may not begin with '-' or '!'");
    return true;
  }

  constexpr bool address_option(unsigned bit, std::string_view value, address_match& into, std::vector<network>& list,
                                const word& one) {
    if (!once(bit, one, true)) return false;
    const std::uint32_t column = value_column_;
    if (value == "!") return fail(column, "'!' stands before the option: write `! -s ADDRESS`");
    into.inverted = inverted_;
    if (value.find(',') == std::string_view::npos) {
      if (text wrong = read_rule_network(value, context_.family, into.network); !wrong.empty())
        return fail(column, std::move(wrong));
    } else {
      if (text wrong = read_rule_networks(value, context_.family, list); !wrong.empty())
        return fail(column, std::move(wrong));
      into.network = list[0];
    }
    into.given = true;
    return true;
  }

  constexpr bool interface_option(unsigned bit, std::string_view value, interface_match& into, const word& one) {
    if (!once(bit, one, true)) return false;
    const std::uint32_t column = value_column_;
    if (value.empty()) return fail(column, "an interface's name is missing here: write one, or '+' for any");
    if (!interface_name::fits(value))
      return fail(column, join("the interface name '", value, "' is too long: 15 characters, a '+' included, are the most"));
    for (const char c : value)
      if (c == ' ' || c == '\t' || c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
        return fail(column, join("'", value, "' is no interface name: it holds a blank or a quote"));
    if (value.find('/') != std::string_view::npos)
      warnings.push_back({column, join("no interface can be named '", value, "': the kernel allows no '/'")});
    into.given = true;
    into.inverted = inverted_;
    into.prefix = value.ends_with('+');
    into.name = interface_name(into.prefix ? value.substr(0, value.size() - 1) : value);
    return true;
  }

  constexpr bool protocol_option(std::string_view value, const word& one) {
    if (!once(protocol_seen, one, true)) return false;
    const std::uint32_t column = value_column_;
    protocol_match& into = command.rule.protocol;
    const auto number = detail::read_address_part(value, 255);
    if (number ? *number == 0 : equal_ignoring_case(value, "all") || equal_ignoring_case(value, "ip") ||
                                    equal_ignoring_case(value, "hopopt")) {
      if (inverted_) return fail(inverted_column_, "a rule for no protocol at all: remove it, or the '!'");
      return true;
    }
    const auto protocol = number ? std::optional(static_cast<cordon::protocol>(*number)) : read_protocol(value);
    if (!protocol)
      return fail(column, join("'", value, "' is no protocol: write a name such as tcp, or a number of 0 to 255"));
    into = {true, inverted_, *protocol};
    // The name by which a match of the protocol's own would be loaded.
    for (const auto& known : detail::protocol_names)
      if (known.number == number_of(*protocol)) protocol_name_ = known.name;
    loadable_ = number ? protocol_name_ : value;
    if (context_.family == family::ipv6 && !inverted_ && is_extension_header(*protocol))
      warnings.push_back({column, join("-p ", protocol_name_,
                                       " never matches in ip6tables, which looks behind such headers: use the match of that name")});
    return true;
  }

  static constexpr bool is_extension_header(cordon::protocol of) {
    const auto number = number_of(of);
    return number == 43 || number == 44 || number == 60;
  }

  constexpr bool fragment_option(const word& one) {
    if (context_.family == family::ipv6) return fail(one.column, "-f is for IPv4 alone: use -m frag");
    if (!once(fragment_seen, one, true)) return false;
    command.rule.fragment = inverted_ ? fragment_match::not_later : fragment_match::later;
    return true;
  }

  // The counters of a rule are read and left.
  constexpr bool counters_option(std::string_view value, const word& one) {
    if (!once(counters_seen, one, false)) return false;
    std::string_view packets = value;
    std::string_view bytes;
    if (const auto comma = value.find(',', 1); comma != std::string_view::npos) {
      packets = value.substr(0, comma);
      bytes = value.substr(comma + 1);
    } else if (has_value()) {
      bytes = words_[next_++].content;
    } else {
      return fail(one.column, "-c needs two numbers, of packets and of bytes");
    }
    if (packets.empty() || !is_digit(packets[0]) || bytes.empty() || !is_digit(bytes[0]))
      return fail(one.column, "-c needs two numbers, of packets and of bytes");
    return true;
  }

  // --- matches and targets --------------------------------------------------------------------------------------------

  constexpr bool match_option(std::string_view value) {
    if (inverted_) return fail(inverted_column_, "'!' stands before an option of the match, not before -m");
    const std::uint32_t column = value_column_;
    std::string_view name = value;
    if (name == "icmpv6" || name == "ipv6-icmp") name = "icmp6";
    const match_extension* const extension = find_match_extension(name, context_.family);
    if (extension == nullptr) {
      if (!is_extension_name(value)) return fail(column, join("'", value, "' is no name of a match: write letters and digits alone"));
      warnings.push_back({column, join("the match '", value,
                                       "' is not known here: it is kept word for word, and what it decides is unknown")});
      in_unknown_ = true;
      has_unknown_ = true;
      unknown_is_target_ = false;
      unknown_match_ = command.rule.matches.size();
    }
    add_match(extension, extension != nullptr ? extension->name : value, column);
    return true;
  }

  // Whether a name can be printed as it is and read again.
  static constexpr bool is_extension_name(std::string_view name) {
    for (const char c : name)
      if (!is_digit(c) && (to_lower(c) < 'a' || to_lower(c) > 'z') && c != '_' && c != '-' && c != '.') return false;
    return !name.empty() && name.size() <= 28 && name[0] != '-';
  }

  constexpr void add_match(const match_extension* extension, std::string_view name, std::uint32_t column) {
    match& made = command.rule.matches.emplace_back();
    made.extension = extension;
    made.name = text(name);
    match_columns_.push_back(column);
  }

  // iptables loads the match of the rule's protocol when it meets an option that nothing it has loaded knows.
  constexpr bool load_protocol_match(std::string_view) {
    if (loadable_.empty() || protocol_match_loaded_ || has_unknown_) return false;
    std::string_view name = loadable_;
    if (equal_ignoring_case(name, "icmpv6") || equal_ignoring_case(name, "ipv6-icmp")) name = "icmp6";
    for (const match_extension* const extension : all_match_extensions()) {
      if (!equal_ignoring_case(extension->name, name) ||
          !(context_.family == family::ipv4 ? extension->ipv4 : extension->ipv6))
        continue;
      protocol_match_loaded_ = true;
      add_match(extension, extension->name, words_[next_ - 1].column);
      return true;
    }
    return false;
  }

  constexpr bool target_option(std::string_view value, const word& one, bool is_goto) {
    if (!once(target_seen, one, false)) return false;
    const std::uint32_t column = value_column_;
    target& into = command.rule.target;
    target_column_ = column;
    matches_before_target_ = command.rule.matches.size();
    if (value.empty()) return fail(column, "the name of a target or chain is missing here");
    if (!chain_name::fits(value))
      return fail(column, join("'", value, "' is too long for the name of a target or chain: 28 characters are the most"));
    const std::uint32_t chain = context_.table->find(value);
    if (chain != table_builder::none) {
      if (context_.table->is_built_in(chain))
        return fail(column, join("no rule can jump to ", value, ", a built-in chain"));
      into.what = is_goto ? target::kind::go_to : target::kind::jump;
      into.name = text(value);
      if (find_target_extension(value, context_.family) != nullptr || is_known_target_name(value))
        warnings.push_back({column, join("this jumps to the chain '", value, "' of this table, which hides the target of that name")});
      return true;
    }
    if (is_goto)
      return fail(column, join("there is no chain '", value, "' in table ", name_of(context_.table->name()),
                               ": declare it before this line with ':", value, " - [0:0]'"));
    into.name = text(value);
    into.extension = find_target_extension(value, context_.family);
    if (into.extension != nullptr) {
      into.what = target::kind::extension;
      return true;
    }
    into.what = target::kind::unknown;
    in_unknown_ = true;
    unknown_is_target_ = true;
    has_unknown_ = true;
    return true;
  }

  constexpr bool extension_option(const word& one, const found_option& found, bool attached, std::string_view value) {
    in_unknown_ = false;
    const option_description& description = *found.description;
    auto& options = found.of_target ? command.rule.target.options : command.rule.matches[found.match].options;
    for (const option& other : options)
      if (other.index == found.index)
        return fail(one.column, join("'", description.name, "' stands here for the second time: once is all that is allowed"));
    if (inverted_ && !description.invertible)
      return fail(inverted_column_, join("no '!' may stand before '", description.name, "'"));

    std::string_view values[4];
    const std::uint8_t count = description.form->word_count;
    if (count == 0 && attached)
      return fail(one.column, join("'", description.name, "' takes no value: remove what stands behind '='"));
    std::uint32_t column = one.column;
    for (std::uint8_t i = 0; i < count; ++i) {
      if (i == 0 && attached) {
        values[i] = value;
        continue;
      }
      // The first word is taken as it is, further ones only if they do not look like an option.
      if (i == 0 ? next_ == words_.size() : !has_value())
        return fail(one.column, join("'", description.name, "' needs ", description.form->shown, " behind it"));
      if (i == 0) column = words_[next_].column;
      values[i] = words_[next_++].content;
    }
    option& made = options.emplace_back();
    made.index = found.index;
    made.inverted = inverted_;
    const value_context context{context_.family, context_.backend, description.name, protocol_name_, context_.names};
    if (text wrong = description.form->read(values, context, made); !wrong.empty())
      return fail(column, join(description.name, ": ", wrong));
    if (!found.of_target && count == 1 && context_.names != nullptr &&
        command.rule.matches[found.match].extension == &owner_match && !values[0].empty() && !is_digit(values[0][0]))
      warnings.push_back({column, join("the name '", values[0], "' was looked up on this machine: ",
                                       decimal(made.numbers[0].low), " may be another number on the one that the rules are for")});
    return true;
  }

  // A word that no option explains. Behind a match or target that is not known it belongs to that.
  constexpr bool unknown_option(const word& one) {
    if (!has_unknown_)
      return fail(one.column, join("'", one.content, "' is no option of iptables, nor of a match or target of this rule",
                                   hint_for(one.content)));
    text& words = unknown_is_target_ ? command.rule.target.words : command.rule.matches[unknown_match_].words;
    if (inverted_) append_word(words, "!");
    append_word(words, one.content);
    // All words up to the next option are its values.
    while (next_ < words_.size() && !words_[next_].content.starts_with('-') && words_[next_].content != "!")
      append_word(words, words_[next_++].content);
    return true;
  }

  constexpr text hint_for(std::string_view written) const {
    if (!command.rule.protocol.given &&
        (written.find("port") != std::string_view::npos || written.find("icmp") != std::string_view::npos))
      return ": options of a protocol need -p before them";
    return ": check its spelling, and that its -m stands before it";
  }

  static constexpr void append_word(text& words, std::string_view one) {
    if (!words.empty()) words.append(' ');
    bool bare = !one.empty();
    for (const char c : one) bare = bare && c != ' ' && c != '\t' && c != '"';
    if (bare)
      words.append(one);
    else
      forms::append_quoted(words, one);
  }

  // --- the whole line -------------------------------------------------------------------------------------------------

  constexpr bool finish() {
    if (inverted_) return fail(inverted_column_, "nothing stands behind this '!'");
    if (command.letter == 0)
      return fail(words_.empty() ? 1 : words_[0].column, "a line of a table must say what to do: begin it with -A CHAIN");
    const bool has_rule = command.letter == 'A' || command.letter == 'I' || command.letter == 'D' ||
                          command.letter == 'R' || command.letter == 'C';
    const bool by_number = command.letter == 'D' && command.number.has_value();
    if (!has_rule || by_number) {
      if ((seen_ & ~unsigned{counters_seen}) != 0 || !command.rule.matches.empty())
        return fail(command.column, "this command takes no rule: remove what a rule would say");
      return true;
    }
    return finish_rule();
  }

  constexpr bool finish_rule() {
    rule& made = command.rule;
    if ((made.source.inverted || made.destination.inverted) &&
        (command.sources.size() > 1 || command.destinations.size() > 1))
      return fail(command.column, "'!' goes with one address, not with a list: write one rule for each");
    if (command.letter == 'R' && (command.sources.size() > 1 || command.destinations.size() > 1))
      return fail(command.column, "-R replaces one rule: it takes no address list");
    if (made.out.given && (command.chain == "INPUT" || command.chain == "PREROUTING"))
      return fail(command.column, join("-o has no meaning in ", command.chain, ": packets there are not on their way out"));
    if (made.in.given && (command.chain == "OUTPUT" || command.chain == "POSTROUTING"))
      return fail(command.column, join("-i has no meaning in ", command.chain, ": packets there come from this machine"));
    if (!finish_address(made.source) || !finish_address(made.destination)) return false;
    forget_if_any(made.in);
    forget_if_any(made.out);

    const meaning_context meaning{context_.family, context_.backend, made.protocol, name_of(context_.table->name())};
    for (std::size_t i = 0; i < made.matches.size(); ++i) {
      const match_extension* const of = made.matches[i].extension;
      if (of != nullptr && !finish_extension({"-m ", of->name, of->options, of->check, of->normalise},
                                             made.matches[i].options, meaning, match_columns_[i]))
        return false;
    }
    if (const target_extension* const of = made.target.extension; of != nullptr)
      return finish_extension({"-j ", of->name, of->options, of->check, of->normalise}, made.target.options, meaning,
                              target_column_);
    if (made.target.what == target::kind::unknown) {
      if (made.target.words.empty() && !is_known_target_name(made.target.name))
        return fail(target_column_,
                    join("there is no chain '", made.target.name, "' in table ", name_of(context_.table->name()),
                         " at this line, and no target of that name: declare the chain before this line with ':",
                         made.target.name, " - [0:0]'"));
      if (!is_extension_name(made.target.name))
        return fail(target_column_, join("'", made.target.name, "' is no name of a target"));
      warnings.push_back({target_column_, join("the target '", made.target.name,
                                               "' is not known here: it is kept word for word, and what it does is unknown")});
    }
    return true;
  }

  // An address without mask fits every packet: it says nothing. Inverted it fits none, which nft cannot say.
  constexpr bool finish_address(address_match& of) {
    if (!of.given || of.network.mask != 0 || command.sources.size() > 1 || command.destinations.size() > 1) return true;
    if (!of.inverted) {
      of = {};
      return true;
    }
    if (context_.backend == backend::nft)
      return fail(command.column, "'!' before an address with /0: this rule fits no packet, and iptables-nft refuses it");
    return true;
  }
  static constexpr void forget_if_any(interface_match& of) {
    if (of.given && of.prefix && of.name.empty() && !of.inverted) of = {};
  }

  // What the descriptions of a match and of a target have in common.
  struct description {
    std::string_view dash;
    std::string_view name;
    std::span<const option_description> options;
    text (*check)(const std::vector<option>& options, const meaning_context& context);
    void (*normalise)(std::vector<option>& options, const meaning_context& context);
  };

  constexpr bool finish_extension(const description& of, std::vector<option>& options, const meaning_context& context,
                                  std::uint32_t column) {
    for (std::uint8_t k = 0; k < of.options.size(); ++k)
      if (of.options[k].least_count > 0 && find_option(options, k) == nullptr)
        return fail(column, join(of.dash, of.name, " needs ", of.options[k].name, " ", of.options[k].form->shown));
    if (of.check != nullptr)
      if (text wrong = of.check(options, context); !wrong.empty()) return fail(column, std::move(wrong));
    if (of.normalise != nullptr) of.normalise(options, context);
    // In the order in which iptables-save prints them.
    for (std::size_t i = 1; i < options.size(); ++i)
      for (std::size_t k = i; k > 0 && options[k].index < options[k - 1].index; --k) std::swap(options[k], options[k - 1]);
    for (std::size_t i = 1; i < options.size(); ++i)
      if (options[i].index == options[i - 1].index)
        return fail(column, join("two ways to say ", of.options[options[i].index].name, " in one match: keep one"));
    return true;
  }

  const rule_context& context_;
  const std::vector<word>& words_;
  std::size_t next_ = 0;
  std::uint32_t value_column_ = 0;  // of the value behind the option that is being read
  bool inverted_ = false;
  std::uint32_t inverted_column_ = 0;
  bool skipped_ = false;
  unsigned seen_ = 0;
  std::string_view protocol_name_ = {};  // as iptables prints it, "" without -p
  std::string_view loadable_ = {};       // the protocol as it was named
  bool protocol_match_loaded_ = false;
  std::vector<std::uint32_t> match_columns_;
  std::uint32_t target_column_ = 0;
  std::size_t matches_before_target_ = 0;
  bool in_unknown_ = false;              // the last option was of a match or target that is not known
  bool has_unknown_ = false;
  bool unknown_is_target_ = false;
  std::size_t unknown_match_ = 0;
};

}  // namespace cordon
