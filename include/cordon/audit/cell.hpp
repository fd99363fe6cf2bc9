// What a sandbox gets of a listening socket at one of its destinations.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/audit/destination.hpp>
#include <cordon/audit/listener.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/rule/verdict.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon {

/// What becomes of the packets with which the sandbox opens a connection there, or sends a first datagram.
enum class cell_status : std::uint8_t {
  open,     ///< what a plain client sends gets there, from whatever port and of whatever length
  partial,  ///< some packets surely get there, but not all that a plain client may send
  stopped,  ///< none gets there, whatever the sandbox puts into it
  led,      ///< none gets there: nat leads elsewhere what is let out
  unknown,  ///< none surely gets there, but some may: that hangs on what no packet decides
};

/// As answers and JSON name it.
constexpr std::string_view name_of(cell_status of) {
  constexpr std::string_view names[] = {"open", "partial", "stopped", "led", "unknown"};
  return names[static_cast<unsigned>(of)];
}

/// Whether what is let out is against the policy.
enum class against_policy : std::uint8_t { no, surely, perhaps };

/// As answers and JSON name it.
constexpr std::string_view name_of(against_policy of) {
  constexpr std::string_view names[] = {"no", "surely", "perhaps"};
  return names[static_cast<unsigned>(of)];
}

/// One destination of a listener, judged. Owns all that it shows.
struct audit_cell {
  socket_destination to = {};                   ///< where the listener is reached
  cell_status status = cell_status::unknown;    ///< what becomes of the packets that are sent there
  against_policy against = against_policy::no;  ///< whether what is let out may be
  bool is_endpoint = false;                     ///< the policy lets a plain client send there
  bool replies_blocked = false;                 ///< it gets there, but the rules surely stop the server's answers
  packet sent = {};  ///< the packet that the rest is told of: a plain client's; else one that is against the policy
  cordon::verdict verdict = {};   ///< of `sent`
  rule_place by = {};             ///< what lets it out or stops it; without a chain: no packet decides that
  bool has_rules = true;          ///< whether its family has any; without, all is let out
  application_view program = {};  ///< what the program sees that sends it
  text reaches = {};              ///< ADDRESS:PORT to which nat leads it; empty if it goes where it was sent to
  sequence<box> open_for = {};    ///< of partial: what surely gets there
  bool open_for_is_whole = true;  ///< false if that has more boxes than are kept here
  sequence<text> hangs_on = {};   ///< of unknown: the matches and targets, with their rules
};

/// One listener, and what the sandbox gets of it.
struct audited_listener {
  listener who = {};                ///< the socket
  sequence<audit_cell> cells = {};  ///< its destinations, one each
};

}  // namespace cordon
