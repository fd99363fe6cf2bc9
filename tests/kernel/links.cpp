#include "links.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

namespace cordon::kernel {
namespace {

/// A veth's largest; with less, EMSGSIZE stops long packets before the hook.
constexpr std::uint32_t largest_mtu = 65535;

constexpr std::uint16_t create = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;

unsigned char address_family(ip_family family) { return family == ip_family::v4 ? AF_INET : AF_INET6; }

ifinfomsg link_with(unsigned flags, int index = 0) {
  ifinfomsg link{};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = index;
  link.ifi_flags = flags;
  link.ifi_change = flags;
  return link;
}

}  // namespace

links::links() : socket_(NETLINK_ROUTE) {}

void links::make_pair(const std::string& one, const std::string& other) {
  netlink_request request;
  request.begin(RTM_NEWLINK, create);
  request.header(link_with(IFF_NOARP));
  request.text(IFLA_IFNAME, one);
  request.number32(IFLA_MTU, largest_mtu);
  const std::size_t information = request.open(IFLA_LINKINFO);
  request.text(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.open(IFLA_INFO_DATA);
  const std::size_t peer = request.open(VETH_INFO_PEER);
  request.header(link_with(IFF_NOARP));
  request.text(IFLA_IFNAME, other);
  request.number32(IFLA_MTU, largest_mtu);
  request.close(peer);
  request.close(data);
  request.close(information);
  request.end();
  socket_.require(request, "make veth pair " + one);
  set_up(one);  // not before: veth_open() wants to see the other end
  set_up(other);
}

void links::set_up(const std::string& name) {
  netlink_request request;
  request.begin(RTM_NEWLINK, NLM_F_ACK);
  request.header(link_with(IFF_UP, static_cast<int>(if_nametoindex(name.c_str()))));
  request.end();
  socket_.require(request, "set up " + name);
}

void links::add_address(const std::string& name, const std::string& address, unsigned prefix_length) {
  ip_family family{};
  const address_bytes bytes = read_address(address, family).value();
  const std::span<const std::uint8_t> value = std::span(bytes).first(family == ip_family::v4 ? 4 : 16);
  ifaddrmsg message{};
  message.ifa_family = address_family(family);
  message.ifa_prefixlen = static_cast<std::uint8_t>(prefix_length);
  message.ifa_flags = family == ip_family::v6 ? IFA_F_NODAD : 0;
  message.ifa_index = if_nametoindex(name.c_str());
  netlink_request request;
  request.begin(RTM_NEWADDR, create);
  request.header(message);
  request.attribute(IFA_LOCAL, value);
  request.attribute(IFA_ADDRESS, value);
  request.end();
  socket_.require(request, "add address " + address);
}

void links::add_route(ip_family family, const std::string& name, std::uint32_t metric, std::uint8_t type,
                      std::uint8_t scope) {
  rtmsg message{};
  message.rtm_family = address_family(family);
  message.rtm_table = RT_TABLE_MAIN;
  message.rtm_protocol = RTPROT_STATIC;
  message.rtm_scope = scope;
  message.rtm_type = type;
  netlink_request request;
  request.begin(RTM_NEWROUTE, create);
  request.header(message);
  request.number32(RTA_OIF, if_nametoindex(name.c_str()));
  request.number32(RTA_PRIORITY, metric);
  request.end();
  socket_.require(request, "add default route by " + name);
}

void links::add_default_route(ip_family family, const std::string& name, std::uint32_t metric) {
  add_route(family, name, metric, RTN_UNICAST, family == ip_family::v4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
}

void links::add_everything_is_local_route(std::uint32_t metric) {
  add_route(ip_family::v6, "lo", metric, RTN_LOCAL, RT_SCOPE_UNIVERSE);
}

}  // namespace cordon::kernel
