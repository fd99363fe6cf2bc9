#include "buddy_set.hpp"

#include <bdd.h>

#include <array>
#include <stdexcept>

namespace cordon::bench {
namespace {

// As the figures in which BuDDy was measured before: four million nodes and a million entries of cache, tables that grow
// from small ones made it slower.
constexpr int first_nodes = 4'000'000;
constexpr int cache_entries = 1'000'000;

struct bits {
  int first = 0;  // the variable of the highest bit
  int count = 0;
};

// The values of a field of at least, or at most, a number: from the lowest bit up, so that each operation adds one node on top.
bdd at_least(const bits& of, std::uint32_t value) {
  bdd made = bddtrue;
  for (int i = 0; i < of.count; ++i) {
    const bdd bit = bdd_ithvar(of.first + of.count - 1 - i);
    made = (value >> i & 1) != 0 ? bit & made : bit | made;
  }
  return made;
}
bdd at_most(const bits& of, std::uint32_t value) {
  bdd made = bddtrue;
  for (int i = 0; i < of.count; ++i) {
    const bdd no_bit = bdd_nithvar(of.first + of.count - 1 - i);
    made = (value >> i & 1) != 0 ? no_bit | made : no_bit & made;
  }
  return made;
}

}  // namespace

struct buddy_set::state {
  std::array<bits, 5> fields;  // source, destination, source port, destination port, protocol
  std::string order;
  bdd set;

  static constexpr char letters[] = "sdSDp";

  bdd between(std::size_t which, const interval& values) const {
    const bits& of = fields[which];
    const std::uint32_t all = of.count == 32 ? 0xffffffff : (std::uint32_t{1} << of.count) - 1;
    if (values.low == 0 && values.high == all) return bddtrue;
    return at_least(of, values.low) & at_most(of, values.high);
  }

  // Fields from the bottom of the order to its top.
  bdd packets_of(const five_tuple& what) const {
    const interval* const values[] = {&what.source, &what.destination, &what.source_port, &what.destination_port,
                                      &what.protocol};
    bdd made = bddtrue;
    for (auto letter = order.rbegin(); letter != order.rend(); ++letter)
      for (std::size_t i = 0; i < fields.size(); ++i)
        if (letters[i] == *letter) made = between(i, *values[i]) & made;
    return made;
  }

  bdd let_out_by(const rule_set& rules) const {
    bdd let_out = bddfalse;
    for (auto rule = rules.of_sandbox.rbegin(); rule != rules.of_sandbox.rend(); ++rule) {
      const bdd matches = packets_of(rule->matches);
      let_out = rule->accepts ? let_out | matches : let_out - matches;
    }
    return let_out;
  }
};

std::vector<std::string> buddy_orders_for(const rule_set& rules) {
  // Firewalls with wide addresses want protocol and destination first, others the addresses.
  if (rules.name.starts_with("fw")) return {"pdDsS"};
  if (rules.name.starts_with("acl") || rules.name.starts_with("ipc")) return {"dspDS", "spdDS"};
  return {"pdDsS", "dspDS"};
}

buddy_set::buddy_set(const std::string& order) {
  if (bdd_init(first_nodes, cache_entries) < 0) throw std::runtime_error("BuDDy does not start");
  bdd_setmaxincrease(first_nodes);
  bdd_gbc_hook(nullptr);
  state_ = new state{{}, order, bddfalse};
  int next = 0;
  for (const char letter : order)
    for (std::size_t i = 0; i < state_->fields.size(); ++i)
      if (state::letters[i] == letter) {
        const int count = i < 2 ? 32 : i < 4 ? 16 : 8;
        state_->fields[i] = {next, count};
        next += count;
      }
  bdd_setvarnum(next);
}

buddy_set::~buddy_set() {
  delete state_;
  bdd_done();
}

void buddy_set::forget() {
  state_->set = bddfalse;
  bdd_gbc();  // empties the caches too
}

void buddy_set::build_leaks(const rule_set& from) {
  bdd allowed = bddfalse;
  for (const five_tuple& one : from.allowed) allowed |= state_->packets_of(one);
  state_->set = state_->let_out_by(from) - allowed;
}

void buddy_set::build_difference(const rule_set& before, const rule_set& after) {
  state_->set = state_->let_out_by(before) ^ state_->let_out_by(after);
}

bool buddy_set::is_empty() const { return state_->set == bddfalse; }

bool buddy_set::contains(const five_values& packet) const {
  const std::uint32_t values[] = {packet.source, packet.destination, packet.source_port, packet.destination_port,
                                  packet.protocol};
  bdd at = state_->set;
  while (at != bddtrue && at != bddfalse) {
    const int variable = bdd_var(at);
    for (std::size_t i = 0; i < state_->fields.size(); ++i) {
      const bits& of = state_->fields[i];
      if (variable < of.first || variable >= of.first + of.count) continue;
      const bool is_set = (values[i] >> (of.first + of.count - 1 - variable) & 1) != 0;
      at = is_set ? bdd_high(at) : bdd_low(at);
      break;
    }
  }
  return at == bddtrue;
}

}  // namespace cordon::bench
