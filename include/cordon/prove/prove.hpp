// The proof: does every packet that a sandbox can send keep to its policy? Exact over every packet of both families, by
// decision diagrams, never by sampling.
//
//   proved   =  for all packets p of the sandbox, for all valuations of the atoms: let out(p)  implies  allowed(p)
//   leak     =  for some packet p, for all valuations: let out(p) and not allowed(p)
//   unknown  =  neither: some p gets out and is not allowed under some valuation
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <cordon/prove/client.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/evaluation.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rewriting.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/prove/witness.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/space/boxes.hpp>
#include <cordon/space/packet_space.hpp>
#include <cordon/text/writer.hpp>

namespace cordon {

namespace detail {

constexpr rule_place place_of(const program& rules, const decision_place& at) {
  rule_place made;
  made.family = rules.family;
  if (rules.tables.empty()) {
    made.chain = "OUTPUT";
    return made;
  }
  const program_table& table = rules.tables[at.table];
  const program_chain& chain = table.chains[at.chain];
  made.table = table.name;
  made.file = table.from->file;
  made.chain = chain.source->name.view();
  if (at.rule == chain.steps.size()) {
    made.line = chain.source->at.line;
    return made;
  }
  const rule& source = *chain.steps[at.rule].source;
  made.number = at.rule + 1;
  made.line = source.at.line;
  if (source.written.empty())
    made.written = write_rule(source, rules.family, chain.source->name);
  else
    made.written = source.written;
  return made;
}

// The layout of a question about a sandbox.
constexpr layout layout_for(const packet_domain& domain, const program& rules, const egress_policy& policy) {
  layout levels(domain);
  observe(levels, rules);
  observe_protocols(levels);
  for (const endpoint& one : policy) {
    levels.observe(goes_to(one, rules.family));
    if (!one.rewritten_to) continue;
    endpoint then = one;
    then.destination = *one.rewritten_to;
    then.ports = one.rewritten_ports;
    levels.observe(goes_to(then, rules.family));
  }
  levels.observe(can_exist(fields_tested(rules)));
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  levels.observe(between(field::state, number(connection_state::fresh), number(connection_state::invalid)));
  levels.observe(is(field::mark, 0));
  return levels;
}

// Answers for one family.
class family_prover {
 public:
  constexpr family_prover(const firewall& rules, const egress_policy& policy, family of)
      : firewall_(&rules), policy_(&policy), program_(compile(rules, of)) {}

  constexpr family_proof prove() {
    family_proof made;
    made.family = program_.family;
    made.has_rules = !firewall_->of(program_.family).empty();
    layout levels = layout_for(packets_of(*policy_, program_.family), program_, *policy_);
    for (const endpoint& one : *policy_) {
      const client_packets client = client_of(one, program_.family);
      levels.observe(client.opening);
      levels.observe(client.following);
    }
    levels.finish();
    packet_space space(std::move(levels));
    exist_ = space.set_of(can_exist(fields_tested(program_)));
    decider walk(program_, space, detail_of_decision::fate, exist_);
    diagram_store& store = space.store();
    const diagram let_out = walk.decide();
    const diagram forbidden = forbidden_part(space, walk, let_out);
    const std::uint32_t atoms = space.first_atom_level();
    const diagram surely = store.collapsed(store.renamed(forbidden, is_set), atoms, all_of);
    const diagram possibly = store.collapsed(store.renamed(forbidden, is_set), atoms, any_of);
    if (walk.too_large()) {
      made.answer = answer::unknown;
      made.too_large = true;
      return made;
    }
    made.answer = surely != no_packet ? answer::leak : possibly != no_packet ? answer::unknown : answer::proved;
    if (surely != no_packet) find_leaks(space, surely, made.leaks);
    if (surely != possibly) find_doubts(space, walk, store.minus(store.renamed(forbidden, is_set), surely), made.doubts);
    allowed_surely_ = store.minus(store.renamed(let_out, is_set), store.renamed(forbidden, is_set));
    find_endpoints(space);
    if (space.store().too_large()) {
      made.answer = answer::unknown;
      made.too_large = true;
    }
    return made;
  }

  /// By index in the policy; endpoints of the other family are missing. After `prove`.
  constexpr const std::vector<std::pair<std::size_t, endpoint_answer>>& endpoints() const { return endpoints_; }

 private:
  static constexpr std::uint32_t is_set(std::uint32_t number) { return number != 0 ? 1 : 0; }
  static constexpr std::uint32_t all_of(const std::uint32_t* numbers, std::size_t) {
    return numbers[0] != 0 ? 1 : 0;  // ascending
  }
  static constexpr std::uint32_t any_of(const std::uint32_t* numbers, std::size_t count) {
    return numbers[count - 1] != 0 ? 1 : 0;
  }

