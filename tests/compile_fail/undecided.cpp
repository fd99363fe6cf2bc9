// What no packet decides is named, and so is the rule that asks for it.
// EXPECT: whether packets get out that the policy forbids hangs on what no packet decides
// EXPECT: hangs_on<cordon::fixed_text
// EXPECT: limit
// EXPECT: asked_by<cordon::fixed_text<24>{"rule 1 of filter OUTPUT"}>
#include <cordon/render/static_proof.hpp>

using namespace cordon;

constexpr egress_policy egress = sandbox(uid{1001});

#ifdef CONTROL
#define ANSWER "DROP"
#else
#define ANSWER "ACCEPT"
#endif
constexpr auto v4 =
    "*filter\n"
    "-A OUTPUT -m owner --uid-owner 1001 -m limit --limit 1/sec -j " ANSWER
    "\n"
    "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n"
    "COMMIT\n"_iptables;
constexpr auto v6 = R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)"_ip6tables;

static_assert(kept_by<egress, v4, v6>);
