// A family without rules lets out everything.
// EXPECT: a packet of the sandbox gets out that its policy forbids
// EXPECT: to_address<cordon::fixed_text<4>{"::1"}>
// EXPECT: let_out_by<cordon::fixed_text<29>{"no rule: the family has none"}>, cordon::in_no_text
#include <cordon/render/static_proof.hpp>

using namespace cordon;

constexpr egress_policy egress = sandbox(uid{1001});

constexpr auto v4 = R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)"_iptables;
#ifdef CONTROL
constexpr auto v6 = R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)"_ip6tables;
#else
constexpr auto v6 = ""_ip6tables;
#endif

static_assert(kept_by<egress, v4, v6>);
