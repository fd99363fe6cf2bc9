// -j CT: how connection tracking will treat the packet (net/netfilter/xt_CT.c, xt_ct_target_v1). In raw alone. A
// helper, zone or list of events changes nothing that a rule asks of a packet whose state is unknown anyway;
// --notrack does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/words.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/notrack.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace ct_option {
enum : std::uint8_t { notrack, helper, timeout, events, expectation_events, zone_original, zone_reply, zone };

// include/uapi/linux/netfilter/nf_conntrack_common.h, in the order of the bits there.
inline constexpr std::array<std::string_view, 10> event_names = {
    "new", "related", "destroy", "reply", "assured", "protoinfo", "helper", "mark", "natseqinfo", "secmark"};
inline constexpr std::array<std::string_view, 1> expectation_event_names = {"new"};

// A zone, or that the packet's mark is it.
inline constexpr std::uint32_t zone_of_mark = 65536;

inline constexpr value_form zone_form{"number|mark", 1,
                                      [](const std::string_view* words, const value_context&, option& into) {
                                        const auto number = read_c_number(words[0], 65535);
                                        if (!number && words[0] != "mark")
                                          return join("'", words[0],
                                                      "' is no zone: write a number of 0 to 65535, or mark");
                                        const std::uint64_t zone = number.value_or(zone_of_mark);
                                        into.numbers = {{zone, zone}};
                                        return text();
                                      },
                                      [](const option& from, family, text& out) {
                                        if (from.numbers[0].low == zone_of_mark)
                                          out.append("mark");
                                        else
                                          out.append_number(from.numbers[0].low);
                                      },
                                      [](const choice_source& choices, family, option& into) {
                                        const uint128 zone = choices.below(zone_of_mark + 1);
                                        into.numbers = {{zone, zone}};
                                      }};

// Printed without quotes.
template <std::size_t Most>
inline constexpr value_form name_form{
    "name", 1, forms::quoted<0, Most>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "ftp" : "sip"; }};

inline constexpr option_description table[] = {
    {.name = "--notrack", .form = &forms::nothing, .invertible = false, .meaning = "not at all"},
    {.name = "--helper", .form = &name_form<15>, .invertible = false, .meaning = "with this helper"},
    {.name = "--timeout", .form = &name_form<31>, .invertible = false, .meaning = "with this list of time-outs"},
    {.name = "--ctevents",
     .form = &forms::some_of<event_names>,
     .invertible = false,
     .meaning = "reports these events"},
    {.name = "--expevents",
     .form = &forms::some_of<expectation_event_names>,
     .invertible = false,
     .meaning = "reports these events of expected connections"},
    {.name = "--zone-orig", .form = &zone_form, .invertible = false, .meaning = "in this zone, one way"},
    {.name = "--zone-reply", .form = &zone_form, .invertible = false, .meaning = "in this zone, the other way"},
    {.name = "--zone", .form = &zone_form, .invertible = false, .meaning = "in this zone"},
};
}  // namespace ct_option

namespace detail {
constexpr text ct_check(const sequence<option>& options, const meaning_context& context) {
  const bool has_protocol = context.protocol.given && !context.protocol.inverted;
  if (count_of(options, {ct_option::helper, ct_option::timeout}) > 0 && !has_protocol)
    return "--helper and --timeout need -p in the same rule";
  return needs_table(context, "raw", "CT");
}

// iptables keeps one zone, the last; one way and the other are together both ways. Zone 0 is none.
constexpr void ct_normalise(sequence<option>& options, const meaning_context&) {
  using namespace ct_option;
  bool original = false;
  bool reply = false;
  short_sequence<range> last;
  for (const option& one : options) {
    if (one.index < zone_original) continue;
    original = original || one.index == zone_original;
    reply = reply || one.index == zone_reply;
    last = one.numbers;
  }
  if (last.empty()) return;
  erase_if(options, [](const option& one) { return one.index >= zone_original; });
  const std::uint8_t index = original == reply ? zone : original ? zone_original : zone_reply;
  if (last[0].low != 0) options.push_back({index, false, last, {}});
}

constexpr effect ct_effect(const sequence<option>& options, const meaning_context& context) {
  if (find_option(options, ct_option::notrack) != nullptr) return notrack_effect(options, context);
  return {};
}
}  // namespace detail

/// `-j CT`: its options, and what a use of it means.
inline constexpr target_extension ct_target{.name = "CT",
                                            .options = ct_option::table,
                                            .check = detail::ct_check,
                                            .normalise = detail::ct_normalise,
                                            .meaning = detail::ct_effect,
                                            .hooks = only_at < set_of(hook::prerouting) | set_of(hook::output) > };

}  // namespace cordon
