// -j HMARK: gives the packet a mark that is a hash of its addresses and ports (net/netfilter/xt_HMARK.c,
// hmark_tg_v4).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace hmark_option {
enum : std::uint8_t {
  source_prefix,
  destination_prefix,
  source_port_mask,
  destination_port_mask,
  spi_mask,
  source_port,
  destination_port,
  spi,
  protocol_mask,
  random,
  modulus,
  offset,
  by_connection,
  tuple,
};

// A prefix length; a mask counts as the length of its prefix.
inline constexpr value_form prefix_form{
    "prefix", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const unsigned width = address_width(context.family);
      auto length = read_c_number(words[0], width);
      if (!length) {
        const auto dotted = read_host_address(words[0], context.family);
        if (!dotted) return join("'", words[0], "' is no prefix length: write 0 to ", decimal(width));
        length = prefix_length(context.family, *dotted).value_or(width);
      }
      into.numbers = {{*length, *length}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family in, option& into) {
      const uint128 length = choices.below(address_width(in) + 1);
      into.numbers = {{length, length}};
    }};

template <std::uint64_t Most, unsigned Digits>
inline constexpr value_form hexadecimal{
    "number", 1, forms::number<0, Most>.read,
    [](const option& from, family, text& out) { out.append("0x").append_hexadecimal(from.numbers[0].low, Digits); },
    forms::number<0, Most>.draw};

// Shorthands for the options above: the bits of numbers[0], in this order.
inline constexpr std::string_view parts[] = {"src", "dst", "sport", "dport", "spi", "proto", "ct"};

inline constexpr value_form tuple_form{
    "src|dst|sport|dport|spi|proto|ct[,...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      unsigned bits = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        unsigned found = 0;
        for (unsigned i = 0; i < 7; ++i)
          if (parts[i] == item) found = 1U << i;
        if (found == 0)
          return join("'", item, "' is no part of a packet here: write src, dst, sport, dport, spi, proto or ct");
        bits |= found;
      }
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (unsigned i = 0; i < 7; ++i) {
        if ((from.numbers[0].low >> i & 1) == 0) continue;
        if (!first) out.append(',');
        out.append(parts[i]);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = 1 + choices.below(15);
      into.numbers = {{bits, bits}};
    }};

// What is left of --hmark-tuple once its other parts have become options: that the connection's tuple is hashed.
inline constexpr value_form connection_form{
    "ct", 1, tuple_form.read, [](const option&, family, text& out) { out.append("ct"); },
    [](const choice_source&, family, option& into) { into.numbers = {{64, 64}}; }};

inline constexpr option_description table[] = {
    {.name = "--hmark-src-prefix", .form = &prefix_form, .invertible = false, .meaning = "of the source"},
    {.name = "--hmark-dst-prefix", .form = &prefix_form, .invertible = false, .meaning = "of the destination"},
    {.name = "--hmark-sport-mask",
     .form = &hexadecimal<0xffff, 4>,
     .invertible = false,
     .meaning = "of the source port"},
    {.name = "--hmark-dport-mask",
     .form = &hexadecimal<0xffff, 4>,
     .invertible = false,
     .meaning = "of the destination port"},
    {.name = "--hmark-spi-mask", .form = &hexadecimal<0xffffffff, 8>, .invertible = false, .meaning = "of the SPI"},
    {.name = "--hmark-sport",
     .form = &hexadecimal<0xffff, 4>,
     .invertible = false,
     .meaning = "or'd to the source port"},
    {.name = "--hmark-dport",
     .form = &hexadecimal<0xffff, 4>,
     .invertible = false,
     .meaning = "or'd to the destination port"},
    {.name = "--hmark-spi", .form = &hexadecimal<0xffffffff, 8>, .invertible = false, .meaning = "or'd to the SPI"},
    {.name = "--hmark-proto-mask", .form = &hexadecimal<0xffff, 2>, .invertible = false, .meaning = "of the protocol"},
    {.name = "--hmark-rnd",
     .form = &hexadecimal<0xffffffff, 8>,
     .invertible = false,
     .least_count = 1,
     .meaning = "the seed"},
    {.name = "--hmark-mod",
     .form = &forms::number<1, 0xffffffff>,
     .invertible = false,
     .least_count = 1,
     .meaning = "the hash is taken modulo this"},
    {.name = "--hmark-offset", .form = &forms::number<0, 0xffffffff>, .invertible = false, .meaning = "and this added"},
    {.name = "--hmark-tuple",
     .form = &connection_form,
     .invertible = false,
     .only_written = true,
     .meaning = "the connection's tuple is hashed"},
    {.name = "--hmark-tuple", .form = &tuple_form, .invertible = false, .only_read = true, .meaning = "what is hashed"},
};
}  // namespace hmark_option

