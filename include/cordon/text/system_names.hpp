// Names of users, groups and services as this machine knows them. Run time only, and not for threads: the functions of
// the C library that it asks are not.
#pragma once

#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/rule/option.hpp>

namespace cordon {

namespace detail {
inline maybe<std::uint32_t> system_user(std::string_view name) {
  const passwd* const found = getpwnam(std::string(name).c_str());
  if (found == nullptr) return no_value;
  return found->pw_uid;
}
inline maybe<std::uint32_t> system_group(std::string_view name) {
  const ::group* const found = getgrnam(std::string(name).c_str());
  if (found == nullptr) return no_value;
  return found->gr_gid;
}
inline maybe<std::uint32_t> system_service(std::string_view name, std::string_view protocol) {
  const std::string of(protocol);
  const servent* const found = getservbyname(std::string(name).c_str(), of.empty() ? nullptr : of.c_str());
  if (found == nullptr) return no_value;
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}
}  // namespace detail

/// What getpwnam, getgrnam and getservbyname say. Host names are never asked for.
inline const name_sources& system_names() {
  static constexpr name_sources names{detail::system_user, detail::system_group, detail::system_service};
  return names;
}

}  // namespace cordon
