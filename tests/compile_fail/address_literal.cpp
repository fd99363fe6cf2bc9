// EXPECT: this_is_no_ip_address
#include <cordon/packet/literals.hpp>

using namespace cordon;

#ifdef CONTROL
constexpr address where = "127.0.0.1"_ip;
#else
constexpr address where = "127.0.0.256"_ip;
#endif
