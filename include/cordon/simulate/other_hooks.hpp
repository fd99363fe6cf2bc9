// What matches mean for packets that do not come from OUTPUT. Some ask what is another thing there, or is there only then:
// the socket, the routes, what nat has done. These are atoms at other hooks.
#pragma once

#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon::detail {

// The matches that ask the same of a packet at every hook: what its headers say, its marks, its connection's state, and what
// no packet decides anywhere. A match that is not here is an atom at other hooks than OUTPUT.
inline constexpr std::string_view alike_at_every_hook[] = {
    "ah",     "bpf",    "comment", "connbytes",  "connlabel", "connlimit", "connmark", "cpu",    "dccp",  "dscp",
    "dst",    "ecn",    "esp",     "eui64",      "frag",      "hashlimit", "hbh",      "helper", "hl",    "icmp",
    "icmp6",  "ipcomp", "iprange", "ipv6header", "length",    "limit",     "mac",      "mark",   "mh",    "multiport",
    "nfacct", "osf",    "quota",   "rateest",    "recent",    "rt",        "sctp",     "srh",    "state", "statistic",
    "string", "tcp",    "tcpmss",  "time",       "tos",       "ttl",       "u32",      "udp",
};
// Those that do as long as they ask for nothing but these fields: conntrack's addresses and what nat has done are told by a
// packet's own header in OUTPUT alone, and a set of interfaces asks for the one by which it came in, too.
inline constexpr std::string_view alike_in_part[] = {"conntrack", "set"};
inline constexpr field_set fields_alike = set_of(field::state) | set_of(field::protocol) | set_of(field::source) |
                                          set_of(field::destination) | set_of(field::transport) |
                                          set_of(field::first_word) | set_of(field::second_word);

/// Whether a use of a match, which means `holds` in OUTPUT, means the same for packets from `at`.
constexpr bool means_the_same_at(hook at, const match& of, const predicate& holds) {
  if (at == hook::output || has(alike_at_every_hook, of.name.view())) return true;
  if (!has(alike_in_part, of.name.view())) return false;
  return all_of(holds.steps(), [](const predicate_step& test) {
    const bool asks = test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked;
    return !asks || contains(fields_alike, test.field);
  });
}

}  // namespace cordon::detail
