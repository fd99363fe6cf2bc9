#pragma once

#include <string>
#include <string_view>

namespace cordon::test {

/// The jump of uid 1001's own chain, as `iptables -A` takes it.
inline const std::string jump = "OUTPUT -m owner --uid-owner 1001 -j CORDON-1001";

inline bool has(const std::string& all, std::string_view part) { return all.find(part) != std::string::npos; }

}  // namespace cordon::test
