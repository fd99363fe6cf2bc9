// Reads one line of a table: `-A OUTPUT -p tcp --dport 80 -j ACCEPT` and its like, word by word as getopt_long takes
// them for iptables 1.8.9.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/rule.hpp>
#include <cordon/text/extension_index.hpp>
#include <cordon/text/extension_names.hpp>
#include <cordon/text/option_finder.hpp>
#include <cordon/text/rule_addresses.hpp>
#include <cordon/text/rule_interfaces.hpp>
#include <cordon/text/rule_protocols.hpp>
#include <cordon/text/table_builder.hpp>
#include <cordon/text/words.hpp>

namespace cordon {

/// What a line of a table asks for, beside the rule in it. Its views refer to the line and its words.
struct rule_command {
  char letter = 0;                 ///< of -A, -I, -D, -R, -N, -P, -F, -X, -E, -Z, -C, -L, -S; 0: nothing to do
  std::uint32_t column = 0;        ///< of that option
  std::string_view chain = {};     ///< empty where none is named
  std::uint32_t chain_column = 0;  ///< where the chain's name stands, from 1
  std::string_view argument = {};  ///< the policy of -P, the new name of -E
  std::uint32_t number = 0;        ///< of a rule, counted from 1; 0: none was given

  /// Whether the command is about a rule, not a chain.
  constexpr bool has_rule() const {
    return letter == 'A' || letter == 'I' || letter == 'R' || letter == 'C' || (letter == 'D' && number == 0);
  }
};

/// The addresses of a rule where either is a list: the line then stands for one rule for each pair, the destinations
/// varying faster. An empty list stands for the address that is in the rule.
struct address_lists {
  sequence<network> sources = {};       ///< of -s
  sequence<network> destinations = {};  ///< of -d

  /// Whether neither was given.
  constexpr bool empty() const { return sources.empty() && destinations.empty(); }
  /// Whether one of them makes several rules of the line.
  constexpr bool holds_several() const { return sources.size() > 1 || destinations.size() > 1; }
};

/// A remark on a line.
struct line_remark {
  std::uint32_t column = 0;  ///< from 1
  text message = {};         ///< what is wrong, and what to do
};

/// Where a line stands.
struct rule_context {
  cordon::family family = family::ipv4;    ///< whose rules they are
  cordon::backend backend = backend::nft;  ///< whose program reads them
  const name_sources* names = nullptr;     ///< what the machine knows; null: nothing is looked up
  const table_builder* table = nullptr;    ///< the chains that a rule can jump to
};

/// Reads lines of tables, one after the other.
class rule_reader {
 public:
  /// For lines of one table.
  constexpr explicit rule_reader(const rule_context& context) : context_(context) {}

  /// Reads the words of one line, and the rule in it into `into`, which must be a new one. False: the line cannot be
  /// used, and `error` says why. All results hold until the next call.
  constexpr bool read(const line_words& words, rule& into) {
    words_ = words.begin();
    count_ = words.size();
    state_ = {};
    command = {};
    if (!lists.empty()) lists = {};
    if (!warnings.empty()) warnings.clear();
    rule_ = &into;
    if (count_ > most_words) return fail(1, "more than 251 words in one line: iptables-restore takes no more");
    while (state_.next < count_) {
      const word& one = words_[state_.next++];
      if (one.content.size() > longest_word)
        return fail(one.column, "this word has more than 1023 characters: iptables-restore takes no more");
      state_.value_column = one.column;
      if (one.content.size() == 1 && one.content.data()[0] == '!') {
        if (state_.inverted) return fail(one.column, "two '!' in a row: write one, or none");
        state_.inverted = true;
        state_.inverted_column = one.column;
        continue;
      }
      if (!read_option(one)) return false;
      if (state_.skipped) {
        // A command that was read before is carried out all the same, if it needs no rule.
        if (command.has_rule()) command = {};
        return true;
      }
      state_.inverted = false;
    }
    return finish();
  }

  rule_command command;            ///< what the line says
  address_lists lists;             ///< the addresses of -s and -d, where they are several
  line_remark error;               ///< why it is refused; no message: it is not
  sequence<line_remark> warnings;  ///< what is read otherwise than one may think

