#include "world.hpp"

#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <sched.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "links.hpp"
#include "nft_batch.hpp"
#include "watch.hpp"

namespace cordon::kernel {
namespace {

struct setting {
  const char* path;  // below /proc/sys/net, which shows the namespace of the thread that opens it
  const char* value;
};

constexpr setting settings[] = {
    // REJECT's ICMP errors must not be lost to rate limits (icmp_global_allow, icmpv6_xrlim_allow).
    {"ipv4/icmp_ratelimit", "0"},
    {"ipv4/icmp_msgs_per_sec", "1000000"},
    {"ipv4/icmp_msgs_burst", "1000000"},
    {"ipv6/icmp/ratelimit", "0"},
    // No link-local addresses and nothing that goes with them: router solicitations, MLD reports, duplicate
    // detection.
    {"ipv6/conf/all/addr_gen_mode", "1"},
    {"ipv6/conf/default/addr_gen_mode", "1"},
    {"ipv6/conf/all/accept_dad", "0"},
    {"ipv6/conf/default/accept_dad", "0"},
    {"ipv6/conf/default/router_solicitations", "0"},
    {"ipv6/conf/default/accept_ra", "0"},
    // A packet from v0 to v1 has a source that is local to both.
    {"ipv4/conf/all/rp_filter", "0"},
    {"ipv4/conf/default/rp_filter", "0"},
    // The flow label is the identity of an injected IPv6 packet: those of real sockets stay 0.
    {"ipv6/auto_flowlabels", "0"},
};

struct interface {
  const char* name;
  const char* v4;  // of a /24
  const char* v6;  // of a /64
};

/// The first has the default route. All have addresses: without any, IPv6 answers EADDRNOTAVAIL before the
/// hook.
constexpr interface interfaces[] = {
    {"v0", "10.9.0.1", "fd09::1"},
    {"eth0", "192.0.2.1", "2001:db8::1"},
    {"wlan0", "198.51.100.1", "2001:db8:1::1"},
    {"v1", "10.9.1.1", "fd09:0:0:1::1"},
};

void apply_settings() {
  for (const setting& item : settings) {
    std::ofstream file(std::string("/proc/sys/net/") + item.path);
    // Where a kernel lacks a setting there is nothing to turn off.
    file << item.value << std::flush;
  }
}

void make_links() {
  links network;
  network.set_up("lo");
  network.make_pair("v0", "v1");
  network.make_pair("eth0", "wlan0");
  std::uint32_t metric = 100;
  for (const interface& item : interfaces) {
    network.add_address(item.name, item.v4, 24);
    network.add_address(item.name, item.v6, 64);
    network.add_default_route(ip_family::v4, item.name, metric);
    network.add_default_route(ip_family::v6, item.name, metric);
    metric += 100;
  }
  network.add_everything_is_local_route(metric);
}

std::string program(back_end which, ip_family family, std::string_view what) {
  return std::string(family == ip_family::v4 ? "iptables-" : "ip6tables-") + std::string(name_of(which)) + "-" +
         std::string(what);
}

std::string_view chains_of(std::string_view table) {
  if (table == "raw") return ":PREROUTING ACCEPT\n:OUTPUT ACCEPT\n";
  if (table == "mangle")
    return ":PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n";
  if (table == "nat") return ":PREROUTING ACCEPT\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n";
  return ":INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n";
}

/// Restores every table that exists in x_tables to nothing: it cannot be taken away before the namespace
/// dies.
std::string empty_legacy_tables(ip_family family) {
  std::ifstream names(family == ip_family::v4 ? "/proc/thread-self/net/ip_tables_names"
                                              : "/proc/thread-self/net/ip6_tables_names");
  std::string text;
  for (std::string table; std::getline(names, table);) {
    text.append("*").append(table).append("\n").append(chains_of(table)).append("COMMIT\n");
  }
  return text;
}

}  // namespace

std::string_view name_of(back_end which) { return which == back_end::legacy ? "legacy" : "nft"; }

world::entrance::entrance() : outside_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  if (!outside_) throw std::system_error(errno, std::generic_category(), "open /proc/thread-self/ns/net");
  if (unshare(CLONE_NEWNET) != 0) throw std::system_error(errno, std::generic_category(), "unshare(CLONE_NEWNET)");
}

world::entrance::~entrance() { setns(outside_.get(), CLONE_NEWNET); }

world::world(options chosen) : netfilter_(NETLINK_NETFILTER) {
  apply_settings();
  make_links();
  if (chosen.silence_replies) silence();
}

world::~world() = default;

tool_result world::load(back_end which, ip_family family, std::string_view rules) {
  return run_tool({program(which, family, "restore")}, rules);
}

std::string world::save(back_end which, ip_family family, bool counters) {
  const std::string name = program(which, family, "save");
  const tool_result result = counters ? run_tool({name, "-c"}) : run_tool({name});
  if (!result.worked()) throw std::runtime_error(name + ": " + result.errors);
  return result.output;
}

void world::flush(back_end which, ip_family family) {
  if (which == back_end::nft) {
    nft_batch batch;
    batch.delete_table(family == ip_family::v4 ? NFPROTO_IPV4 : NFPROTO_IPV6, {});
    if (const int error = batch.commit(netfilter_, ENOENT); error != 0)
      throw std::system_error(error, std::generic_category(), "flush");
    return;
  }
  const tool_result result = load(which, family, empty_legacy_tables(family));
  if (!result.worked()) throw std::runtime_error("flush: " + result.errors);
}

void world::silence() { silence_replies(netfilter_); }

void world::hear() { hear_replies(netfilter_); }

}  // namespace cordon::kernel