  // The part of what is let out that goes to no endpoint; what was rewritten is judged where it goes then.
  constexpr diagram forbidden_part(packet_space& space, const decider& walk, diagram let_out) const {
    diagram_store& store = space.store();
    std::vector<situation_number> ways;
    for (const std::uint32_t number : store.leaf_numbers(let_out)) {
      const situation_number way = walk.outcome(number).in;
      if (number != 0 && std::find(ways.begin(), ways.end(), way) == ways.end()) ways.push_back(way);
    }
    diagram all = no_packet;
    for (const situation_number way : ways) {
      std::uint32_t example = 0;
      const diagram here = store.renamed(let_out, [&](std::uint32_t number) {
        if (number == 0 || walk.outcome(number).in != way) return 0U;
        example = number;
        return number;
      });
      const predicate allowed = goes_to_any(*policy_, program_.family, walk.situation_of(example).now);
      all = store.either(all, store.minus(here, space.set_of(allowed)));
    }
    return all;
  }

  // Asks again which rule lets out what surely leaks.
  constexpr void find_leaks(packet_space& space, diagram surely, std::vector<leak>& into) const {
    diagram_store& store = space.store();
    decider walk(program_, space, detail_of_decision::by_rule, surely);
    const diagram forbidden = forbidden_part(space, walk, walk.decide());
    struct ranked {
      std::uint32_t number;
      std::uint32_t rank;
      decision_place at;
    };
    std::vector<ranked> accepting;
    if (program_.tables.empty()) {
      for (const std::uint32_t number : store.leaf_numbers(forbidden))
        if (number != 0) accepting.push_back({number, 0, {}});
    } else {
      const evaluation_order order(program_.tables[walk.blamed_table()]);
      for (const std::uint32_t number : store.leaf_numbers(forbidden)) {
        if (number == 0) continue;
        const decision_place& at = walk.outcome(number).at;
        accepting.push_back({number, order.of(at), at});
      }
      std::sort(accepting.begin(), accepting.end(),
                [](const ranked& a, const ranked& b) { return a.rank < b.rank; });
    }
    // Leaves become 1 + the place in the order of evaluation, so that the least of several is the first to accept.
    const diagram by_order = store.collapsed(
        store.renamed(forbidden,
                      [&](std::uint32_t number) {
                        std::uint32_t first = 0;
                        while (first < accepting.size() && accepting[first].number != number) ++first;
                        while (first > 0 && first < accepting.size() &&
                               accepting[first - 1].rank == accepting[first].rank)
                          --first;
                        return number == 0 ? 0 : first + 1;
                      }),
        space.first_atom_level(), [](const std::uint32_t* numbers, std::size_t count) {
          return numbers[0] != 0 || count == 1 ? numbers[0] : numbers[1];
        });
    for (const std::uint32_t which : store.leaf_numbers(store.both(surely, by_order))) {
      if (which == 0) continue;
      const diagram region = store.both(
          surely, store.renamed(by_order, [&](std::uint32_t number) { return number == which ? 1U : 0U; }));
      leak made;
      made.blame = place_of(program_, accepting[which - 1].at);
      const diagram seen = seen_part(space, region);
      const box_cover cover = boxes_of(space, seen, store.minus(every_packet, exist_));
      made.region = cover.boxes;
      made.region_is_whole = cover.whole;
      made.in_short = summary_of(space, seen, store.minus(every_packet, exist_));
      made.witness = witness_of(space, region);
      made.way = simulate(program_, made.witness).way;
      made.needs = need_of(space, region);
      made.rewritings = rewritings_of(space, walk, forbidden, region, made.witness);
      into.push_back(std::move(made));
    }
  }

  // What nat makes of a region's packets; `forbidden` has the outcomes of all that leak.
  constexpr std::vector<rewriting> rewritings_of(packet_space& space, const decider& walk, diagram forbidden,
                                                 diagram region, const packet& witness) const {
    diagram_store& store = space.store();
    std::vector<situation_number> seen;
    std::vector<rewriting> made;
    for (const std::uint32_t number : store.leaf_numbers(forbidden)) {
      const situation& now = walk.situation_of(number);
      const situation_number in = walk.outcome(number).in;
      if (number == 0 || !now.is_rewritten || std::find(seen.begin(), seen.end(), in) != seen.end()) continue;
      seen.push_back(in);
      const diagram here = store.collapsed(
          store.renamed(forbidden,
                        [&](std::uint32_t other) { return other != 0 && walk.outcome(other).in == in ? 1U : 0U; }),
          space.first_atom_level(), any_of);
      const diagram part = store.both(region, here);
      if (part == no_packet) continue;
      const diagram shown = seen_part(space, part);
      made.push_back(rewriting_of(space, shown, store.minus(every_packet, exist_), now.now,
                                  place_of(program_, now.rewritten_by)));
      if (space.value_at(part, witness) != 0) std::swap(made.front(), made.back());
    }
    return made;
  }

  // A region without the one thing that no one can see of a packet: whether a RELATED one is the first of its connection.
  static constexpr diagram seen_part(packet_space& space, diagram region) {
    const std::uint32_t level = space.levels().first_level_of(field::expected_first);
    return space.store().collapsed(region, level, any_of);
  }