 private:
  static constexpr std::size_t most_words = 251;     // MAX_ARGC less the three words that iptables-restore puts before
  static constexpr std::size_t longest_word = 1023;  // its buffer less the zero

  // One bit for each option that may stand in a rule only once.
  enum : unsigned {
    source_seen = 1,
    destination_seen = 2,
    in_seen = 4,
    out_seen = 8,
    protocol_seen = 16,
    fragment_seen = 32,
    target_seen = 64,
    counters_seen = 128
  };

  // What is known of the line so far.
  struct line_state {
    std::size_t next = 0;            // the next word
    std::uint32_t value_column = 0;  // of the value behind the option that is being read
    bool inverted = false;           // `!` stood before
    std::uint32_t inverted_column = 0;
    bool skipped = false;  // it is for the other family
    unsigned seen = 0;
    rule_protocol protocol = {};
    bool protocol_match_loaded = false;
    // What iptables looks at only when it has read the whole line.
    std::string_view source = {};
    std::uint32_t source_column = 0;
    std::string_view destination = {};
    std::uint32_t destination_column = 0;
    std::uint32_t target_column = 0;
    std::uint32_t target_chain = table_builder::none;
    std::uint32_t matches_before_target = 0;
    // Words that no option explains belong to a match or target that is not known, if the rule has one.
    bool in_unknown = false;  // the last option was its
    bool has_unknown = false;
    bool unknown_is_target = false;
    std::size_t unknown_match = 0;
  };

  constexpr bool fail(std::uint32_t column, text message) {
    error = {column, std::move(message)};
    return false;
  }
  constexpr void warn(std::uint32_t column, text message) { warnings.push_back({column, std::move(message)}); }

  // --- which option a word is -----------------------------------------------------------------------------------------

  constexpr bool read_option(const word& one) {
    const char* const bytes = one.content.data();
    const std::size_t size = one.content.size();
    if (size < 2 || bytes[0] != '-') return plain_word(one);
    if (bytes[1] != '-') return short_options(one);
    if (size == 2) {
      if (state_.next == count_) return true;
      return fail(words_[state_.next].column, "iptables takes no words behind '--'");
    }
    const char* const end = bytes + size;
    const char* const equals = find_byte(bytes + 2, end, '=');
    return long_option(one, {bytes + 2, static_cast<std::size_t>(equals - bytes - 2)}, equals != end);
  }

  constexpr bool plain_word(const word& one) {
    if (one.content.starts_with("#"))
      return fail(one.column, "a comment takes a whole line, with '#' as its first character");
    const bool single_quote = one.content.starts_with("'");
    return fail(one.column, join("'", one.content, "' belongs to no option: remove it, or put the option before it",
                                 single_quote ? " (single quotes do not quote here, use double ones)" : ""));
  }

  // `-fj ACCEPT` is -f and -j ACCEPT.
  constexpr bool short_options(const word& one) {
    const char* const bytes = one.content.data();
    const std::size_t size = one.content.size();
    for (std::size_t at = 1; at < size; ++at) {
      const char letter = bytes[at];
      const argument follows = argument_of(letter);
      if (follows == argument::unknown_option) return unknown_option(one);
      if (follows == argument::none) {
        if (!own_option(letter, {}, one)) return false;
        if (state_.skipped) return true;
        if (at + 1 < size) state_.inverted = false;
        continue;
      }
      std::string_view value(bytes + at + 1, size - at - 1);
      if (!value.empty()) return joined_option(letter, value, one);
      if (follows == argument::required && !take_word(one, value)) return false;
      return own_option(letter, value, one);
    }
    return true;
  }

