// The target extensions that cordon knows: one line each.
#pragma once

#include <span>
#include <string_view>

#include <cordon/rule/extension.hpp>
#include <cordon/target/log.hpp>
#include <cordon/target/nflog.hpp>
#include <cordon/target/reject.hpp>
#include <cordon/target/standard.hpp>

namespace cordon {

namespace detail {
inline constexpr const target_extension* target_extensions[] = {
    &accept_target,
    &drop_target,
    &return_target,
    &log_target,
    &nflog_target,
    &reject_target,
};
}  // namespace detail

constexpr std::span<const target_extension* const> all_target_extensions() { return detail::target_extensions; }

/// The extension of that name for a family, or null.
constexpr const target_extension* find_target_extension(std::string_view name, family of) {
  for (const target_extension* const known : all_target_extensions())
    if (known->name == name && (of == family::ipv4 ? known->ipv4 : known->ipv6)) return known;
  return nullptr;
}

}  // namespace cordon