namespace detail {
// The options that the parts of --hmark-tuple stand for, in the order of its bits.
inline constexpr std::uint8_t hmark_options_of_parts[] = {
    hmark_option::source_prefix,         hmark_option::destination_prefix, hmark_option::source_port_mask,
    hmark_option::destination_port_mask, hmark_option::spi_mask,           hmark_option::protocol_mask};

// --hmark-tuple takes the place of what was given before for its parts.
constexpr void hmark_normalise(sequence<option>& options, const meaning_context& context) {
  using namespace hmark_option;
  const option* const given = find_option(options, tuple);
  const unsigned bits = given == nullptr ? 0 : static_cast<unsigned>(given->numbers[0].low);
  erase_if(options,
           [](const option& one) { return one.index == tuple || (one.index == offset && one.numbers[0].low == 0); });
  const uint128 width = address_width(context.family);
  const uint128 usual[] = {width, width, 0xffff, 0xffff, 0xffffffff, 0xffff};
  for (unsigned i = 0; i < 6; ++i) {
    if ((bits >> i & 1) == 0) continue;
    const std::uint8_t index = hmark_options_of_parts[i];
    erase_if(options, [&](const option& one) { return one.index == index; });
    options.push_back({index, false, {{usual[i], usual[i]}}, {}});
  }
  if ((bits & 64) != 0) options.push_back({by_connection, false, {{64, 64}}, {}});
}

constexpr text hmark_check(const sequence<option>& options, const meaning_context&) {
  using namespace hmark_option;
  const option* const given = find_option(options, tuple);
  const unsigned bits = given == nullptr ? 0 : static_cast<unsigned>(given->numbers[0].low);
  bool behind = false;  // what follows stands behind --hmark-tuple
  for (const option& one : options) {
    for (unsigned i = 0; i < 6; ++i)
      if (behind && (bits >> i & 1) != 0 && one.index == hmark_options_of_parts[i])
        return join(hmark_option::table[one.index].name,
                    " behind a --hmark-tuple that names the same part is refused: name it once");
    behind = behind || one.index == tuple;
  }
  bool hashes = bits != 0;
  for (const option& one : options) hashes = hashes || one.index <= protocol_mask;
  if (!hashes) return "HMARK needs --hmark-tuple, or another option that says what is hashed";
  const bool by_spi = (bits & 16) != 0 || count_of(options, {spi, spi_mask}) > 0;
  const bool by_ports = (bits & 12) != 0 ||
                        count_of(options, {source_port, destination_port, source_port_mask, destination_port_mask}) > 0;
  if (by_spi && by_ports) return "HMARK hashes the SPI or ports, not both";
  return {};
}

// The mark stays as it was where the packet has not what is hashed.
constexpr effect hmark_effect(const sequence<option>&, const meaning_context&) {
  return {.changes = {make_unknown(field::mark)}};
}
}  // namespace detail

/// `-j HMARK`: its options, and what a use of it means.
inline constexpr target_extension hmark_target{.name = "HMARK",
                                               .options = hmark_option::table,
                                               .check = detail::hmark_check,
                                               .normalise = detail::hmark_normalise,
                                               .meaning = detail::hmark_effect};

}  // namespace cordon
