// A firewall compiled for lookups: which verdict, and by which rule.
//
// The program becomes one list in which the first rule that fits decides (flat_rules.hpp); what its fields alone do not
// decide leads to the simulator, never to a guess. A packet's fields lead to classes of values that no rule tells apart:
// addresses and users by their rank among the rules' bounds (rank_index.hpp), ports, protocol, flags and state by tables
// whose entries add up to one class. Where tables of all pairs of classes stay small, one group of fields after the other
// leads to the result (join_planner.hpp): one or two of ClassBench's five sets of a thousand rules are so. Elsewhere each class of
// each group has a row of bits, one for each rule that it fits; the rows of a packet's classes are combined by AND, and the
// first bit that is left is the rule. Up to a thousand rules nothing branches on what is found. Nothing grows with the product of all fields, which is where recursive flow classification explodes (of five of
// ClassBench's sets of ten thousand rules it fits one): rows are as many as classes. Of more rules only those near the
// packet's addresses are looked at, 512 bits in each of at most three clusters (clusters.hpp). Keys that come together are
// looked up step by step together, so that they wait for memory at the same time: 32 of them, with AVX-512's gathers.
// bench/classify/README.md has the figures, next to DPDK's, and what was tried.
//
// The tables take at most 256 MiB (ClassBench: 0.5 to 1 MiB for a thousand rules, 1.5 to 4.3 for ten thousand, compiled in
// about a tenth of a second at most). What would take more is left to the simulator: a list of more than 65,536 rules behind that
// number, a field with too many classes where a rule asks it, and all packets if it is the addresses. So are all packets of a
// host with rules of both back ends where it may matter which of them is asked first (`tables_of_open_way`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/classify/dimensions.hpp>
#include <cordon/classify/flat_rules.hpp>
#include <cordon/classify/lookup.hpp>
#include <cordon/classify/lookup_builder.hpp>
#include <cordon/classify/packet_key.hpp>
#include <cordon/classify/vector_units.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>

namespace cordon {

/// What becomes of a packet, and where that is decided.
struct classification {
  cordon::verdict verdict = {};  ///< as `simulate` gives it
  bool has_place = false;        ///< false: `outcome::decided_by` is nothing
  bool in_match = false;         ///< a match of the rule dropped the packet
  program_place at = {};         ///< in `compile(rules, family)`
  const rule* source = nullptr;  ///< the rule in the firewall; null for a policy

  friend constexpr bool operator==(const classification&, const classification&) = default;
};

/// The rules of one family, compiled. `Address` is that of `packet_key`. The firewall must outlive it; apart from that it is
/// a constant, and any number of threads may ask it at the same time.
template <class Address>
class family_classifier {
 public:
  using key = packet_key<Address>;  ///< what of a packet is looked up

  /// Compiles the rules for packets that come to the hook `start`, with the instructions of `unit`, which the machine must
  /// have.
  family_classifier(const firewall& rules, vector_unit unit, hook start)
      : program_(compile(rules, sizeof(Address) == sizeof(std::uint32_t) ? family::ipv4 : family::ipv6, start)),
        others_(other_orders(rules, program_.family, start, tables_of_open_way(program_))) {
    const detail::dimensions known(program_);
    detail::flat_rules flat = detail::flattener(program_, known).run();
    detail::lookup_builder<Address> builder(flat, known, detail::most_joined_bytes(unit));
    if (!others_.empty() || !builder.build(compiled_.tables, rest_)) {
      // Too large, or up to which of two back ends is asked first: one rule for all packets, the simulator's.
      compiled_.tables = {};
      rest_ = {};
      flat.rules.clear();
      flat.rules.push_back({});
      const cordon::program no_rules;
      detail::lookup_builder<Address>(flat, detail::dimensions(no_rules), 0).build(compiled_.tables, rest_);
    }
    look_up_ = detail::lookups_in(compiled_.tables, unit);
    compiled_.results = std::move(flat.results);
    for (const detail::flat_rule& one : flat.rules) {
      const bool ends = compiled_.results[one.result].what != detail::flat_result::kind::goes_on;
      compiled_.result_of_rule.push_back(ends ? one.result : one.result | detail::compiled_rules<Address>::leads_on);
    }
    for (const detail::flat_result& one : compiled_.results) results_.push_back(shown(one));
  }

  /// What the lookups look at of a packet of the family.
  key key_of(const packet& of) const {
    key made = detail::key_of<Address>(of);
    made.rest = rest_.class_of(of);
    return made;
  }
  /// The numbers of the results of keys that this classifier made. Number 0: the packet itself has to be asked.
  void find(const key* keys, std::size_t count, std::uint32_t* numbers) const {
    look_up_.many(compiled_, keys, count, numbers);
  }
  /// The same for one key.
  std::uint32_t find(const key& of) const { return look_up_.one(compiled_, of); }
  /// The result of a number, which is not 0.
  const classification& result(std::uint32_t number) const { return results_.data()[number]; }