  constexpr leak_need need_of(packet_space& space, diagram region) const {
    constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
    diagram_store& store = space.store();
    if (store.both(region, space.interval(field::state, number(connection_state::fresh),
                                          number(connection_state::invalid))) == no_packet)
      return leak_need::established;
    if (store.both(region, space.interval(field::mark, 0, 0)) == no_packet) return leak_need::mark;
    return leak_need::nothing;
  }

  constexpr void find_doubts(const packet_space& space, const decider& walk, diagram open_question,
                             std::vector<doubt>& into) const {
    std::vector<doubt> consequences;
    for (const std::uint32_t level : space.store().levels_tested(open_question)) {
      if (level < space.first_atom_level()) continue;
      for (const atom_origin& origin : walk.origins()) {
        if (origin.level != level) continue;
        const text& name = space.atom_at(level).name;
        const bool is_consequence = name == changed_field;
        add_doubt({place_of(program_, origin.at), name}, is_consequence ? consequences : into);
      }
    }
    // A test of what an unknown target may have changed hangs on that target, which is named itself.
    if (into.empty()) into = std::move(consequences);
  }

  static constexpr void add_doubt(doubt one, std::vector<doubt>& into) {
    for (const doubt& known : into)
      if (known.at == one.at && known.match == one.match) return;
    into.push_back(std::move(one));
  }

  constexpr void find_endpoints(packet_space& space) {
    diagram_store& store = space.store();
    const std::uint32_t atoms = space.first_atom_level();
    const diagram surely = store.collapsed(allowed_surely_, atoms, all_of);
    const diagram possibly = store.collapsed(allowed_surely_, atoms, any_of);
    for (std::size_t i = 0; i < policy_->size(); ++i) {
      const endpoint& to = (*policy_)[i];
      if (to.destination.base.family != program_.family) continue;
      const client_packets client = client_of(to, program_.family);
      const diagram opening = store.both(exist_, space.set_of(client.opening));
      const diagram all = store.either(opening, store.both(exist_, space.set_of(client.following)));
      endpoint_answer made{to};
      if (store.includes(surely, all) && all != no_packet) {
        made.status = endpoint_status::open;
      } else if (store.both(opening, possibly) == no_packet) {
        made.status = endpoint_status::blocked;
      } else if (store.both(all, surely) != no_packet && !store.includes(possibly, all)) {
        made.status = endpoint_status::partial;
        made.blocked = boxes_of(space, store.minus(all, possibly), store.negation(all)).boxes;
      }
      if (is_loopback(to)) made.replies_blocked = are_replies_blocked(to);
      endpoints_.emplace_back(i, std::move(made));
    }
  }

  // Whether the rules surely stop what a server on loopback answers. Its packets are not the sandbox's, so this is a
  // question of its own, over a space of its own.
  constexpr bool are_replies_blocked(const endpoint& from) const {
    const predicate replies = replies_of(from, *policy_, program_.family);
    packet_domain domain = packet_domain::all(program_.family);
    constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
    domain[field::socket] = {number(socket_kind::user), number(socket_kind::user)};
    domain[field::state] = {number(connection_state::established), number(connection_state::established)};
    domain[field::mark] = {0, 0};
    const range lo{number_of(interface_name("lo")), number_of(interface_name("lo"))};
    domain[field::out] = lo;
    layout levels = layout_for(domain, program_, *policy_);
    levels.observe(replies);
    levels.finish();
    packet_space space(std::move(levels));
    decider walk(program_, space, detail_of_decision::fate);
    diagram_store& store = space.store();
    const diagram let_out = store.renamed(walk.decide(), is_set);
    const diagram possibly = store.collapsed(let_out, space.first_atom_level(), any_of);
    const diagram answers = space.set_of(replies);
    return !walk.too_large() && answers != no_packet && store.both(answers, possibly) == no_packet;
  }

  const firewall* firewall_;
  const egress_policy* policy_;
  program program_;
  diagram exist_ = every_packet;           // the packets that can exist
  diagram allowed_surely_ = no_packet;
  std::vector<std::pair<std::size_t, endpoint_answer>> endpoints_;
};

}  // namespace detail

/// Proves that every packet of the policy's sandbox gets out only to an allowed endpoint, or shows which do not.
///
/// Judged are the packets whose socket has the owner; what has no socket (RST, ICMP errors, the last FIN of a closed
/// socket) is not. A family without rules accepts everything. Precondition: the firewall is one that a reader accepts
/// (jumps lead to chains, no loops).
constexpr proof prove(const firewall& rules, const egress_policy& policy) {
  proof made;
  made.policy = policy;
  for (const endpoint& one : policy) made.endpoints.push_back({one});
  for (const family of : both_families) {
    family_proof& here = of == family::ipv4 ? made.v4 : made.v6;
    here.family = of;
    if (rules.of(of).absent) {
      for (endpoint_answer& one : made.endpoints)
        if (one.to.destination.base.family == of) one.status = endpoint_status::blocked;  // no packet gets there
      continue;
    }
    detail::family_prover prover(rules, policy, of);
    here = prover.prove();
    for (const auto& [index, judged] : prover.endpoints()) made.endpoints[index] = judged;
  }
  return made;
}

}  // namespace cordon
