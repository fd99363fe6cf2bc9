// The version of the library, as CMakeLists.txt has it: semantic versioning, so before 1.0 each minor version may break
// what uses it.
#pragma once

#include <string_view>

namespace cordon {

inline constexpr std::string_view version = "0.1.0";  ///< Of the library, by semver.org.
///@{
/// Its parts.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
///@}

}  // namespace cordon
