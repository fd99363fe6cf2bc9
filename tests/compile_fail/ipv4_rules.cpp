// Rules that iptables-restore would refuse: the message tells the line, the column and the reason.
// EXPECT: iptables-restore would not take these rules
// EXPECT: at_line<3>
// EXPECT: at_column<18>
// EXPECT: '--dprot\' is no option of"}
// EXPECT: before it"}
#include <cordon/text/literals.hpp>

using namespace cordon;

#ifdef CONTROL
constexpr auto rules = R"(*filter
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp --dport 80 -j ACCEPT
COMMIT
)"_iptables;
#else
constexpr auto rules = R"(*filter
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp --dprot 80 -j ACCEPT
COMMIT
)"_iptables;
#endif
