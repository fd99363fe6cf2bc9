// -j SET: changes what sets hold, or takes the packet's mark and the like from one (net/netfilter/xt_set.c,
// set_target_v3). A later rule may ask the set.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/set_directions.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace set_target_option {
enum : std::uint8_t { add, exist, timeout, remove, map, map_mark, map_priority, map_queue };

inline constexpr option_description table[] = {
    {.name = "--add-set",
     .form = &forms::set_and_directions,
     .invertible = false,
     .meaning = "adds the packet to a set"},
    {.name = "--exist", .form = &forms::nothing, .invertible = false, .meaning = "renews an entry that is there"},
    {.name = "--timeout", .form = &forms::number<0, 4294967>, .invertible = false, .meaning = "for so many seconds"},
    {.name = "--del-set", .form = &forms::set_and_directions, .invertible = false, .meaning = "takes it out of a set"},
    {.name = "--map-set",
     .form = &forms::set_and_directions,
     .invertible = false,
     .meaning = "takes from a set's entry"},
    {.name = "--map-mark", .form = &forms::nothing, .invertible = false, .meaning = "the mark"},
    {.name = "--map-prio", .form = &forms::nothing, .invertible = false, .meaning = "the priority"},
    {.name = "--map-queue", .form = &forms::nothing, .invertible = false, .meaning = "the queue of the network card"},
};
}  // namespace set_target_option

namespace detail {
constexpr text set_target_check(const sequence<option>& options, const meaning_context& context) {
  using namespace set_target_option;
  if (count_of(options, {add, remove, map}) == 0) return "SET needs --add-set, --del-set or --map-set";
  if (count_of(options, {exist, timeout}) > 0 && count_of(options, {add}) == 0)
    return "--exist and --timeout go with --add-set alone";
  const unsigned mapped = count_of(options, {map_mark, map_priority, map_queue});
  if (count_of(options, {map}) == 0)
    return mapped == 0 ? text() : text("--map-mark and its like go with --map-set alone");
  if (mapped == 0) return "--map-set needs --map-mark, --map-prio or --map-queue";
  if (context.table != "mangle") return "--map-set works in the mangle table alone";
  return {};
}

// xt_set.c, set_target_v3: it goes on; of what the entry of a set may give, rules can see the mark alone.
constexpr effect set_target_effect(const sequence<option>& options, const meaning_context&) {
  effect made;
  if (count_of(options, {set_target_option::map_mark}) > 0) made.changes.push_back(make_unknown(field::mark));
  return made;
}

constexpr hook_set set_target_hooks(const sequence<option>& options, const meaning_context&) {
  using namespace set_target_option;
  if (count_of(options, {map_priority, map_queue}) == 0) return all_hooks;
  return static_cast<hook_set>(outgoing_hooks | set_of(hook::forward));
}
}  // namespace detail

/// `-j SET`: its options, and what a use of it means.
inline constexpr target_extension set_target{.name = "SET",
                                             .options = set_target_option::table,
                                             .check = detail::set_target_check,
                                             .meaning = detail::set_target_effect,
                                             .hooks = detail::set_target_hooks,
                                             .hooks_by_options = true};

}  // namespace cordon
