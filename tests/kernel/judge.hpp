// The model's word on packets that were sent, held against the kernel's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/print.hpp>

#include "broken_meaning.hpp"
#include "session.hpp"

namespace cordon::kernel {

/// In what the two differ, and what each says of it.
struct finding {
  std::string what;  ///< "verdict", "way", ...
  std::string kernel;
  std::string model;
};

/// What came of one packet.
struct judgement {
  std::optional<finding> difference = {};
  std::string_view skipped = {};  ///< why nothing could be compared; empty if it was
  bool certain = false;           ///< the model named one verdict and one way
  bool with_way = false;          ///< the way was compared too
  unsigned answers = 0;           ///< REJECT's answers that were compared
  bool real = false;              ///< a packet that nobody has made by hand
};

/// The fields that only connection tracking fills.
field_set connection_fields();

class judge {
 public:
  /// The rules of one family, on a host of which that much is known; `broken` may be null.
  judge(ruleset rules, family of, const host_facts& host, const broken_meaning* broken);
  judge(const judge&) = delete;
  judge& operator=(const judge&) = delete;

  const firewall& rules() const { return rules_; }
  const program& compiled() const { return program_; }
  /// What the rules ask of packets.
  field_set tested() const { return tested_; }
  /// Whether they ask for anything that connection tracking knows.
  bool asks_connection() const { return (tested_ & connection_fields()) != 0; }

  judgement compare(const sent_packet& sent) const;

  /// What the model is asked for that.
  struct question {
    packet asked = {};
    field_set not_known = 0;
    std::string_view obstacle = {};
    bool short_fragment = false;
  };
  question question_of(const sent_packet& sent) const;

  /// The same for a packet that nobody has made by hand: of a socket of one of `users`, of the kernel, or of nobody, as
  /// far as the kernel has not said. For rules without nat.
  judgement compare_real(const traced_packet& seen, std::span<const owner> users) const;

  /// Whether the model is sure of each step of a packet's way.
  bool knows_way(const sent_packet& sent) const;
  /// The rule one of whose matches dropped the packet, if nf_tables told of it: such a rule is not counted.
  std::optional<std::string> dropped_in_match(const sent_packet& sent) const;
  /// Whether a target makes another packet of one, so that more than the rules decides what becomes of it.
  bool changes_packets() const;
  /// Whether something in the rules is not decided by packets.
  bool has_open_questions() const;

  /// What each side says, in words: the verdict and the way.
  std::string kernel_words(const sent_packet& sent) const;
  std::string model_words(const sent_packet& sent) const;

 private:
  outcome answer_of(const question& asked) const;
  bool was_dropped_by_going_target(const traced_packet& seen, const question& met) const;
  bool may_drop_in_match(const trace_step& at) const;
  std::optional<finding> compare_seen(const traced_packet& seen, const outcome& made) const;
  std::optional<finding> compare_answers(const sent_packet& sent, const outcome& made, judgement& into) const;

  firewall rules_;
  family family_;
  backend backend_;
  program program_;
  field_set tested_ = 0;
  bool has_copies_ = false;  ///< TEE's, which come to OUTPUT and may be answered themselves
};

}  // namespace cordon::kernel
