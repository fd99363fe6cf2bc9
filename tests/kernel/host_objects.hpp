// What rules refer to and the host must have before they can be loaded.
#pragma once

#include <string_view>

#include "world.hpp"

namespace cordon::kernel {

/// Makes the sets (ipset) and accounting objects (nfacct) that rules of one family name in the world that the calling thread
/// is in: those of `sets` (text for `ipset restore`) as they are there, the others empty. What cannot be made is left out:
/// the kernel then refuses the rules, and says why. Throws std::runtime_error if it does not take `sets`.
void make_host_objects(world& in, ip_family family, std::string_view rules, std::string_view sets = {});

}  // namespace cordon::kernel
