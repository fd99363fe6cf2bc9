// Sending packets byte for byte.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "descriptor.hpp"
#include "wire_packet.hpp"

namespace cordon::kernel {

/// Sends packets byte for byte through raw sockets, one for each owner and interface, kept open for the next
/// packet. They belong to the network namespace of the first packet that needs them: an injector serves one
/// world.
class injector {
 public:
  /// The errno of sendto(). 0: it passed OUTPUT and POSTROUTING. EPERM: a hook dropped it. Any other, as
  /// ENETUNREACH, EACCES, EADDRNOTAVAIL, EINVAL, EMSGSIZE: it did not get as far as the hook (or a reroute
  /// after NAT or MARK failed). Not all is as given: the kernel overwrites an IPv4 packet's length, checksum,
  /// identity 0 and source 0.0.0.0. Throws std::system_error where no such socket can be made.
  int send(const wire_packet& packet);

 private:
  struct origin {
    ip_family family;
    std::uint32_t uid;
    std::uint32_t gid;
    std::string interface;
    auto operator<=>(const origin&) const = default;
  };
  struct source {
    descriptor socket;
    std::uint32_t mark = 0;
  };

  source& source_of(const wire_packet& packet);

  std::map<origin, source> sources_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace cordon::kernel
