#include "machine_names.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <cordon/text/system_names.hpp>

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of each thread's own
thread_local cordon::sequence<cordon::diagnostic> warnings;

// What `look_up` says, asked once for each key and by one thread at a time: the C library's functions are not for
// threads, and read a file each time.
template <class LookUp>
cordon::maybe<std::uint32_t> remembered(std::string key, const LookUp& look_up) {
  static std::mutex mutex;
  static std::map<std::string, cordon::maybe<std::uint32_t>> known;
  const std::lock_guard lock(mutex);
  const auto [place, is_new] = known.try_emplace(std::move(key));
  if (is_new) place->second = look_up();
  return place->second;
}

cordon::maybe<std::uint32_t> warned(std::string_view kind, std::string_view name, cordon::maybe<std::uint32_t> number) {
  if (!number) return number;
  cordon::diagnostic made{{},
                          {},
                          cordon::severity::warning,
                          cordon::join("the ", kind, " ", name, " is ", cordon::decimal(*number),
                                       " on this machine, and may be another one where the rules are loaded")};
  if (std::find(warnings.begin(), warnings.end(), made) == warnings.end()) warnings.push_back(std::move(made));
  return number;
}

cordon::maybe<std::uint32_t> number_of_user(std::string_view name) {
  return warned("user", name,
                remembered("user " + std::string(name), [&] { return cordon::system_names().user(name); }));
}
cordon::maybe<std::uint32_t> number_of_group(std::string_view name) {
  return warned("group", name,
                remembered("group " + std::string(name), [&] { return cordon::system_names().group(name); }));
}
cordon::maybe<std::uint32_t> number_of_service(std::string_view name, std::string_view protocol) {
  return remembered("service " + std::string(protocol) + " " + std::string(name),
                    [&] { return cordon::system_names().service(name, protocol); });
}

}  // namespace

const cordon::name_sources& machine_names() {
  static constexpr cordon::name_sources names{number_of_user, number_of_group, number_of_service};
  return names;
}

const cordon::sequence<cordon::diagnostic>& machine_name_warnings() { return warnings; }

void forget_machine_name_warnings() { warnings.clear(); }
