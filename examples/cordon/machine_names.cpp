#include "machine_names.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/text/system_names.hpp>

namespace {

cordon::sequence<cordon::diagnostic> warnings;

cordon::maybe<std::uint32_t> warned(std::string_view kind, std::string_view name, cordon::maybe<std::uint32_t> number) {
  if (!number) return number;
  cordon::diagnostic made{{}, {}, cordon::severity::warning,
                          cordon::join("the ", kind, " ", name, " is ", cordon::decimal(*number),
                                       " on this machine, and may be another one where the rules are loaded")};
  if (std::find(warnings.begin(), warnings.end(), made) == warnings.end()) warnings.push_back(std::move(made));
  return number;
}

}  // namespace

const cordon::name_sources& machine_names() {
  static const cordon::name_sources names{
      [](std::string_view name) { return warned("user", name, cordon::system_names().user(name)); },
      [](std::string_view name) { return warned("group", name, cordon::system_names().group(name)); },
      cordon::system_names().service};
  return names;
}

const cordon::sequence<cordon::diagnostic>& machine_name_warnings() { return warnings; }
