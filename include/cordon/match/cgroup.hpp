// -m cgroup: the control group of the packet's socket (net/netfilter/xt_cgroup.c, cgroup_mt_v2). An atom; a packet
// without a socket fits nothing, not even the negation. The path must exist on the machine that loads the rule.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/packet/owner.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace cgroup_option {
enum : std::uint8_t { class_id, path };

// Always in quotes, whatever it holds.
inline constexpr value_form path_form{"path", 1, forms::quoted<1, 511>.read,
                                      [](const option& from, family, text& out) {
                                        out.append('"');
                                        for (const char c : from.words.view()) {
                                          if (c == '"' || c == '\\' || c == '\'') out.append('\\');
                                          out.append(c);
                                        }
                                        out.append('"');
                                      },
                                      [](const choice_source& choices, family, option& into) {
                                        constexpr std::string_view paths[] = {"/", "system.slice", "a b"};
                                        into.words = paths[choices.below(3)];
                                      }};

inline constexpr option_description table[] = {
    {.name = "--cgroup", .form = &forms::number<0, 0xffffffff>, .meaning = "the net_cls class id"},
    {.name = "--path", .form = &path_form, .meaning = "the path of the group, or of one above it"},
};
}  // namespace cgroup_option

namespace detail {
constexpr text cgroup_check(const sequence<option>& options, const meaning_context&) {
  if (options.size() != 1) return "-m cgroup needs exactly one of --cgroup and --path";
  return {};
}

constexpr match_meaning cgroup_meaning(const sequence<option>& options, const meaning_context& context) {
  return {!is(field::socket, static_cast<unsigned>(socket_kind::none)) &&
          opaque("cgroup", cgroup_option::table, options, context, /*stateful=*/false).holds};
}

constexpr hook_set cgroup_hooks(const sequence<option>&, const meaning_context&) {
  return static_cast<hook_set>(outgoing_hooks | set_of(hook::input));
}
}  // namespace detail

/// `-m cgroup`: its options, and what a use of it means.
inline constexpr match_extension cgroup_match{.name = "cgroup",
                                              .options = cgroup_option::table,
                                              .check = detail::cgroup_check,
                                              .meaning = detail::cgroup_meaning,
                                              .hooks = detail::cgroup_hooks};

}  // namespace cordon
