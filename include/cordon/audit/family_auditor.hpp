// Judges destinations of one family: exactly, by the sets of the packets that open a connection there; and
// one packet of a plain client, for what its program sees.
//
// Two sets for each destination: what a plain client may send (prove/client.hpp), and all that the sandbox
// can send to open a connection, from any source and port, with any length, TTL and TOS. Open is said of the
// first, stopped of the second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/audit/cell.hpp>
#include <cordon/audit/destination.hpp>
#include <cordon/audit/listener.hpp>
#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/client.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/prove/replies.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/prove/witness.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/space/boxes.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

class family_auditor {
 public:
  /// Of the tables in `reversed` the second back end's is asked first.
  constexpr family_auditor(const firewall& rules, const egress_policy& policy, family of, table_set reversed = 0)
      : policy_(&policy), program_(compile(rules, of, hook::output, reversed)) {
    if (reversed == 0) others_ = other_orders(rules, of, hook::output, tables_of_open_way(program_));
  }

  /// The tables in which the order of the back ends may matter.
  constexpr table_set open_order() const { return tables_of_open_order(program_); }

  /// Asks for a destination of `who`; `into` is where the answer goes, and stays in its place until `judge`.
  constexpr void ask(const listener& who, audit_cell& into) { asked_.push_back({question_of(who, into.to), &into}); }

  constexpr void judge() {
    if (asked_.empty()) return;
    packet_domain domain = packets_of(*policy_, program_.family);
    constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
    domain[field::state] = {number(connection_state::fresh), number(connection_state::fresh)};
    domain[field::connection_mark] = domain[field::nat_status] = {0, 0};  // a connection is opened
    domain[field::transport] = {number(transport_part::whole), number(transport_part::whole)};
    layout levels = layout_for(domain, program_, *policy_);
    for (const asked_cell& one : asked_) {
      levels.observe(one.what.client);
      levels.observe(one.what.any);
    }
    levels.finish();
    packet_space space(std::move(levels));
    diagram_store& store = space.store();
    const diagram exist = space.set_of(can_exist(fields_tested(program_)));
    decider walk(program_, space, detail_of_decision::fate, exist);
    const diagram decision = walk.decide();
    const diagram let_out = walk.let_out(decision);
    const diagram forbidden = walk.let_out(forbidden_part(space, walk, program_, decision, *policy_));
    const judged_sets sets{exist, space.surely(let_out), space.possibly(let_out), space.surely(forbidden),
                           space.possibly(forbidden)};
    const bool is_led = leads_elsewhere(walk, store, decision);
    for (const asked_cell& one : asked_) {
      if (walk.too_large()) {
        judge_one_packet(one);
        continue;
      }
      const diagram_store::bookmark before = store.here();
      judge(one, space, walk, decision, sets, is_led);
      if (walk.too_large()) judge_one_packet(one);
      store.go_back(before);
    }
    find_blocked_replies();
  }

 private:
  struct question {
    endpoint to;
    predicate client;  // what a plain client sends first
    predicate any;     // what the sandbox can send to open a connection
    packet plain;      // one packet of a plain client
  };
  struct asked_cell {
    question what;
    audit_cell* cell = nullptr;
  };
  struct judged_sets {
    diagram exist;
    diagram surely_out;
    diagram possibly_out;
    diagram surely_forbidden;
    diagram possibly_forbidden;
  };

  constexpr question question_of(const listener& who, const socket_destination& to) const {
    const family of = program_.family;
    question made;
    made.to = {.protocols = who.protocol, .destination = to.where, .ports = who.port};
    if (to.by_lo) made.to.out = "lo";
    predicate others = always();
    for (const address& one : to.but) others &= !is(field::destination, one.bits);
    made.client = client_of(made.to, of).opening && others;
    made.any = goes_to(made.to, of) && others;
    if (who.protocol == protocol::tcp)
      made.any &= masked(field::flags, tcp_flag::syn | tcp_flag::ack | tcp_flag::rst | tcp_flag::fin, tcp_flag::syn);
    made.plain = plain_packet(who, to);
    return made;
  }

