// One proof by the compiler; RULES says of which rule set. Compared with cordon.cpp: what a proof adds.
#include <cordon/cordon.hpp>

#include "rules.hpp"

static_assert(cordon::prove(rules(), egress).proved());

int main() {}
