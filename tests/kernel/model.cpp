#include "model.hpp"

#include <net/if.h>

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>

#include <cordon/text/reader.hpp>

namespace cordon::kernel {
namespace {

uint128 number_at(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  if (bytes.size() < at + size) throw std::runtime_error("a packet is shorter than its headers");
  uint128 number = 0;
  for (std::size_t i = 0; i < size; ++i) number = (number << 8) | bytes[at + i];
  return number;
}

struct layout {
  std::size_t protocol;
  std::size_t hops;
  std::size_t source;
  std::size_t destination;
  std::size_t address_size;
};
constexpr layout ipv4_layout = {9, 8, 12, 16, 4};
constexpr layout ipv6_layout = {6, 7, 8, 24, 16};

constexpr std::size_t ipv6_header = 40;
constexpr protocol hop_by_hop = static_cast<protocol>(0);

}  // namespace

family family_of(ip_family of) { return of == ip_family::v4 ? family::ipv4 : family::ipv6; }

backend backend_of(back_end of) { return of == back_end::legacy ? backend::legacy : backend::nft; }

ruleset read_rules(back_end which, ip_family family, std::string_view rules) {
  auto read = read_ruleset(rules, {.family = family_of(family), .backend = backend_of(which), .file = "rules"});
  if (!read) throw std::runtime_error(std::string(to_text(read.diagnostics()).view()));
  return *std::move(read);
}

bool is_same(const ruleset& a, const ruleset& b) {
  for (const table_name name : all_tables) {
    const table* const in_a = a.find(name);
    const table* const in_b = b.find(name);
    const table nothing = empty_table(name);
    if ((in_a == nullptr ? nothing : *in_a) != (in_b == nullptr ? nothing : *in_b)) return false;
  }
  return true;
}

ruleset load_both(world& into, back_end which, ip_family family, std::string_view rules) {
  const tool_result loaded = into.load(which, family, rules);
  if (!loaded.worked()) throw std::runtime_error("the kernel does not load the rules: " + loaded.errors);
  return read_rules(which, family, rules);
}

packet packet_of(const traced_packet& seen, std::string_view out) {
  const std::span<const std::uint8_t> bytes = seen.before;
  const bool v4 = seen.family == ip_family::v4;
  const layout& places = v4 ? ipv4_layout : ipv6_layout;
  packet made;
  made.family = family_of(seen.family);
  made.out = interface_name(out);
  made.protocol = static_cast<protocol>(static_cast<std::uint8_t>(number_at(bytes, places.protocol, 1)));
  made.hops = static_cast<std::uint8_t>(number_at(bytes, places.hops, 1));
  made.source = number_at(bytes, places.source, places.address_size);
  made.destination = number_at(bytes, places.destination, places.address_size);
  made.mark = seen.mark_before;
  if (v4) {
    made.length = static_cast<std::uint32_t>(number_at(bytes, 2, 2));
    made.traffic_class = static_cast<std::uint8_t>(number_at(bytes, 1, 1));
  } else {
    made.length = std::min(static_cast<std::uint32_t>(number_at(bytes, 4, 2) + ipv6_header), longer_length);
    made.traffic_class = static_cast<std::uint8_t>((number_at(bytes, 0, 2) >> 4) & 255);
  }
  std::size_t transport = v4 ? static_cast<std::size_t>((number_at(bytes, 0, 1) & 15) * 4) : ipv6_header;
  if (!v4 && made.protocol == hop_by_hop) {
    made.protocol = static_cast<protocol>(static_cast<std::uint8_t>(number_at(bytes, transport, 1)));
    made.extension_headers = cordon::extension_header::hop_by_hop;
    transport += static_cast<std::size_t>(number_at(bytes, transport + 1, 1) + 1) * 8;
  }
  made.first_word = static_cast<std::uint16_t>(number_at(bytes, transport, 2));
  made.second_word = static_cast<std::uint16_t>(number_at(bytes, transport + 2, 2));
  made.flags =
      made.protocol == protocol::tcp ? static_cast<tcp_flags>(number_at(bytes, transport + 13, 1)) : tcp_flags{0};
  if (!seen.state.empty()) {
    const auto state = read_connection_state(seen.state);
    if (!state) throw std::runtime_error("no connection state: " + seen.state);
    made.state = *state;
  }
  return made;
}

}  // namespace cordon::kernel
