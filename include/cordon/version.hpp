// The version of the library, as CMakeLists.txt has it.
#pragma once

#include <string_view>

namespace cordon {

inline constexpr std::string_view version = "0.1.0";  ///< Of the library, by semver.org.

}  // namespace cordon
