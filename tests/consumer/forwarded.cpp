// One more file of each program that is tested with the single header: that it is.
#include <cordon/rule/rule.hpp>

#ifndef CORDON_SINGLE_HEADER
#error "what is included is not the single header"
#endif
