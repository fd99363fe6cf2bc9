#include "random_sets.hpp"

#include <cstdint>
#include <string_view>

#include <cordon/packet/address.hpp>
#include <cordon/testing/draw_rule.hpp>

namespace cordon::kernel {
namespace {

using testing::draw_one;

constexpr std::string_view names_of_sets[] = {"allowed", "blocked", "s4"};
constexpr std::string_view kinds_of_sets[] = {"hash:ip",         "hash:net",         "hash:ip,port",   "hash:net,port",
                                              "hash:ip,port,ip", "hash:ip,port,net", "hash:net,iface", "bitmap:port",
                                              "bitmap:ip",       "list:set"};
constexpr std::string_view set_interfaces[] = {"lo", "eth0", "v0", "wlan0"};
constexpr unsigned most_members = 5;
constexpr unsigned last_of_bitmap = 1024;

class drawing {
 public:
  drawing(const choice_source& choices, ip_family family) : choices_(choices), v4_(family == ip_family::v4) {}

  std::string all() {
    std::string made;
    std::string_view last;
    for (const std::string_view name : names_of_sets) {
      if (choices_.one_in(8)) continue;
      const std::string drawn = one(std::string(name), std::string(last));
      made += drawn;
      if (drawn.find(" list:set") == std::string::npos) last = name;  // a list holds no lists
    }
    return made;
  }

 private:
  std::string one(const std::string& name, const std::string& listed) {
    const std::string_view kind = draw_one(choices_, kinds_of_sets);
    // bitmap:ip is IPv4's, and a list wants another set.
    if ((kind == "bitmap:ip" && !v4_) || (kind == "list:set" && listed.empty())) return one(name, listed);
    std::string made = "create " + name + " " + std::string(kind);
    if (kind == "bitmap:ip")
      made += " range 10.9.0.0/24";
    else if (kind == "bitmap:port")
      made += " range 0-" + std::to_string(last_of_bitmap);
    else if (kind != "list:set")
      made += v4_ ? " family inet" : " family inet6";
    const bool is_masked = kind == "hash:ip" && choices_.one_in(4);
    if (is_masked) made += v4_ ? " netmask 24" : " netmask 64";
    made += "\n";
    for (std::uint64_t left = kind == "list:set" ? 1 : choices_.below(most_members + 1); left > 0; --left) {
      const std::string key = kind == "list:set" ? listed : member(kind, is_masked);
      const bool may_except = kind.find("net") != std::string_view::npos;
      made += "add " + name + " " + key + (may_except && choices_.one_in(3) ? " nomatch" : "") + "\n";
    }
    return made;
  }

  std::string member(std::string_view kind, bool is_masked) {
    if (kind == "bitmap:port") return std::to_string(choices_.below(last_of_bitmap + 1));
    if (kind == "bitmap:ip") return "10.9.0." + std::to_string(choices_.below(256));
    std::string made = kind.starts_with("hash:net") ? a_network() : an_address(is_masked);
    if (kind.find(",port") != std::string_view::npos) made += "," + a_port();
    if (kind.ends_with(",iface")) made += "," + std::string(draw_one(choices_, set_interfaces));
    if (kind.ends_with("port,ip")) made += "," + an_address();
    if (kind.ends_with("port,net")) made += "," + a_network();
    return made;
  }

  network drawn_network() { return testing::detail::draw_network(choices_, v4_ ? family::ipv4 : family::ipv6); }
  // Not the address of zeros, which no hash holds, nor one of which a netmask leaves only zeros.
  std::string an_address(bool is_masked = false) {
    const unsigned masked = !is_masked ? 0 : v4_ ? 8 : 64;
    address made;
    do made = drawn_network().base;
    while (made.bits >> masked == 0);
    return std::string(to_text(made).view());
  }
  std::string a_network() {
    const unsigned least = v4_ ? 8 : 16;
    const unsigned longest = v4_ ? 32 : 128;
    return an_address() + "/" +
           std::to_string(choices_.one_in(3) ? longest : least + choices_.below(longest - least + 1));
  }
  std::string a_port() {
    switch (choices_.below(8)) {
      case 0: return v4_ ? "icmp:8/0" : "icmpv6:128/0";
      case 1: return v4_ ? "icmp:3/3" : "icmpv6:1/4";
      case 2: return "gre:0";
      case 3: return "sctp:" + std::to_string(choices_.below(65536));
      case 4: return "udp:53";
      case 5: return "tcp:" + std::to_string(choices_.below(65536));
      default: return choices_.one_in(2) ? "tcp:80" : "udp:" + std::to_string(choices_.below(65536));
    }
  }

  const choice_source& choices_;
  bool v4_;
};

}  // namespace

std::string draw_sets(const choice_source& choices, ip_family family) { return drawing(choices, family).all(); }

}  // namespace cordon::kernel
