// The network namespace in which everything happens.
#pragma once

#include <string>
#include <string_view>

#include "descriptor.hpp"
#include "netlink.hpp"
#include "tool.hpp"
#include "wire_packet.hpp"

namespace cordon::kernel {

enum class back_end { legacy, nft };

std::string_view name_of(back_end which);

/// A network namespace made for tests. The calling thread lives in it as long as the object does; sockets
/// made and programs run by this thread belong to it, and what is outside is never touched. One thread holds
/// one world at a time.
///
/// Interfaces: lo, and two veth pairs v0 - v1 and eth0 - wlan0, all without neighbour resolution, mtu 65535.
/// v0 has 10.9.0.1/24 and fd09::1/64, eth0 192.0.2.1/24 and 2001:db8::1/64, wlan0 198.51.100.1/24 and
/// 2001:db8:1::1/64, v1 10.9.1.1/24 and fd09:0:0:1::1/64. Default routes go by v0; a socket bound to another
/// interface, lo included, reaches every address too. No interface has a link-local address, and the kernel
/// sends nothing of its own; ICMP errors are not rate limited.
class world {
 public:
  struct options {
    bool silence_replies = true;  ///< every packet is dropped on arrival: only what is sent on purpose passes OUTPUT
  };

  /// Throws std::system_error or std::runtime_error, as when the process may not make namespaces.
  world() : world(options{}) {}
  explicit world(options chosen);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// `iptables-restore` and its three siblings. Replaces the tables that `rules` names, as they do.
  tool_result load(back_end which, ip_family family, std::string_view rules);
  /// `iptables-save`, with counters on demand. Starting it initialises no table.
  std::string save(back_end which, ip_family family, bool counters = false);

  /// Empties every table; policies become ACCEPT. nft: the tables are gone. legacy: a table that was ever
  /// named in this world stays, empty, and shows in traces (as `raw:OUTPUT:policy:1`): take a new world where
  /// that matters.
  void flush(back_end which, ip_family family);

  void silence();
  void hear();

  /// NETLINK_NETFILTER, for requests that are answered at once.
  netlink_socket& netfilter() { return netfilter_; }

 private:
  class entrance {
   public:
    entrance();
    ~entrance();

   private:
    descriptor outside_;
  };

  entrance entrance_;  // first: what follows is made inside
  netlink_socket netfilter_;
};

}  // namespace cordon::kernel
