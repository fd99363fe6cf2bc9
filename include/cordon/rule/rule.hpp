// A rule: what it asks of a packet, and what becomes of those that fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/shared_sequence.hpp>
#include <cordon/base/shared_text.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

/// A chain's name: at most 28 bytes.
using chain_name = short_text<28>;

/// The name of a match or target: at most 28 bytes (XT_EXTENSION_MAXNAMELEN less the zero).
using extension_name = chain_name;

/// `-s` or `-d`. Without a mask bit it fits every address (and inverted none, on legacy; nft refuses that).
struct address_match {
  bool given = false;            ///< whether there is one
  bool inverted = false;         ///< whether `!` stands before it
  cordon::network network = {};  ///< the address and its mask

  friend constexpr bool operator==(const address_match&, const address_match&) = default;
};

/// `-i` or `-o`: a name, or a prefix of names (written with a `+` at its end).
struct interface_match {
  bool given = false;        ///< whether there is one
  bool inverted = false;     ///< whether `!` stands before it
  bool prefix = false;       ///< whether `+` stands behind it: any name that begins so
  interface_name name = {};  ///< without the `+`

  friend constexpr bool operator==(const interface_match&, const interface_match&) = default;
};

/// `-f`: a later fragment, or none. IPv4 alone.
enum class fragment_match : std::uint8_t { any, later, not_later };

/// A use of a match extension. `extension` is null for one that is not known: then `words` is all that stood behind its
/// name, word for word, and what it decides is an atom.
struct match {
  const match_extension* extension = nullptr;  ///< null: one that is not modelled
  extension_name name;                         ///< as behind -m
  sequence<option> options;                    ///< by index in the extension's table
  text words;                                  ///< of a match that is not modelled: its options, word for word

  friend constexpr bool operator==(const match&, const match&) = default;
};

/// A use of a target extension, or a jump or goto to a chain of the same table. `extension` is null for a chain and for
/// a target that is not known.
struct target {
  /// What stands behind -j or -g.
  enum class kind : std::uint8_t { none, extension, jump, go_to, unknown };
  kind what = kind::none;                       ///< the one of these
  const target_extension* extension = nullptr;  ///< for extension
  extension_name name;                          ///< as behind -j or -g
  shared_sequence<option> options;              ///< by index in the extension's table
  text words;                                   ///< of a target that is not modelled: its options, word for word

  friend constexpr bool operator==(const target&, const target&) = default;
};

/// A place in a text: line and column count from 1, 0 is nowhere.
struct place {
  std::uint32_t line = 0;    ///< from 1; 0: of no file
  std::uint32_t column = 0;  ///< from 1

  friend constexpr bool operator==(const place&, const place&) = default;
};

/// One rule of a chain. Equality is of meaning as written: neither the place nor the original text counts.
struct rule {
  address_match source = {};                      ///< -s
  address_match destination = {};                 ///< -d
  interface_match in = {};                        ///< -i
  interface_match out = {};                       ///< -o
  protocol_match protocol = {};                   ///< -p
  fragment_match fragment = fragment_match::any;  ///< -f
  shared_sequence<match> matches = {};            ///< in the order in which they are asked
  cordon::target target = {};                     ///< -j or -g

  /// Its line in the file, without counters and blanks around; empty for a rule built in C++.
  shared_text written = {};
  place at = {};  ///< where it was read

  friend constexpr bool operator==(const rule& a, const rule& b) {
    return a.source == b.source && a.destination == b.destination && a.in == b.in && a.out == b.out &&
           a.protocol == b.protocol && a.fragment == b.fragment && a.matches == b.matches && a.target == b.target;
  }
};

}  // namespace cordon