  // As Linux fills it where nobody tells it otherwise, but for TCP's options.
  constexpr packet plain_packet(const listener& who, const socket_destination& to) const {
    const bool v4 = program_.family == family::ipv4;
    packet made;
    made.family = program_.family;
    made.owner = {socket_kind::user, policy_->user ? policy_->user->low : 0, policy_->group ? policy_->group->low : 0};
    made.out = to.by_lo ? "lo" : "eth0";
    made.protocol = who.protocol;
    made.destination = to.where.base.bits;
    for (bool taken = true; taken;) {
      taken = has(to.but, address{program_.family, made.destination}) ||
              (to.is_network() && made.destination == to.where.base.bits);
      if (taken) ++made.destination;
    }
    // The preferred source of 127.0.0.0/8; any other own address is its own source.
    made.source = v4 && made.destination_address().is_loopback() ? uint128{0x7f000001} : made.destination;
    made.second_word = who.port;
    if (who.protocol == protocol::udp) made.flags = 0;
    made.length = static_cast<std::uint16_t>((v4 ? 20 : 40) + (who.protocol == protocol::tcp ? 20 : 9));
    return made;
  }

  static constexpr bool leads_elsewhere(const decider& walk, diagram_store& store, diagram decision) {
    if (walk.changes_nothing()) return false;
    for (const std::uint32_t number : store.leaf_numbers(decision))
      if ((walk.situation_of(number).now.changed_fields() & fields_of_endpoints) != 0) return true;
    return false;
  }

  constexpr void judge(const asked_cell& one, packet_space& space, const decider& walk, diagram decision,
                       const judged_sets& sets, bool is_led) {
    diagram_store& store = space.store();
    audit_cell& cell = *one.cell;
    const diagram client = store.both(sets.exist, space.set_of(one.what.client));
    const diagram any = store.both(sets.exist, space.set_of(one.what.any));
    diagram surely = sets.surely_out;
    diagram possibly = sets.possibly_out;
    if (is_led) {
      endpoint there = one.what.to;
      there.out = {};  // an address of the host leads to lo whatever was sent before
      egress_policy only;
      only.allow(there);
      const diagram arriving =
          store.minus(walk.let_out(decision), walk.let_out(forbidden_part(space, walk, program_, decision, only)));
      surely = space.surely(arriving);
      possibly = space.possibly(arriving);
    }
    const diagram surely_here = store.both(any, surely);
    const bool may_arrive = store.both(any, possibly) != no_packet;
    if (client != no_packet && store.includes(surely, client))
      cell.status = cell_status::open;
    else if (surely_here != no_packet)
      cell.status = cell_status::partial;
    else if (may_arrive)
      cell.status = cell_status::unknown;
    else
      cell.status = store.both(any, sets.possibly_out) == no_packet ? cell_status::stopped : cell_status::led;
    const diagram against = store.both(any, sets.surely_forbidden);
    cell.against = against != no_packet                                    ? against_policy::surely
                   : store.both(any, sets.possibly_forbidden) != no_packet ? against_policy::perhaps
                                                                           : against_policy::no;
    cell.is_endpoint =
        client != no_packet && store.includes(space.set_of(goes_to_any(*policy_, program_.family)), client);
    cell.sent = one.what.plain;
    if (against != no_packet && space.value_at(against, cell.sent) == 0) {
      const diagram of_client = store.both(against, client);
      cell.sent = witness_of(space, of_client != no_packet ? of_client : against);
    }
    if (cell.status == cell_status::partial) {
      box_cover cover = boxes_of(space, surely_here, store.negation(any), most_told);
      cell.open_for = std::move(cover.boxes);
      cell.open_for_is_whole = cover.whole;
    }
    tell(cell);
  }