  /// What becomes of one packet of the family: always what `simulate` says of it.
  classification classify(const packet& of) const {
    const std::uint32_t number = detail::fits_key(of) ? find(key_of(of)) : 0;
    return number != 0 ? result(number) : ask_simulator(of);
  }
  /// The same for many packets of the family, of `packets`; `answers` has room for all of these. They are looked up together,
  /// as many as `most` at once, and the last of them when this is left.
  class batch {
   public:
    static constexpr std::size_t most = 64;  ///< the longest that an answer waits for

    ///@{
    /// All three must outlive it.
    batch(const family_classifier& of, view<packet> packets, classification* answers)
        : of_(of), packets_(packets), answers_(answers) {}
    batch(const batch&) = delete;
    batch& operator=(const batch&) = delete;
    ///@}
    ~batch() { look_up(); }

    /// Asks for the packet of index `which`.
    void add(std::size_t which) {
      const packet& one = packets_[which];
      if (!detail::fits_key(one)) {
        answers_[which] = of_.ask_simulator(one);
        return;
      }
      keys_[count_] = of_.key_of(one);
      places_[count_++] = which;
      if (count_ == most) look_up();
    }

   private:
    void look_up() {
      std::uint32_t numbers[most];
      of_.find(keys_, count_, numbers);
      for (std::size_t i = 0; i < count_; ++i) {
        const std::size_t at = places_[i];
        answers_[at] = numbers[i] != 0 ? of_.result(numbers[i]) : of_.ask_simulator(packets_[at]);
      }
      count_ = 0;
    }

    const family_classifier& of_;
    view<packet> packets_;
    classification* answers_;
    std::size_t count_ = 0;
    key keys_[most];
    std::size_t places_[most];
  };
  /// What the simulator says, in the same form.
  [[gnu::noinline]] classification ask_simulator(const packet& of) const {
    const outcome made = simulate(program_, others_, of);
    classification answer;
    answer.verdict = made.verdict;
    if (!made.decided_by) return answer;
    answer.has_place = true;
    answer.in_match = made.decided_by->in_match;
    answer.at = made.decided_by->at;
    answer.source = made.decided_by->source;
    return answer;
  }

  /// The rules made ready, into which places of classifications point.
  const cordon::program& program() const { return program_; }
  /// What the tables of lookups take.
  std::size_t bytes() const {
    return compiled_.tables.bytes() + rest_.bytes() + 4 * compiled_.result_of_rule.size() +
           compiled_.results.size() * sizeof(detail::flat_result) + results_.size() * sizeof(classification);
  }

 private:
  classification shown(const detail::flat_result& from) const {
    classification made;
    made.verdict = from.verdict;
    made.has_place = from.has_place;
    made.in_match = from.in_match;
    if (!from.has_place) return made;
    made.at = from.at;
    const program_chain& chain = program_.tables[from.at.table].chains[from.at.chain];
    if (from.at.step < chain.steps.size()) made.source = chain.steps[from.at.step].source;
    return made;
  }

  cordon::program program_;
  sequence<other_order> others_;  // in which the kernel may ask two back ends
  detail::compiled_rules<Address> compiled_;
  detail::rest_classes rest_;
  sequence<classification> results_;
  detail::lookup_functions<Address> look_up_;
};

/// A firewall compiled for lookups. It says of every packet what `simulate` says. The firewall must outlive it; apart from
/// that it is a constant, and any number of threads may ask it at the same time.
class classifier {
 public:
  /// `start`: the hook that packets come to. `unit` is one that the machine has.
  explicit classifier(const firewall& rules, vector_unit unit = best_vector_unit(), hook start = hook::output)
      : v4_(rules, unit, start), v6_(rules, unit, start) {}

  ///@{
  /// The classifier of one family, for keys of its own.
  const family_classifier<std::uint32_t>& v4() const { return v4_; }
  const family_classifier<uint128>& v6() const { return v6_; }
  ///@}

  /// The verdict on a packet, and the rule or policy that decides.
  classification classify(const packet& of) const {
    return of.family == family::ipv4 ? v4_.classify(of) : v6_.classify(of);
  }
  /// The same for each of `packets`, of either family; `answers` has room for as many.
  void classify(view<packet> packets, classification* answers) const {
    family_classifier<std::uint32_t>::batch of_v4(v4_, packets, answers);
    family_classifier<uint128>::batch of_v6(v6_, packets, answers);
    for (std::size_t i = 0; i < packets.size(); ++i) packets[i].family == family::ipv4 ? of_v4.add(i) : of_v6.add(i);
  }

  /// What the tables of lookups take, in bytes.
  std::size_t bytes() const { return v4_.bytes() + v6_.bytes(); }

 private:
  family_classifier<std::uint32_t> v4_;
  family_classifier<uint128> v6_;
};

}  // namespace cordon
