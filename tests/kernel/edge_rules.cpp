#include "edge_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <cordon/match/list.hpp>

#include "../match/telling_packets.hpp"
#include "wire_drawing.hpp"

namespace cordon::kernel {
namespace {

constexpr std::uint32_t first_number = 50000;  // of the users, or the marks, that tell rules apart
constexpr std::size_t packets_around_edges = 40;
constexpr std::size_t neighbours = 2;  // rules before and behind a rule, whose packets are sent to it too

/// How the rules of a table are told apart: by what they do not ask for themselves.
bool is_by_mark(const std::string& table) { return table == "owner" || table == "cgroup"; }

std::string chain_of(std::size_t rule) { return "R" + std::to_string(rule); }

}  // namespace

edge_rules::edge_rules(const std::string& table, std::vector<edge_rule> rules)
    : rules_(std::move(rules)), by_mark_(is_by_mark(table)) {}

std::string edge_rules::text_of(const std::vector<edge_rule>& rules) const {
  std::string all;
  for (const char* const table : {"raw", "mangle", "nat", "filter", "security"}) {
    std::string chains;
    std::string entries;
    std::string lines;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].table != table) continue;
      const std::string number = std::to_string(first_number + i);
      chains += ":" + chain_of(i) + " - [0:0]\n";
      entries += "-A OUTPUT " + (by_mark_ ? "-m mark --mark " + number : "-m owner --uid-owner " + number) + " -g " +
                 chain_of(i) + "\n";
      lines += "-A " + chain_of(i) + " " + rules[i].words + "\n";
    }
    if (chains.empty()) continue;
    all.append("*").append(table).append("\n:OUTPUT ACCEPT [0:0]\n").append(chains);
    // Where a rule jumps to or returns from.
    all.append(":AWAY - [0:0]\n").append(entries).append(lines).append("-A AWAY -m comment --comment away\nCOMMIT\n");
  }
  return all;
}

bool edge_rules::is_of(const chain& one, std::size_t rule) { return one.name.view() == chain_of(rule); }

const program_step* edge_rules::step_of(const program& rules, std::size_t rule) {
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      if (is_of(*chain.source, rule) && !chain.steps.empty()) return &chain.steps[0];
  return nullptr;
}

namespace {

field_set fields_of(const program_step& step) {
  field_set fields = 0;
  for (const predicate* const condition : {&step.holds, &step.drops})
    for (const predicate_step& test : condition->steps())
      if (test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked)
        fields |= set_of(test.field);
  return fields;
}

}  // namespace

std::vector<wire_packet> edge_rules::telling_packets(const program_step& step, family in, const choice_source& source) {
  const field_set tested = fields_of(step);
  const auto sent_by_user = [](packet& one) { one.owner.socket = socket_kind::user; };
  std::vector<wire_packet> all;
  for (const packet& one : test::telling_packets(step.holds, step.drops, source, packet_domain::all(in), sent_by_user))
    all.push_back(wire_near(one, tested, source));
  return all;
}

std::vector<wire_packet> edge_rules::packets_around(const program_step& step, family in, const choice_source& source) {
  testing::edges edges(in);
  edges.observe(step.holds);
  edges.observe(step.drops);
  edges.finish();
  const field_set tested = fields_of(step);
  std::vector<wire_packet> all;
  std::vector<packet> drawn;
  for (std::size_t i = 0; i < packets_around_edges; ++i) drawn.push_back(testing::draw_packet(source, edges));
  for (const packet& one : drawn) all.push_back(wire_near(one, tested, source));
  const auto fitting = std::find_if(drawn.begin(), drawn.end(), [&](const packet& one) {
    packet sent = one;
    sent.owner.socket = socket_kind::user;
    return sent.transport == transport_part::whole && evaluate(step.holds, sent) != truth::no;
  });
  packet typical = fitting == drawn.end() ? drawn[0] : *fitting;
  for (unsigned bytes = 0; bytes < 21; ++bytes) {
    typical.transport = static_cast<transport_part>(bytes);
    all.push_back(wire_near(typical, tested, source));
  }
  typical.transport = transport_part::whole;
  for (const unsigned other : {1U, 6U, 17U, 47U, 58U, 253U}) {
    packet changed = typical;
    changed.protocol = static_cast<protocol>(other);
    all.push_back(wire_near(changed, tested, source));
  }
  for (const transport_part part :
       {transport_part::fragment_at_8, transport_part::later_fragment, transport_part::later_fragment}) {
    typical.transport = part;
    all.push_back(wire_near(typical, tested, source));
  }
  return all;
}

bool edge_rules::is_open(const program_step& step) {
  return !step.holds.atoms().empty() || !step.drops.atoms().empty() || step.does.what == effect::kind::unknown ||
         std::any_of(step.does.changes.begin(), step.does.changes.end(),
                     [](const alteration& one) { return one.what == alteration::kind::unknown; });
}

std::vector<std::size_t> edge_rules::asked_with(std::size_t rule) const {
  std::vector<std::size_t> all;
  for (std::size_t i = rule - std::min(rule, neighbours); i <= rule + neighbours && i < rules_.size(); ++i)
    all.push_back(i);
  return all;
}

void edge_rules::send_to(std::size_t rule, std::vector<wire_packet>& packets, fresh_connections* connections,
                         const choice_source& source) const {
  if (connections != nullptr)
    std::erase_if(packets,
                  [&](wire_packet& one) { return one.fragment_offset != 0 || !connections->make_fresh(one, source); });
  for (wire_packet& one : packets) (by_mark_ ? one.mark : one.uid) = first_number + static_cast<std::uint32_t>(rule);
}

std::vector<wire_packet> edge_rules::packets_for(std::size_t rule, const program& rules, fresh_connections* connections,
                                                 testing::random_choices& choices) const {
  const choice_source source = choices.source();
  std::vector<wire_packet> packets = packets_around(*step_of(rules, rule), rules.family, source);
  for (const std::size_t one : asked_with(rule))
    if (const program_step* const step = step_of(rules, one)) {
      const std::vector<wire_packet> more = telling_packets(*step, rules.family, source);
      packets.insert(packets.end(), more.begin(), more.end());
    }
  send_to(rule, packets, connections, source);
  return packets;
}

std::string edge_table_of(const match_extension& of) {
  return std::string(of.name) + (of.ipv4 || find_match_extension(of.name, family::ipv4) == nullptr ? "" : "6");
}
std::string edge_table_of(const target_extension& of) { return std::string(of.name) + ".target"; }

}  // namespace cordon::kernel
