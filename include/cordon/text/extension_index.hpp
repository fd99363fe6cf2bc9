// Extensions by their names, found without looking at each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/name_index.hpp>
#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>

namespace cordon {

namespace detail {
// One index for each family: an extension's name may stand for another thing in the other.
constexpr name_index index_of_matches(family of) {
  name_index made;
  const auto all = all_match_extensions();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (of == family::ipv4 ? all[i]->ipv4 : all[i]->ipv6) made.add(all[i]->name, static_cast<std::uint8_t>(i));
  return made;
}
constexpr name_index index_of_targets(family of) {
  name_index made;
  const auto all = all_target_extensions();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (of == family::ipv4 ? all[i]->ipv4 : all[i]->ipv6) made.add(all[i]->name, static_cast<std::uint8_t>(i));
  return made;
}
inline constexpr name_index match_indices[] = {index_of_matches(family::ipv4), index_of_matches(family::ipv6)};
inline constexpr name_index target_indices[] = {index_of_targets(family::ipv4), index_of_targets(family::ipv6)};
}  // namespace detail

/// As `find_match_extension`.
constexpr const match_extension* look_up_match(std::string_view name, family of) {
  const std::uint8_t at = detail::match_indices[static_cast<unsigned>(of)].find(name);
  return at == name_index::none ? nullptr : all_match_extensions().data()[at];
}

/// As `find_target_extension`.
constexpr const target_extension* look_up_target(std::string_view name, family of) {
  const std::uint8_t at = detail::target_indices[static_cast<unsigned>(of)].find(name);
  return at == name_index::none ? nullptr : all_target_extensions().data()[at];
}

}  // namespace cordon
