// -m physdev: the ports of a bridge that the packet came in by and goes out by (net/netfilter/xt_physdev.c,
// physdev_mt). An atom.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace physdev_option {
enum : std::uint8_t { is_in, in, is_out, out, is_bridged };

inline constexpr value_form port_form{
    "interface[+]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      if (!interface_name::fits(words[0]))
        return join("'", words[0], "' is too long for an interface: 15 characters are the most");
      into.words = words[0];
      return text();
    },
    [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "vnet0" : "vnet+"; }};

inline constexpr option_description table[] = {
    {.name = "--physdev-is-in", .form = &forms::nothing, .meaning = "it came in by a bridge"},
    {.name = "--physdev-in", .form = &port_form, .meaning = "it came in by this port"},
    {.name = "--physdev-is-out", .form = &forms::nothing, .meaning = "it goes out by a bridge"},
    {.name = "--physdev-out", .form = &port_form, .meaning = "it goes out by this port"},
    {.name = "--physdev-is-bridged", .form = &forms::nothing, .meaning = "it is bridged and not routed"},
};
}  // namespace physdev_option

namespace detail {
constexpr text physdev_check(const sequence<option>& options, const meaning_context&) {
  if (options.empty()) return "-m physdev needs an option: --physdev-in, for one";
  return {};
}

constexpr match_meaning physdev_meaning(const sequence<option>& options, const meaning_context& context) {
  predicate holds = always();
  for (const option& one : options) {
    const sequence<option> single = {one};
    holds &= opaque("physdev", physdev_option::table, single, context, /*stateful=*/true).holds;
  }
  return {holds};
}

// physdev_mt_check: a packet that this machine sends goes out by no port yet.
constexpr hook_set physdev_hooks(const sequence<option>& options, const meaning_context&) {
  using namespace physdev_option;
  const option* const bridged = find_option(options, is_bridged);
  const bool asks_out = count_of(options, {is_out, out}) > 0;
  if (!asks_out || (bridged != nullptr && !bridged->inverted)) return all_hooks;
  return static_cast<hook_set>(all_hooks & ~set_of(hook::output));
}
}  // namespace detail

/// `-m physdev`: its options, and what a use of it means.
inline constexpr match_extension physdev_match{.name = "physdev",
                                               .options = physdev_option::table,
                                               .check = detail::physdev_check,
                                               .meaning = detail::physdev_meaning,
                                               .hooks = detail::physdev_hooks,
                                               .hooks_by_options = true};

}  // namespace cordon