  constexpr bool long_option(const word& one, std::string_view name, bool joined) {
    option_finder finder(*rule_, state_.matches_before_target);
    found_option found = finder.find(name);
    // What follows a match or target that is not known may be its own, whatever other extensions call so.
    if (state_.in_unknown && found.of != found_option::owner::iptables) return unknown_option(one);
    if (found.of == found_option::owner::none) {
      found = finder.find_abbreviated(name);
      if (found.of == found_option::owner::none && load_protocol_match()) return long_option(one, name, joined);
    }
    if (found.of == found_option::owner::none) return unknown_option(one);
    if (found.of == found_option::owner::several)
      return fail(one.column, join("'", one.content, "' is short for more than one option: write it in full"));
    std::string_view value;
    if (joined) value = one.content.substr(name.size() + 3);
    if (found.of != found_option::owner::iptables) return extension_option(one, found, joined, value);

    const argument follows = argument_of(found.letter);
    if (!joined) {
      if (follows == argument::required && !take_word(one, value)) return false;
      return own_option(found.letter, value, one);
    }
    if (follows == argument::none)
      return fail(one.column, join("'--", name, "' takes no value: remove what stands behind '='"));
    return joined_option(found.letter, value, one);
  }

  // The word behind an option, whatever it looks like.
  constexpr bool take_word(const word& option, std::string_view& into) {
    if (state_.next == count_) return fail(option.column, join("'", option.content, "' needs a value behind it"));
    const word& taken = words_[state_.next++];
    state_.value_column = taken.column;
    into = taken.content;
    if (into.size() > longest_word)
      return fail(taken.column, "this word has more than 1023 characters: iptables-restore takes no more");
    return true;
  }

  // A value joined to its option. For some, iptables takes the value from where the next word would be, which then is
  // the whole word: `-olo` names an interface `-olo`, and `-s1.2.3.4` no address.
  constexpr bool joined_option(char letter, std::string_view value, const word& one) {
    switch (letter) {
      case 'i':
      case 'o':
        warn(one.column,
             join("iptables takes all of '", one.content, "' for the interface's name: put a blank before the name"));
        return own_option(letter, one.content, one);
        // clang-format off
      case 's': case 'd': case 'p': case 'j': case 'g': return own_option(letter, one.content, one);
      // clang-format on
      default: return own_option(letter, value, one);
    }
  }

  // --- iptables' own options ------------------------------------------------------------------------------------------

  constexpr bool own_option(char letter, std::string_view value, const word& one) {
    state_.in_unknown = false;
    switch (letter) {
        // clang-format off
      case 'A': case 'I': case 'D': case 'R': case 'C': case 'N': case 'P': case 'F': case 'X': case 'E': case 'Z':
      case 'L': case 'S':
        // clang-format on
        return command_option(letter, value, one);
      case 's':
        if (!once(source_seen, one, true)) return false;
        state_.source = value;
        state_.source_column = state_.value_column;
        rule_->source.given = true;
        rule_->source.inverted = state_.inverted;
        return true;
      case 'd':
        if (!once(destination_seen, one, true)) return false;
        state_.destination = value;
        state_.destination_column = state_.value_column;
        rule_->destination.given = true;
        rule_->destination.inverted = state_.inverted;
        return true;
      case 'i': return interface_option(in_seen, value, rule_->in, one);
      case 'o': return interface_option(out_seen, value, rule_->out, one);
      case 'p': return protocol_option(value, one);
      case 'f': return fragment_option(one);
      case 'm': return match_option(value);
      case 'j':
      case 'g': return target_option(value, one, letter == 'g');
      case 'c': return counters_option(value, one);
      case '4':
      case '6':
        // A line for the other family is left at once, unread.
        state_.skipped = (letter == '4') != (context_.family == family::ipv4);
        return true;
      case 'v':
        if (state_.inverted) return fail(state_.inverted_column, "no '!' may stand before this option");
        return true;
      case 'M': return true;  // which program loads kernel modules
      case 't': return fail(one.column, "-t has no place in restore input: the '*' line names the table");
      default: return fail(one.column, join("'", one.content, "' has no place in restore input: remove it"));
    }
  }

  constexpr bool once(unsigned bit, const word& one, bool invertible) {
    if ((state_.seen & bit) != 0)
      return fail(one.column, join("'", one.content, "' says for the second time what a rule says once"));
    state_.seen |= bit;
    if (state_.inverted && !invertible)
      return fail(state_.inverted_column, join("no '!' may stand before '", one.content, "'"));
    return true;
  }

