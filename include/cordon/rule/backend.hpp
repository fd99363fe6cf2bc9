// The two programs behind the name iptables. They read the same text and differ in what some of it means.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon {

/// legacy: ip_tables and xtables in the kernel. nft: iptables-nft, which translates to nf_tables and keeps xtables
/// for most matches.
enum class backend : std::uint8_t { legacy, nft };

/// As --backend has it.
constexpr std::string_view name_of(backend of) { return of == backend::legacy ? "legacy" : "nft"; }

}  // namespace cordon
