// -m pkttype: how the packet came in on its link (net/netfilter/xt_pkttype.c, pkttype_mt). A packet that this machine
// sends came in by none, and counts as unicast in OUTPUT, whatever its destination.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace pkttype_option {
enum : std::uint8_t { packet_type };

enum class type : std::uint8_t { unicast, broadcast, multicast, otherhost };  // include/uapi/linux/if_packet.h
inline constexpr std::string_view type_names[] = {"unicast", "broadcast", "multicast", "otherhost"};
inline constexpr std::string_view other_names[] = {"host", "bcast", "mcast", "otherhost"};

inline constexpr value_form type_form{
    "type", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      for (unsigned type = 0; type < 4; ++type) {
        if (!equal_ignoring_case(type_names[type], words[0]) && !equal_ignoring_case(other_names[type], words[0]))
          continue;
        into.numbers = {{type, type}};
        return text();
      }
      return join("'", words[0], "' is no packet type: write unicast, broadcast, multicast or otherhost");
    },
    [](const option& from, family, text& out) { out.append(type_names[static_cast<unsigned>(from.numbers[0].low)]); },
    [](const choice_source& choices, family, option& into) {
      const uint128 type = choices.below(4);
      into.numbers = {{type, type}};
    }};

inline constexpr option_description table[] = {
    {.name = "--pkt-type", .form = &type_form, .least_count = 1, .meaning = "the packet came in that way"},
};
}  // namespace pkttype_option

namespace detail {
constexpr match_meaning pkttype_meaning(const sequence<option>& options, const meaning_context&) {
  const bool is_unicast = options[0].numbers[0].low == static_cast<unsigned>(pkttype_option::type::unicast);
  return {inverted_if(is_unicast == options[0].inverted, always())};
}
}  // namespace detail

/// `-m pkttype`: its options, and what a use of it means.
inline constexpr match_extension pkttype_match{
    .name = "pkttype", .options = pkttype_option::table, .meaning = detail::pkttype_meaning};

}  // namespace cordon