  constexpr bool has_value() const {
    if (state_.next == count_) return false;
    const std::string_view content = words_[state_.next].content;
    return content.empty() || (content[0] != '-' && content[0] != '!');
  }

  constexpr bool command_option(char letter, std::string_view value, const word& one) {
    if (command.letter != 0) return fail(one.column, "a second command in one line: give it a line of its own");
    if (state_.inverted) return fail(state_.inverted_column, join("no '!' may stand before '", one.content, "'"));
    command.letter = letter;
    command.column = one.column;
    command.chain = value;
    command.chain_column = state_.value_column;
    if (letter == 'A') return true;

    const bool takes_number = letter == 'I' || letter == 'D' || letter == 'R' || letter == 'Z';
    const bool may_take_chain = letter == 'F' || letter == 'X' || letter == 'Z' || letter == 'L' || letter == 'S';
    if (may_take_chain && value.empty() && has_value()) {
      command.chain_column = words_[state_.next].column;
      command.chain = words_[state_.next++].content;
    }
    if (takes_number && has_value() && !command.chain.empty()) {
      const word& number = words_[state_.next++];
      const auto read = detail::read_address_part(number.content, 2147483647);
      if (!read || *read == 0)
        return fail(number.column, join("'", number.content, "' is no rule number: 1 is the chain's first rule"));
      command.number = static_cast<std::uint32_t>(*read);
    } else if (letter == 'R') {
      return fail(one.column, "-R needs the number of the rule to replace behind the chain");
    }
    if (letter == 'P' || letter == 'E') {
      if (!has_value())
        return fail(one.column,
                    letter == 'P' ? "-P needs a chain and ACCEPT or DROP" : "-E needs the old and the new name");
      command.argument = words_[state_.next++].content;
    }
    return true;
  }

  constexpr bool interface_option(unsigned bit, std::string_view value, interface_match& into, const word& one) {
    if (!once(bit, one, true)) return false;
    const std::uint32_t column = state_.value_column;
    if (text wrong = read_rule_interface(value, state_.inverted, into); !wrong.empty())
      return fail(column, std::move(wrong));
    const char* const end = value.data() + value.size();
    if (find_byte(value.data(), end, '/') != end)
      warn(column, join("no interface can be named '", value, "': the kernel allows no '/'"));
    if (into.inverted && into.prefix && into.name.empty())
      warn(
          state_.inverted_column,
          context_.backend == backend::legacy
              ? "'!' before '+' fits no packet, and iptables-legacy-save leaves it out: what it prints fits every packet"
              : "'!' before '+' fits no packet");
    return true;
  }

  constexpr bool protocol_option(std::string_view value, const word& one) {
    if (!once(protocol_seen, one, true)) return false;
    const std::uint32_t column = state_.value_column;
    if (text wrong = read_rule_protocol(value, state_.inverted, state_.protocol); !wrong.empty())
      return fail(column, std::move(wrong));
    rule_->protocol = state_.protocol.match;
    if (context_.family == family::ipv6 && rule_->protocol.given && !state_.inverted &&
        is_skipped_header(rule_->protocol.protocol))
      warn(column,
           join("-p ", value, " never matches: ip6tables looks behind that header, use the match of that name"));
    return true;
  }

  constexpr bool fragment_option(const word& one) {
    if (context_.family == family::ipv6) return fail(one.column, "-f is for IPv4 alone: use -m frag");
    if (!once(fragment_seen, one, true)) return false;
    rule_->fragment = state_.inverted ? fragment_match::not_later : fragment_match::later;
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
      bytes = words_[state_.next++].content;
    }
    if (packets.empty() || !is_digit(packets[0]) || bytes.empty() || !is_digit(bytes[0]))
      return fail(one.column, "-c needs two numbers, of packets and of bytes");
    return true;
  }

  // --- matches and targets --------------------------------------------------------------------------------------------

