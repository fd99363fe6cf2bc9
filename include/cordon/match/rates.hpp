// Packet rates as limit and hashlimit write them: "5/min". Both keep a rate as the time between two packets, in parts
// of a second (`Scale` to the second), and print what that time comes to, which may be another number than was
// written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/match/forms.hpp>

namespace cordon::rates {

/// A unit of time that a rate may have.
struct unit {
  std::string_view name;     ///< of which iptables reads any beginning
  std::string_view printed;  ///< how iptables-save writes it
  std::uint64_t seconds;     ///< how long it is
};
inline constexpr unit units[] = {
    {"day", "day", 86400}, {"hour", "hour", 3600}, {"minute", "min", 60}, {"second", "sec", 1}};

/// The unit behind the slash; nothing is a second.
constexpr const unit* read_unit(std::string_view written) {
  if (written.empty()) return nullptr;
  for (std::size_t i = 4; i-- > 0;)
    if (forms::abbreviates(written, units[i].name)) return &units[i];
  return nullptr;
}

/// The time between two packets of "number[/unit]", in 1/Scale seconds; 0 for what is too fast, nothing for no rate.
template <std::uint64_t Scale>
constexpr maybe<std::uint64_t> read_interval(std::string_view written) {
  const auto slash = written.find('/');
  std::uint64_t seconds = 1;
  if (slash != std::string_view::npos) {
    const unit* const per = read_unit(written.substr(slash + 1));
    if (per == nullptr) return no_value;
    seconds = per->seconds;
  }
  const auto count = read_number(written.substr(0, slash), 0x7fffffff);
  if (!count || *count == 0) return no_value;
  if (*count / seconds > Scale) return 0;
  return Scale * seconds / *count;
}

/// The unit in which iptables prints an interval: the smallest that loses little.
template <std::uint64_t Scale>
constexpr const unit& unit_of(std::uint64_t interval) {
  std::size_t i = 1;
  while (i < 4 && !(interval > units[i].seconds * Scale ||
                    units[i].seconds * Scale / interval < units[i].seconds * Scale % interval))
    ++i;
  return units[i - 1];
}

template <std::uint64_t Scale>
constexpr void write_interval(std::uint64_t interval, text& out) {
  if (interval == 0) {
    out.append("inf");
    return;
  }
  const unit& per = unit_of<Scale>(interval);
  out.append_number(per.seconds * Scale / interval).append('/').append(per.printed);
}

}  // namespace cordon::rates
