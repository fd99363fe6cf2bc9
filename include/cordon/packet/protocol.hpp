// Protocol numbers and the names that iptables prints for them.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>

namespace cordon {

/// What the IP header says is inside: 0 to 255. For IPv6 the last header, behind the extension headers.
enum class protocol : std::uint8_t {
  icmp = 1,
  tcp = 6,
  udp = 17,
  dccp = 33,
  gre = 47,
  esp = 50,
  ah = 51,
  icmpv6 = 58,
  ipcomp = 108,
  sctp = 132,
  mobility_header = 135,
  udplite = 136,
};

/// As in the IP header.
constexpr std::uint8_t number_of(protocol of) { return static_cast<std::uint8_t>(of); }

/// Whether packets of `of` begin with a source and a destination port.
constexpr bool has_ports(protocol of) {
  return of == protocol::tcp || of == protocol::udp || of == protocol::udplite || of == protocol::sctp ||
         of == protocol::dccp;
}

/// Whether `of` is the ICMP that belongs to `in`: 1 in IPv4, 58 in IPv6 (`-p icmp` in ip6tables is 1, and no ICMP).
constexpr bool is_icmp(protocol of, family in) {
  return of == (in == family::ipv4 ? protocol::icmp : protocol::icmpv6);
}

namespace detail {
struct protocol_name {
  std::uint8_t number;
  std::string_view name;
};

// The IANA names in the order of their numbers, as the usual /etc/protocols gives them; iptables prints these.
// clang-format off
inline constexpr protocol_name protocol_names[] = {
    {1, "icmp"},        {2, "igmp"},        {3, "ggp"},        {4, "ipencap"},     {5, "st"},
    {6, "tcp"},         {8, "egp"},         {9, "igp"},        {12, "pup"},        {17, "udp"},
    {20, "hmp"},        {22, "xns-idp"},    {27, "rdp"},       {29, "iso-tp4"},    {33, "dccp"},
    {36, "xtp"},        {37, "ddp"},        {38, "idpr-cmtp"}, {41, "ipv6"},       {43, "ipv6-route"},
    {44, "ipv6-frag"},  {45, "idrp"},       {46, "rsvp"},      {47, "gre"},        {50, "esp"},
    {51, "ah"},         {57, "skip"},       {58, "ipv6-icmp"}, {59, "ipv6-nonxt"}, {60, "ipv6-opts"},
    {73, "rspf"},       {81, "vmtp"},       {88, "eigrp"},     {89, "ospf"},       {93, "ax.25"},
    {94, "ipip"},       {97, "etherip"},    {98, "encap"},     {103, "pim"},       {108, "ipcomp"},
    {112, "vrrp"},      {115, "l2tp"},      {124, "isis"},     {132, "sctp"},      {133, "fc"},
    {135, "mobility-header"}, {136, "udplite"}, {137, "mpls-in-ip"}, {138, "manet"}, {139, "hip"},
    {140, "shim6"},     {141, "wesp"},      {142, "rohc"},     {143, "ethernet"},
};
// clang-format on

// Other spellings that iptables reads.
inline constexpr protocol_name protocol_aliases[] = {
    {58, "icmpv6"}, {135, "ipv6-mh"}, {135, "mh"}, {4, "ipip4"}, {89, "ospfigp"},
};
}  // namespace detail

/// The name that iptables prints, or the number where it has none.
constexpr text to_text(protocol of) {
  for (const auto& known : detail::protocol_names)
    if (known.number == number_of(of)) return text(known.name);
  return decimal(number_of(of));
}

/// A name (case does not matter to iptables) or a number of 0 to 255; nothing for anything else.
constexpr maybe<protocol> read_protocol(std::string_view written) {
  if (!written.empty() && is_digit(written[0])) {
    const auto number = read_c_number(written, 255);
    if (!number) return no_value;
    return static_cast<protocol>(*number);
  }
  for (const auto& known : detail::protocol_names)
    if (equal_ignoring_case(known.name, written)) return static_cast<protocol>(known.number);
  for (const auto& known : detail::protocol_aliases)
    if (equal_ignoring_case(known.name, written)) return static_cast<protocol>(known.number);
  return no_value;
}

}  // namespace cordon