  constexpr bool match_option(std::string_view value) {
    if (state_.inverted) return fail(state_.inverted_column, "'!' stands before an option of the match, not before -m");
    const std::uint32_t column = state_.value_column;
    const match_extension* const extension = look_up_match(full_name(value), context_.family);
    if (extension == nullptr) {
      const family other = context_.family == family::ipv4 ? family::ipv6 : family::ipv4;
      if (look_up_match(full_name(value), other) != nullptr)
        return fail(column, join("the match '", value, "' is of ", title_of(other), " alone"));
      if (!is_extension_name(value))
        return fail(column, join("'", value, "' is no name of a match: letters, digits, '-' and '_' make one"));
      warn(column,
           join("the match '", value, "' is not known here: it is kept word for word, and what it decides is unknown"));
      state_.in_unknown = true;
      state_.has_unknown = true;
      state_.unknown_is_target = false;
      state_.unknown_match = rule_->matches.size();
    }
    add_match(extension, extension != nullptr ? extension->name : value);
    return true;
  }

  // Other names under which iptables loads a match.
  static constexpr std::string_view full_name(std::string_view written) {
    if (written.empty() || to_lower(written.data()[0]) != 'i') return written;
    if (equal_ignoring_case(written, "icmpv6") || equal_ignoring_case(written, "ipv6-icmp")) return "icmp6";
    return written;
  }

  // Whether a name can be printed as it is and read again.
  static constexpr bool is_extension_name(std::string_view name) {
    for (const char c : name)
      if (!is_digit(c) && (to_lower(c) < 'a' || to_lower(c) > 'z') && c != '_' && c != '-' && c != '.') return false;
    return !name.empty() && chain_name::fits(name) && name[0] != '-';
  }

  constexpr void add_match(const match_extension* extension, std::string_view name) {
    if (rule_->matches.empty()) rule_->matches.reserve(1 + count_of_matches());
    match& made = rule_->matches.push_back({});
    made.extension = extension;
    made.name = name;
    if (match_columns_.size() < rule_->matches.size()) match_columns_.resize(2 * rule_->matches.size() + 6, 0);
    match_columns_.data()[rule_->matches.size() - 1] = state_.value_column;
  }

  // How many matches the rest of the line names: room for them is made at once.
  constexpr std::size_t count_of_matches() const {
    std::size_t count = 0;
    const word* const end = words_ + count_;
    for (const word* at = words_ + state_.next; at < end; ++at)
      if (at->content.size() == 2 && at->content.data()[0] == '-' && at->content.data()[1] == 'm') ++count;
    return count;
  }

  // iptables loads the match of the rule's protocol when it meets an option that nothing it has loaded knows.
  constexpr bool load_protocol_match() {
    if (state_.protocol.loadable.empty() || state_.protocol_match_loaded || state_.has_unknown) return false;
    text name(full_name(state_.protocol.loadable));
    text lower;
    for (const char c : name.view()) lower.append(to_lower(c));
    const match_extension* const extension = look_up_match(lower, context_.family);
    if (extension == nullptr) return false;
    state_.protocol_match_loaded = true;
    add_match(extension, extension->name);
    return true;
  }

  constexpr bool target_option(std::string_view value, const word& one, bool is_goto) {
    if (!once(target_seen, one, false)) return false;
    const std::uint32_t column = state_.value_column;
    state_.target_column = column;
    state_.matches_before_target = static_cast<std::uint32_t>(rule_->matches.size());
    if (value.empty()) return fail(column, "the name of a target or chain is missing here");
    if (!chain_name::fits(value))
      return fail(column, join("'", value, "' is too long for a target or chain: 28 characters are the most"));
    target& into = rule_->target;
    into.name = value;
    state_.target_chain = context_.table->find(value);
    if (is_goto || state_.target_chain != table_builder::none) {
      into.what = is_goto ? target::kind::go_to : target::kind::jump;
      return true;
    }
    into.extension = look_up_target(value, context_.family);
    if (into.extension != nullptr) {
      into.what = target::kind::extension;
      return true;
    }
    into.what = target::kind::unknown;
    state_.in_unknown = true;
    state_.has_unknown = true;
    state_.unknown_is_target = true;
    return true;
  }

  constexpr text no_such_chain(std::string_view name) const {
    return join("there is no chain '", name, "' in table ", name_of(context_.table->name()),
                " at this line: declare it before with ':", name, " - [0:0]'");
  }

