// A match against what a test says of it in plain code: on packets some of whose fields have any of a few
// values each, which stand at the edges of what is asked and beside them. Nothing of the packets comes from
// what the match means.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cordon/packet/packet.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/testing/print.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

namespace cordon::test {

/// A field, and the values that it may have.
struct few_values {
  cordon::field field;
  std::vector<uint128> values;
};

/// What `mixed_packets` gives, drawn anew.
inline std::vector<packet> draw_mixed_packets(family in, const std::vector<few_values>& fields, std::size_t count) {
  std::mt19937 random(1);
  std::vector<packet> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    packet made;
    made.family = in;
    for (const few_values& one : fields) set_value(made, one.field, one.values[random() % one.values.size()]);
    all.push_back(made);
  }
  return all;
}

/// So many packets, each field of `fields` having one of its values, all alike often; the same packets each
/// time.
inline std::vector<packet> mixed_packets(family in, const std::vector<few_values>& fields, std::size_t count) {
  // Where the tests run again and again they are drawn once.
  static std::map<std::vector<uint128>, std::vector<packet>> drawn_before;
  if (!listener.only_changed) return draw_mixed_packets(in, fields, count);
  std::vector<uint128> key = {static_cast<unsigned>(in), count};
  for (const few_values& one : fields) {
    key.push_back(static_cast<unsigned>(one.field));
    key.push_back(one.values.size());
    key.insert(key.end(), one.values.begin(), one.values.end());
  }
  std::vector<packet>& all = drawn_before[key];
  if (all.empty()) all = draw_mixed_packets(in, fields, count);
  return all;
}

/// Numbers and their neighbours.
inline std::vector<uint128> around(std::initializer_list<uint128> numbers) {
  std::vector<uint128> all;
  for (const uint128 one : numbers)
    for (const uint128 near : {one - 1, one, one + 1}) all.push_back(near);
  return all;
}

/// Headers that are cut off after each of their bytes, both kinds of fragments, and as many headers that are whole.
inline few_values every_part() {
  few_values made{field::transport, {}};
  for (unsigned one = 0; one <= static_cast<unsigned>(transport_part::later_fragment); ++one)
    made.values.push_back(one);
  made.values.insert(made.values.end(), 20, static_cast<unsigned>(transport_part::whole));
  return made;
}

/// How many bytes of the transport header are there; nothing of a later fragment.
inline std::optional<unsigned> header_bytes(const packet& of) {
  if (of.transport > transport_part::whole) return std::nullopt;
  return static_cast<unsigned>(of.transport);
}

/// What a match of xtables does with a packet that has `bytes` bytes of a header of `needed`: it drops what is cut
/// off before, and fits no later fragment.
inline std::string_view fate_by_bytes(const packet& sent, unsigned needed, bool fits) {
  const std::optional<unsigned> bytes = header_bytes(sent);
  if (bytes && *bytes < needed) return "drop";
  return bytes && fits ? "yes" : "no";
}

inline const char* word_for(truth of) { return of == truth::unknown ? "unknown" : of == truth::yes ? "yes" : "no"; }

/// Holds `words` against what `expected` says of each packet: true or false, a truth, or the word of
/// `decides`.
template <class Expected>
void check_each(const match_extension& of, std::string_view words, const meaning_context& context,
                const std::vector<packet>& packets, const Expected& expected, bool may_fare_alike = false) {
  const use made = read_use(of, words, context);
  CAPTURE(words, name_of(context.family), name_of(context.backend), made.refused);
  REQUIRE(made.refused.empty());
  bool changed = false;
  const match_meaning meaning = meaning_of(of, made.options, context, &changed);
  if (listener.only_changed && !changed) return;
  const auto wanted_of = [&](const packet& one) -> std::string_view {
    if constexpr (std::is_same_v<decltype(expected(one)), bool>)
      return word_for(truth_of(expected(one)));
    else if constexpr (std::is_same_v<decltype(expected(one)), truth>)
      return word_for(expected(one));
    else
      return expected(one);
  };
  std::size_t asked[4] = {};
  for (const packet& one : packets) {
    const std::string_view said = fate_of(meaning, one);
    const std::string_view wanted = wanted_of(one);
    ++asked[wanted == "yes" ? 0 : wanted == "no" ? 1 : wanted == "drop" ? 2 : 3];
    if (said == wanted) continue;
    CAPTURE(one);
    REQUIRE(said == wanted);
  }
  // Packets that all fare alike ask little.
  if (!may_fare_alike) CHECK(std::count(std::begin(asked), std::end(asked), packets.size()) == 0);
}

}  // namespace cordon::test
