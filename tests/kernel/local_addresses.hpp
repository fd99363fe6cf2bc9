#pragma once

namespace cordon::kernel {

/// Waits until packets to each of this host's own IPv6 addresses leave by lo. The kernel puts their routes in some time
/// after it has said that an address is added (addrconf_dad_work); until then they leave by the address's interface.
/// Throws std::runtime_error after two seconds.
void wait_for_local_addresses();

}  // namespace cordon::kernel
