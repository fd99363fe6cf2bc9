// Whose packets a question about whole programs is about: a sandbox's, or those of all senders of a host.
#pragma once

#include <initializer_list>

#include <cordon/base/maybe.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/goal.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/boxes.hpp>
#include <cordon/space/layout.hpp>

namespace cordon::detail {

struct asked_packets {
  packet_domain domain;
  predicate exist;  ///< of the domain those that can exist

  constexpr asked_packets() = default;
  /// `tested`: the fields that some program asks for; `set_before`: those that rules of earlier hooks may have set.
  constexpr asked_packets(const maybe<egress_policy>& sandbox, family of, field_set tested, field_set set_before = 0)
      : domain(sandbox ? packets_of(*sandbox, of, set_before) : packets_of_host(of)),
        exist(can_exist(tested, set_before)) {
    if (sandbox) exist = can_exist(*sandbox, of, tested, set_before);  // no `?:`: g++ 12 frees twice what that holds
    if (!sandbox && of == family::ipv6)
      exist &= !is(field::state, static_cast<unsigned>(connection_state::untracked)) || untracked_by_itself();
  }

  /// Only those whose transport header is whole: what is no raw socket's, and where connections are tracked
  /// no fragment's.
  constexpr asked_packets only_whole() const {
    asked_packets made = *this;
    constexpr auto whole = static_cast<unsigned>(transport_part::whole);
    made.domain[field::transport] = {whole, whole};
    return made;
  }

  /// The levels of a question about these programs, in which regions can be told as boxes; `more` is asked
  /// beside.
  constexpr layout levels(std::initializer_list<const program*> programs,
                          std::initializer_list<predicate> more = {}) const {
    layout made(domain);
    for (const predicate& one : more) made.observe(one);
    for (const program* const one : programs) {
      observe(made, *one);
      observe_goals(made, *one);
    }
    observe_protocols(made);
    made.observe(exist);
    made.finish();
    return made;
  }
};

}  // namespace cordon::detail
