// -m owner: the user and group of the packet's socket (net/netfilter/xt_owner.c, owner_mt).
//
// The kernel asks in three steps. Without a socket every option must be inverted. With a socket of the kernel's own
// (no file behind it) `! --socket-exists` fails, and so does any user or group option that is not inverted. Else the
// ids of the one who created the socket decide, each option for itself.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace owner_option {
enum : std::uint8_t { socket_exists, uid, gid, supplementary };

/// A user or group: a name of this machine, an id, or a range of ids with `-` (or `:`) between.
template <bool IsUser>
constexpr text read_ids(const std::string_view* words, const value_context& context, option& into) {
  const std::string_view written = words[0];
  const auto lookup = context.names == nullptr ? nullptr : IsUser ? context.names->user : context.names->group;
  if (lookup != nullptr && !written.empty() && !is_digit(written[0])) {
    if (const auto id = lookup(written)) {
      into.numbers = {{*id, *id}};
      return {};
    }
  }
  const auto separator = written.find_first_of("-:");
  const auto low = read_c_number(written.substr(0, separator), greatest_id);
  const auto high =
      separator == std::string_view::npos ? low : read_c_number(written.substr(separator + 1), greatest_id);
  if (!low || !high)
    return join("'", written, "' is no ", IsUser ? "user" : "group",
                ": write an id of 0 to 4294967294, two with '-' between, or a name that this machine knows");
  if (*low > *high) return join("the range '", written, "' runs backwards: write the smaller id first");
  into.numbers = {{*low, *high}};
  return {};
}

constexpr void draw_ids(const choice_source& choices, family, option& into) {
  constexpr std::uint32_t ids[] = {0, 1, 999, 1000, 1001, 1002, 2000, 65534, greatest_id};
  const uint128 a = ids[choices.below(9)];
  const uint128 b = choices.one_in(3) ? ids[choices.below(9)] : a;
  into.numbers = {a < b ? range{a, b} : range{b, a}};
}

constexpr void write_ids(const option& from, family, text& out) {
  forms::detail::append_range(out, from.numbers[0], '-');
}

inline constexpr value_form user_form{"user[-user]", 1, read_ids<true>, write_ids, draw_ids};
inline constexpr value_form group_form{"group[-group]", 1, read_ids<false>, write_ids, draw_ids};

inline constexpr option_description table[] = {
    {.name = "--socket-exists", .form = &forms::nothing, .meaning = "the packet comes from a socket"},
    {.name = "--uid-owner", .form = &user_form, .meaning = "the user that created the socket"},
    {.name = "--gid-owner", .form = &group_form, .meaning = "the group that created the socket"},
    {.name = "--suppl-groups",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "--gid-owner looks at the supplementary groups too"},
};
}  // namespace owner_option

namespace detail {
constexpr text owner_check(const sequence<option>& options, const meaning_context&) {
  if (options.empty()) return "-m owner needs --uid-owner, --gid-owner or --socket-exists";
  bool group_given = false;
  for (const option& one : options) {
    group_given = group_given || one.index == owner_option::gid;
    if (one.index == owner_option::supplementary && !group_given) return "--suppl-groups needs --gid-owner before it";
  }
  return {};
}

constexpr predicate from_socket(socket_kind of) { return is(field::socket, static_cast<unsigned>(of)); }

constexpr match_meaning owner_meaning(const sequence<option>& options, const meaning_context&) {
  bool no_socket = true;  // whether packets without a socket fit, and those of the kernel's own
  bool kernel = true;
  bool user_fits = true;
  predicate user = from_socket(socket_kind::user);
  const bool supplementary = find_option(options, owner_option::supplementary) != nullptr;
  for (const option& one : options) {
    // --suppl-groups is an option that is never inverted: with it no packet without a socket fits.
    if (!one.inverted) no_socket = false;
    if (one.index == owner_option::supplementary) continue;
    if (one.index == owner_option::socket_exists) {
      if (one.inverted) kernel = user_fits = false;
      continue;
    }
    if (!one.inverted) kernel = false;
    const field which = one.index == owner_option::uid ? field::uid : field::gid;
    const range& numbers = one.numbers[0];
    // Which groups a user has beside the one of the socket, no packet says.
    if (one.index == owner_option::gid && supplementary)
      user &=
          inverted_if(one.inverted,
                      between(which, numbers.low, numbers.high) ||
                          unknown(join("owner supplementary group ", decimal(numbers.low), "-", decimal(numbers.high)),
                                  /*stateful=*/false));
    else
      user.add(interval_test(which, numbers.low, numbers.high), one.inverted);
  }
  if (!user_fits) user = never();
  if (kernel) user = from_socket(socket_kind::kernel) || user;
  if (no_socket) user = from_socket(socket_kind::none) || user;
  return {std::move(user)};
}
}  // namespace detail

/// `-m owner`: its options, and what a use of it means.
inline constexpr match_extension owner_match{.name = "owner",
                                             .options = owner_option::table,
                                             .check = detail::owner_check,
                                             .meaning = detail::owner_meaning,
                                             .hooks = only_at<outgoing_hooks>};

}  // namespace cordon
