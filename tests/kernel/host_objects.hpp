// What rules refer to and the host must have before they can be loaded.
#pragma once

#include <string_view>

#include "world.hpp"

namespace cordon::kernel {

/// Makes the sets (ipset) and accounting objects (nfacct) that rules of one family name, empty, in the world that the
/// calling thread is in. What cannot be made is left out: the kernel then refuses the rules, and says why.
void make_host_objects(world& in, ip_family family, std::string_view rules);

}  // namespace cordon::kernel