  // The rules outgrew the bounds of the sets: what one packet meets is all there is.
  constexpr void judge_one_packet(const asked_cell& one) {
    audit_cell& cell = *one.cell;
    cell = {.to = std::move(cell.to)};
    cell.sent = one.what.plain;
    tell(cell);
    cell.status = cell_status::unknown;
    cell.against = against_policy::perhaps;
    cell.hangs_on = {"the question outgrew the bounds of the prover; told is one packet of a plain client"};
  }

  constexpr void tell(audit_cell& cell) const {
    const outcome met = simulate(program_, others_, cell.sent);
    cell.verdict = met.verdict;
    cell.has_rules = !program_.tables.empty();
    if (!cell.has_rules)
      cell.by = place_of(program_, {});
    else if (met.decided_by)
      cell.by = place_of(program_, {met.decided_by->at.table, met.decided_by->at.chain, met.decided_by->at.step});
    cell.program = seen_by_client(cell, met);
    for (const open_question& each : met.hangs_on)
      cell.hangs_on.push_back(join(each.because, " in ",
                                   each.number == 0 ? text() : join("rule ", decimal(each.number), " of "),
                                   name_of(each.table), " ", each.chain));
    const bool is_led =
        met.became.destination != cell.sent.destination || met.became.second_word != cell.sent.second_word;
    const field_set goal = set_of(field::destination) | set_of(field::second_word);
    if ((met.open & goal) != 0)
      cell.reaches = "where nat chooses";
    else if (is_led)
      cell.reaches = place_in_text(met.became);
  }

  constexpr application_view seen_by_client(const audit_cell& cell, const outcome& met) const {
    const bool v4 = program_.family == family::ipv4;
    const bool is_link_local = cell.to.where.base.is_link_local();
    const bool is_bound = cell.to.from_lo_alone || is_link_local;
    if (!is_bound) return sees(program_, others_, cell.sent, met);
    if (v4 || !cell.to.from_lo_alone) return sees(program_, others_, cell.sent, met, answers_heard::resets);
    // In IPv6 that is up to the routes of lo.
    application_view made = sees(program_, others_, cell.sent, met);
    merge(made, sees(program_, others_, cell.sent, met, answers_heard::none));
    return made;
  }

  static constexpr text place_in_text(const packet& of) {
    const text where = cordon::to_text(of.destination_address());
    const bool v4 = of.family == family::ipv4;
    return join(v4 ? "" : "[", where, v4 ? ":" : "]:", decimal(of.second_word));
  }

  // Of those where something gets there. Where the answers go to is where the plain packet came from.
  constexpr void find_blocked_replies() {
    sequence<const asked_cell*> asked;
    for (const asked_cell& one : asked_)
      if (wants_replies(one)) asked.push_back(&one);
    constexpr auto client_of_cell = [](const asked_cell* one) { return one->what.plain.source; };
    detail::sort(asked,
                 [&](const asked_cell* a, const asked_cell* b) { return client_of_cell(a) < client_of_cell(b); });
    for (std::size_t first = 0, next = 0; first < asked.size(); first = next) {
      sequence<endpoint> servers;
      for (; next < asked.size() && client_of_cell(asked[next]) == client_of_cell(asked[first]); ++next)
        servers.push_back(asked[next]->what.to);
      const sequence<char> blocked =
          replies_blocked(program_, *policy_, servers, asked[first]->what.plain.source_address());
      for (std::size_t i = 0; i < blocked.size(); ++i) asked[first + i]->cell->replies_blocked = blocked[i] != 0;
    }
  }
  static constexpr bool wants_replies(const asked_cell& one) {
    return one.cell->to.by_lo && (one.cell->status == cell_status::open || one.cell->status == cell_status::partial);
  }

  // Of one destination: more lines nobody reads.
  static constexpr cover_limits most_told = {.boxes = 64, .work = std::uint64_t{1} << 20};

  const egress_policy* policy_;
  program program_;
  sequence<other_order> others_;  // in which the kernel may ask two back ends; none in other orders than the files'
  sequence<asked_cell> asked_;
};

}  // namespace cordon::detail
