// EXPECT: this_is_no_network_write_ADDRESS_slash_LENGTH
#include <cordon/packet/literals.hpp>

using namespace cordon;

#ifdef CONTROL
constexpr network inside = "10.0.0.0/8"_net;
#else
constexpr network inside = "10.0.0.0/40"_net;
#endif
