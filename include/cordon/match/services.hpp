// Ports by the names of their services: a small table of those that rules use, then what the machine knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <cordon/rule/option.hpp>

namespace cordon {

namespace detail {
struct service {
  std::string_view name;
  std::uint16_t port;
};

// IANA's names, the same for TCP and UDP.
inline constexpr service known_services[] = {
    {"ftp-data", 20}, {"ftp", 21},     {"ssh", 22},      {"telnet", 23},  {"smtp", 25},    {"time", 37},
    {"domain", 53},   {"bootps", 67},  {"bootpc", 68},   {"tftp", 69},    {"finger", 79},  {"http", 80},
    {"www", 80},      {"kerberos", 88}, {"pop3", 110},   {"sunrpc", 111}, {"auth", 113},   {"ident", 113},
    {"nntp", 119},    {"ntp", 123},    {"netbios-ns", 137}, {"netbios-dgm", 138}, {"netbios-ssn", 139},
    {"imap2", 143},   {"imap", 143},   {"snmp", 161},    {"snmp-trap", 162}, {"bgp", 179}, {"ldap", 389},
    {"https", 443},   {"microsoft-ds", 445}, {"submissions", 465}, {"isakmp", 500}, {"syslog", 514},
    {"printer", 515}, {"submission", 587}, {"ipp", 631}, {"ldaps", 636},  {"domain-s", 853}, {"rsync", 873},
    {"ftps-data", 989}, {"ftps", 990}, {"imaps", 993},   {"pop3s", 995},  {"socks", 1080}, {"openvpn", 1194},
    {"ms-sql-s", 1433}, {"radius", 1812}, {"radius-acct", 1813}, {"nfs", 2049}, {"mysql", 3306},
    {"ms-wbt-server", 3389}, {"svn", 3690}, {"ipsec-nat-t", 4500}, {"sip", 5060}, {"sip-tls", 5061},
    {"xmpp-client", 5222}, {"mdns", 5353}, {"postgresql", 5432}, {"amqp", 5672}, {"x11", 6000},
    {"redis", 6379},  {"ircd", 6667},  {"http-alt", 8080}, {"git", 9418},
};
}  // namespace detail

/// The port of a service: from the table here, else from the machine where `names` asks it; nothing if neither knows.
constexpr std::optional<std::uint32_t> service_port(std::string_view name, std::string_view protocol,
                                                    const name_sources* names) {
  for (const detail::service& known : detail::known_services)
    if (known.name == name) return known.port;
  if (names != nullptr && names->service != nullptr) return names->service(name, protocol);
  return std::nullopt;
}

}  // namespace cordon
