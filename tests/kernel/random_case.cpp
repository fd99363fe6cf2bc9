#include "random_case.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/draw.hpp>

#include "model.hpp"
#include "wire_drawing.hpp"

namespace cordon::kernel {
namespace {

/// What connection tracking tells connections apart by, whichever way a packet goes. For protocols without ports the
/// addresses alone: that is strict, and right for all of them.
std::string connection_of(const wire_packet& packet) {
  const auto end = [](const address_bytes& address, std::uint16_t port) {
    std::string made(address.begin(), address.end());
    made += static_cast<char>(port >> 8);
    made += static_cast<char>(port);
    return made;
  };
  std::uint16_t ports[2] = {packet.source_port, packet.destination_port};
  if (packet.transport_override)
    for (std::size_t at = 0; at < 2; ++at)
      ports[at] = packet.transport_override->size() < 4
                      ? std::uint16_t{0}
                      : static_cast<std::uint16_t>((*packet.transport_override)[2 * at] * 256 +
                                                   (*packet.transport_override)[2 * at + 1]);
  const auto of = static_cast<protocol>(packet.protocol);
  if (!has_ports(of) || of == protocol::dccp) ports[0] = ports[1] = 0;  // Linux 6.16 lost its tracker for DCCP
  std::string one = end(packet.source, ports[0]);
  std::string other = end(packet.destination, ports[1]);
  if (other < one) std::swap(one, other);
  return one + other + static_cast<char>(packet.protocol);
}

void put_together(wire_packet& packet) {
  if (packet.fragment_offset != 0) packet.transport_override.reset();
  packet.fragment_offset = 0;
  packet.more_fragments = packet.fragment_header = false;
}

bool is_decided(const effect& does) { return does.what != effect::kind::unknown && does.what != effect::kind::queue; }

/// Gives the rule a use of the target, or one of the match besides those it has. False if it takes none.
bool add_use(const choice_source& choices, const target_extension& of, const meaning_context& context, bool with_opaque,
             rule& into) {
  auto options = testing::detail::draw_options(choices, of, context);
  if (!options || (!with_opaque && !is_decided(of.meaning(*options, context)))) return false;
  into.target = {target::kind::extension, &of, cordon::text(of.name), *std::move(options), {}};
  return true;
}
bool add_use(const choice_source& choices, const match_extension& of, const meaning_context& context, bool with_opaque,
             rule& into) {
  for (const match& other : into.matches)
    if (other.extension == &of) return false;
  auto made = testing::detail::draw_match(choices, of, context, with_opaque);
  if (made) into.matches.push_back(*std::move(made));
  return made.has_value();
}

/// Puts a rule with some extension of the list into some OUTPUT chain. Each extension has the same chance, however few
/// tables and protocols take it; a drawn rule set has those of other tables than filter hardly ever.
template <class Extension>
void add_rule_with(const choice_source& choices, std::span<const Extension* const> list,
                   const testing::firewall_setting& setting, family in, ruleset& into) {
  constexpr int most_tries = 60;
  const Extension& wanted = *testing::draw_one(choices, list);
  if (in == family::ipv4 ? !wanted.ipv4 : !wanted.ipv6) return;
  for (int tries = 0; tries < most_tries; ++tries) {
    const table_name name = testing::draw_one(choices, setting.tables);
    rule made = testing::draw_rule(choices, {.family = in,
                                             .backend = into.backend,
                                             .table = name,
                                             .chains = {},
                                             .with_opaque = setting.with_opaque,
                                             .most_matches = 1,
                                             .host = &setting.host});
    const meaning_context context{in, into.backend, made.protocol, name_of(name), &setting.host};
    if (!add_use(choices, wanted, context, setting.with_opaque, made)) continue;
    sequence<rule>& rules = into.find_or_add(name).find("OUTPUT")->rules;
    rules.insert(rules.begin() + choices.below(rules.size() + 1), std::move(made));
    return;
  }
}

}  // namespace

bool fresh_connections::make_fresh(wire_packet& packet, const choice_source& choices) {
  put_together(packet);
  if (known_.insert(connection_of(packet)).second) return true;
  const auto port = static_cast<std::uint16_t>(choices.below(65536));
  packet.source_port = port;
  if (packet.transport_override && packet.transport_override->size() > 1) {
    (*packet.transport_override)[0] = static_cast<std::uint8_t>(port >> 8);
    (*packet.transport_override)[1] = static_cast<std::uint8_t>(port);
  }
  return known_.insert(connection_of(packet)).second;
}

ruleset draw_rules(testing::random_choices& choices, const combination& of, const host_facts& host) {
  const choice_source source = choices.source();
  testing::firewall_setting setting;
  setting.host = host;
  setting.with_opaque = source.one_in(8);
  setting.most_rules = source.one_in(8) ? 30 : 8;
  setting.most_chains = source.one_in(8) ? 12 : 4;
  if (source.one_in(3)) setting.tables = testing::only_filter;
  ruleset made = testing::draw_ruleset(source, family_of(of.family), backend_of(of.which), setting);
  for (std::uint64_t left = source.below(4); left > 0; --left)
    add_rule_with(source, std::span(all_target_extensions()), setting, family_of(of.family), made);
  for (std::uint64_t left = source.below(3); left > 0; --left)
    add_rule_with(source, std::span(all_match_extensions()), setting, family_of(of.family), made);
  // One match of many would hardly ever meet the host's sets.
  constexpr const match_extension* of_sets[] = {&set_match};
  if (!host.sets.empty() && source.one_in(3))
    add_rule_with(source, std::span<const match_extension* const>(of_sets), setting, family_of(of.family), made);
  return made;
}

std::vector<wire_packet> draw_packets(testing::random_choices& choices, const judge& of, ip_family family,
                                      std::size_t count) {
  const choice_source source = choices.source();
  const testing::edges edges = testing::edges::of_firewall(of.rules(), family_of(family));
  std::vector<wire_packet> packets;
  packets.reserve(count);
  fresh_connections connections;
  for (std::size_t tries = 0; packets.size() < count && tries < 4 * count; ++tries) {
    wire_packet made = wire_near(testing::draw_packet(source, edges), of.tested(), source);
    if (of.asks_connection() && !connections.make_fresh(made, source)) continue;
    packets.push_back(std::move(made));
  }
  return packets;
}

}  // namespace cordon::kernel
