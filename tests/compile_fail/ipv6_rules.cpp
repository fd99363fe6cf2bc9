// A literal is of one family.
// EXPECT: at_line<2>
// EXPECT: at_column<14>
// EXPECT: '127.0.0.1\' is an IPv4 address"}
// EXPECT: among IPv6 rules
#include <cordon/text/literals.hpp>

using namespace cordon;

#ifdef CONTROL
constexpr auto rules = R"(*filter
-A OUTPUT -d ::1 -j DROP
COMMIT
)"_ip6tables;
#else
constexpr auto rules = R"(*filter
-A OUTPUT -d 127.0.0.1 -j DROP
COMMIT
)"_ip6tables;
#endif
