// Where nat may translate a packet into what it is already. That is no translation, and conntrack's DNAT does not fit then
// (nf_nat_setup_info in net/netfilter/nf_nat_core.c); as the simulator has it in simulate/versions.hpp.
#pragma once

#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::detail {

/// Whether a target translates addresses or ports.
constexpr bool translates(const effect& does) {
  return any_of(does.changes, [](const alteration& change) { return change.field == field::nat_status; });
}

/// Of a target that translates, asked of the packet as it comes there: which packets it leaves as they are.
struct untranslated {
  predicate surely = always();    ///< these
  predicate possibly = always();  ///< no others
};

/// Precondition: `translates(does)`.
constexpr untranslated untranslated_by(const effect& does, family of) {
  untranslated made;
  for (const alteration& change : does.changes) {
    const field which = change.field;
    if (which != field::source && which != field::destination && which != field::first_word &&
        which != field::second_word)
      continue;
    const uint128 all = low_bits(width_of(which, of));
    if (change.what == alteration::kind::bits && (change.from_mask & all) == 0) {
      // (old & keep) ^ flip == old
      const uint128 replaced = ~change.keep & all;
      predicate same = never();
      if (replaced == all)
        same = is(which, change.flip & all);
      else if ((change.flip & all & ~replaced) == 0)
        same = masked(which, replaced, change.flip & all);
      made.possibly &= same;
      made.surely &= std::move(same);
      continue;
    }
    made.surely = never();
    if (change.what == alteration::kind::one_of) made.possibly &= between(which, change.values.low, change.values.high);
  }
  // A message of ICMP may get another identifier (nf_nat_l4proto_unique_tuple).
  made.surely &= !is(field::protocol, number_of(of == family::ipv4 ? protocol::icmp : protocol::icmpv6));
  return made;
}

}  // namespace cordon::detail