  constexpr bool extension_option(const word& one, const found_option& found, bool joined, std::string_view value) {
    state_.in_unknown = false;
    const bool of_match = found.of == found_option::owner::match;
    match* const owner = of_match ? rule_->matches.data() + found.match : nullptr;
    sequence<option>& options = of_match ? owner->options : static_cast<sequence<option>&>(rule_->target.options);
    const option_description& known =
        (of_match ? owner->extension->options : rule_->target.extension->options).data()[found.index];
    for (const option& other : options)
      if (other.index == found.index && !known.repeatable)
        return fail(one.column, join("'", known.name, "' stands here for the second time, and may stand only once"));
    if (state_.inverted && !known.invertible)
      return fail(state_.inverted_column, join("no '!' may stand before '", known.name, "'"));

    std::string_view values[most_values];
    const std::size_t count = known.form->word_count;
    if (count == 0 && joined)
      return fail(one.column, join("'", known.name, "' takes no value: remove what stands behind '='"));
    std::size_t taken = 0;
    if (joined)
      values[taken++] = value;
    else if (known.form->optional && !has_value())
      taken = count;
    else if (count > 0 && !take_word(one, values[taken++]))
      return false;
    // The first word was taken as it is, further ones only if they do not look like an option.
    for (; taken < count; ++taken) {
      if (!has_value()) return fail(one.column, join("'", known.name, "' needs ", known.form->shown, " behind it"));
      values[taken] = words_[state_.next++].content;
    }
    const std::uint32_t column = state_.value_column;
    // Most matches and targets have one option; a constant expression pays dearly where there are more.
    if (options.empty()) options.reserve(std::is_constant_evaluated() ? 4 : 1);
    option& made = options.push_back({});
    made.index = found.index;
    made.inverted = state_.inverted;
    const value_context context{context_.family, context_.backend, known.name, state_.protocol.name, context_.names};
    if (text wrong = known.form->read(values, context, made); !wrong.empty())
      return fail(column, join(known.name, ": ", wrong));
    if (made.inverted && of_match && negates_every_port(*owner, made))
      warn(
          state_.inverted_column,
          context_.backend == backend::legacy
              ? "'!' before all ports fits no packet, and iptables-legacy-save leaves it out: what it prints fits every packet"
              : "'!' before all ports fits no packet, but iptables-nft makes a rule of it that fits every packet");
    if (context_.names != nullptr && of_match && owner->extension == &owner_match && count == 1 && !values[0].empty() &&
        !is_digit(values[0][0]))
      warn(column, join("the name '", values[0], "' was looked up on this machine: ", decimal(made.numbers[0].low),
                        " may be another number on the one that the rules are for"));
    return true;
  }

  // Of tcp and udp, the two whose ports iptables-nft compares by itself.
  static constexpr bool negates_every_port(const match& of, const option& one) {
    return one.index <= port_option::dport && (of.extension == &tcp_match || of.extension == &udp_match) &&
           detail::is_every_port(one);
  }

  static constexpr std::size_t most_values = 4;

  // A word that no option explains. Behind a match or target that is not known it belongs to that.
  constexpr bool unknown_option(const word& one) {
    if (!state_.has_unknown)
      return fail(one.column,
                  join("'", one.content,
                       "' is no option of iptables, nor of a match or target of this rule: ", hint_for(one.content)));
    state_.in_unknown = true;
    text& words = state_.unknown_is_target ? rule_->target.words : rule_->matches[state_.unknown_match].words;
    if (state_.inverted) append_word(words, "!");
    append_word(words, one.content);
    // All words up to the next option are its values.
    while (state_.next < count_ && !words_[state_.next].content.starts_with('-') && words_[state_.next].content != "!")
      append_word(words, words_[state_.next++].content);
    return true;
  }

  constexpr std::string_view hint_for(std::string_view written) const {
    if (!rule_->protocol.given &&
        (written.find("port") != std::string_view::npos || written.find("icmp") != std::string_view::npos))
      return "options of a protocol need -p before them";
    return "check its spelling, and that its -m stands before it";
  }

