// All traps, by theme: one file each.
#pragma once

#include <span>
#include <string_view>

#include "demonstration.hpp"

namespace cordon::kernel {

std::span<const trap> owner_traps();
std::span<const trap> back_end_traps();
std::span<const trap> table_traps();
std::span<const trap> nat_traps();
std::span<const trap> chain_traps();
std::span<const trap> header_traps();
std::span<const trap> extension_traps();
std::span<const trap> connection_traps();
std::span<const trap> answer_traps();
std::span<const trap> sandbox_traps();
std::span<const trap> text_traps();

struct theme {
  std::string_view name;  ///< of its file, tests/kernel/traps/NAME.cpp
  std::span<const trap> (*traps)();
};
inline constexpr theme all_themes[] = {
    {"owner", owner_traps},
    {"back_ends", back_end_traps},
    {"tables", table_traps},
    {"nat", nat_traps},
    {"chains", chain_traps},
    {"headers", header_traps},
    {"extensions", extension_traps},
    {"connections", connection_traps},
    {"answers", answer_traps},
    {"sandbox", sandbox_traps},
    {"text", text_traps},
};

}  // namespace cordon::kernel
