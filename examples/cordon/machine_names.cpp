#include "machine_names.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace {

std::vector<cordon::diagnostic> warnings;

void warn(std::string_view kind, std::string_view name, std::uint32_t number) {
  cordon::diagnostic made{{}, {}, cordon::severity::warning,
                          cordon::join("the ", kind, " ", name, " is ", cordon::decimal(number),
                                       " on this machine, and may be another one where the rules are loaded")};
  if (std::find(warnings.begin(), warnings.end(), made) == warnings.end()) warnings.push_back(std::move(made));
}

std::optional<std::uint32_t> user_of(std::string_view name) {
  const passwd* const found = getpwnam(std::string(name).c_str());
  if (found == nullptr) return std::nullopt;
  warn("user", name, found->pw_uid);
  return found->pw_uid;
}

std::optional<std::uint32_t> group_of(std::string_view name) {
  const group* const found = getgrnam(std::string(name).c_str());
  if (found == nullptr) return std::nullopt;
  warn("group", name, found->gr_gid);
  return found->gr_gid;
}

std::optional<std::uint32_t> service_of(std::string_view name, std::string_view protocol) {
  const std::string of(protocol);
  const servent* const found = getservbyname(std::string(name).c_str(), of.empty() ? nullptr : of.c_str());
  if (found == nullptr) return std::nullopt;
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}

}  // namespace

const cordon::name_sources& machine_names() {
  static const cordon::name_sources names{user_of, group_of, service_of};
  return names;
}

const std::vector<cordon::diagnostic>& machine_name_warnings() { return warnings; }