  static constexpr void append_word(text& words, std::string_view one) {
    if (!words.empty()) words.append(' ');
    if (!one.empty() && one.find_first_of(" \t\"") == std::string_view::npos)
      words.append(one);
    else
      forms::append_quoted(words, one);
  }

  // --- the whole line -------------------------------------------------------------------------------------------------

  constexpr bool finish() {
    if (state_.inverted) return fail(state_.inverted_column, "nothing stands behind this '!'");
    if (command.letter == 0)
      return fail(count_ == 0 ? 1 : words_[0].column, "a line of a table says what to do: begin it with -A CHAIN");
    if (command.has_rule()) return finish_rule();
    if ((state_.seen & ~unsigned{counters_seen}) != 0 || !rule_->matches.empty())
      return fail(command.column, "this command takes no rule: remove what a rule would say");
    return true;
  }

  constexpr bool finish_rule() {
    rule& made = *rule_;
    if (made.source.given && !read_address(state_.source, state_.source_column, made.source, lists.sources))
      return false;
    if (made.destination.given &&
        !read_address(state_.destination, state_.destination_column, made.destination, lists.destinations))
      return false;
    if (lists.holds_several()) {
      if (made.source.inverted || made.destination.inverted)
        return fail(command.column, "'!' goes with one address, not with a list: write one rule for each");
      if (command.letter == 'R') return fail(command.column, "-R replaces one rule: it takes no address list");
    }
    const char first = command.chain.empty() ? '\0' : command.chain.data()[0];
    if (made.out.given && (first == 'I' || first == 'P') && (command.chain == "INPUT" || command.chain == "PREROUTING"))
      return fail(command.column,
                  join("-o has no meaning in ", command.chain, ": its packets are not on their way out"));
    if (made.in.given && (first == 'O' || first == 'P') &&
        (command.chain == "OUTPUT" || command.chain == "POSTROUTING"))
      return fail(command.column, join("-i has no meaning in ", command.chain, ": its packets come from this machine"));
    if (!finish_address(made.source) || !finish_address(made.destination)) return false;
    forget_if_any(made.in);
    forget_if_any(made.out);

    meaning_context meaning{context_.family, context_.backend, made.protocol, name_of(context_.table->name())};
    const std::size_t count = made.matches.size();
    match* const matches = count == 0 ? nullptr : made.matches.data();
    const sequence<match>& all = std::as_const(made.matches);
    meaning.matches = &all;
    for (std::size_t i = 0; i < count; ++i) {
      const match_extension* const of = matches[i].extension;
      if (of != nullptr && !finish_use({'m', of->name, of->options, of->check, of->normalise}, matches[i].options,
                                       meaning, match_columns_.data()[i]))
        return false;
    }
    if (const target_extension* const of = made.target.extension; of != nullptr) {
      // Most targets have no options, and then take no memory for them.
      const use_description use{'j', of->name, of->options, of->check, of->normalise};
      if (!made.target.options.empty()) return finish_use(use, made.target.options, meaning, state_.target_column);
      sequence<option> usual;
      if (!finish_use(use, usual, meaning, state_.target_column)) return false;
      if (!usual.empty()) made.target.options = std::move(usual);
      return true;
    }
    switch (made.target.what) {
      case target::kind::unknown: return finish_unknown_target(made.target);
      case target::kind::jump:
      case target::kind::go_to: return finish_jump(made.target.name);
      default: return true;
    }
  }

  constexpr bool read_address(std::string_view value, std::uint32_t column, address_match& into,
                              sequence<network>& list) {
    if (value.size() == 1 && value.data()[0] == '!') return fail(column, "'!' stands before the option, not behind it");
    const char* const end = value.data() + value.size();
    if (find_byte(value.data(), end, ',') == end) {
      if (text wrong = read_rule_network(value, context_.family, into.network); !wrong.empty())
        return fail(column, std::move(wrong));
      // Who writes a literal sees it, and a constant expression would pay for every address.
      if (!std::is_constant_evaluated() && context_.family == family::ipv4 && is_surprising_ipv4(value))
        warn(column, join("iptables reads '", value, "' as ", to_text(into.network)));
      return true;
    }
    if (text wrong = read_rule_networks(value, context_.family, list); !wrong.empty())
      return fail(column, std::move(wrong));
    into.network = list[0];
    return true;
  }

  constexpr bool finish_jump(std::string_view name) {
    if (state_.target_chain == table_builder::none) return fail(state_.target_column, no_such_chain(name));
    if (context_.table->is_built_in(state_.target_chain))
      return fail(state_.target_column, join("no rule can jump to ", name, ", a built-in chain"));
    if (look_up_target(name, context_.family) != nullptr || is_known_target_name(name))
      warn(state_.target_column,
           join("this jumps to the chain '", name, "' of the table, which hides the target of that name"));
    return true;
  }

  constexpr bool finish_unknown_target(const target& of) {
    // Nothing but a name: more likely a chain that somebody forgot.
    if (of.name.view().starts_with("-"))
      return fail(state_.target_column,
                  join("iptables takes all of '", of.name, "' for the target: put a blank before its name"));
    if (of.words.empty() && !is_known_target_name(of.name))
      return fail(state_.target_column, join("no target has the name '", of.name, "', and ", no_such_chain(of.name)));
    if (!is_extension_name(of.name)) return fail(state_.target_column, join("'", of.name, "' is no name of a target"));
    const family other = context_.family == family::ipv4 ? family::ipv6 : family::ipv4;
    if (look_up_target(of.name, other) != nullptr)
      return fail(state_.target_column, join("the target '", of.name, "' is of ", title_of(other), " alone"));
    warn(state_.target_column,
         join("the target '", of.name, "' is not known here: it is kept word for word, and what it does is unknown"));
    return true;
  }

  // An address without mask fits every packet: it says nothing. Inverted it fits none, which nft cannot say.
  constexpr bool finish_address(address_match& of) {
    if (!of.given || of.network.mask != 0 || lists.holds_several()) return true;
    if (of.inverted && context_.backend == backend::nft)
      return fail(command.column,
                  "'!' before an address with /0 fits no packet, and iptables-nft refuses it: remove it");
    if (!of.inverted) of = {};
    return true;
  }
  static constexpr void forget_if_any(interface_match& of) {
    if (of.prefix && of.name.empty() && !of.inverted) of = {};
  }

  // What the descriptions of a match and of a target have in common.
  struct use_description {
    char letter;  // of -m or -j
    std::string_view name;
    view<option_description> options;
    text (*check)(const sequence<option>& options, const meaning_context& context);
    void (*normalise)(sequence<option>& options, const meaning_context& context);
  };

  constexpr bool finish_use(const use_description& of, sequence<option>& options, const meaning_context& context,
                            std::uint32_t column) {
    const option_description* const known = of.options.data();
    const std::size_t known_count = of.options.size();
    for (std::size_t k = 0; k < known_count; ++k)
      if (known[k].least_count > 0 && find_option(options, static_cast<std::uint8_t>(k)) == nullptr)
        return fail(column, join(of.letter == 'm' ? "-m " : "-j ", of.name, " needs ", known[k].name, " ",
                                 known[k].form->shown));
    if (of.check != nullptr)
      if (text wrong = of.check(options, context); !wrong.empty()) return fail(column, std::move(wrong));
    if (of.normalise != nullptr) of.normalise(options, context);
    // In the order in which iptables-save prints them.
    for (std::size_t i = 1; i < options.size(); ++i)
      for (std::size_t k = i; k > 0 && options[k].index < options[k - 1].index; --k)
        std::swap(options[k], options[k - 1]);
    for (std::size_t i = 1; i < options.size(); ++i)
      if (options[i].index == options[i - 1].index)
        return fail(column, join("two ways to say ", known[options[i].index].name, " in one match: keep one"));
    return true;
  }

  const rule_context& context_;
  const word* words_ = nullptr;
  std::size_t count_ = 0;
  line_state state_;
  rule* rule_ = nullptr;
  sequence<std::uint32_t> match_columns_;  // of the rule's matches; has room for more
};

}  // namespace cordon
