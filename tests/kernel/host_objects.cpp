#include "host_objects.hpp"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_acct.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tool.hpp"

namespace cordon::kernel {
namespace {

/// The sets that rules name, and how many dimensions they look up at most.
std::map<std::string, std::size_t> sets_in(std::string_view rules) {
  std::map<std::string, std::size_t> found;
  std::istringstream words{std::string(rules)};
  for (std::string word; words >> word;) {
    if (word != "--match-set" && word != "--add-set" && word != "--del-set" && word != "--map-set") continue;
    std::string name;
    std::string directions;
    words >> name >> directions;
    const auto dimensions = 1 + static_cast<std::size_t>(std::count(directions.begin(), directions.end(), ','));
    found[name] = std::max(found[name], dimensions);
  }
  return found;
}

std::set<std::string> accounts_in(std::string_view rules) {
  std::set<std::string> found;
  std::istringstream words{std::string(rules)};
  for (std::string word; words >> word;)
    if (word == "--nfacct-name" && words >> word) found.insert(word);
  return found;
}

void make_sets(ip_family family, const std::map<std::string, std::size_t>& names) {
  constexpr const char* types[] = {"hash:ip", "hash:ip,port", "hash:ip,port,ip"};
  std::string text;
  for (const auto& [name, dimensions] : names)
    text += "create " + name + " " + types[std::min<std::size_t>(dimensions, 3) - 1] + " family " +
            (family == ip_family::v4 ? "inet" : "inet6") + "\n";
  run_tool({"ipset", "restore", "-exist"}, text);
}

void make_accounts(netlink_socket& socket, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    netlink_request request;
    request.begin_netfilter(NFNL_SUBSYS_ACCT, NFNL_MSG_ACCT_NEW, NLM_F_CREATE | NLM_F_ACK, AF_UNSPEC);
    request.text(NFACCT_NAME, name);
    request.end();
    socket.transact(request, EEXIST);
  }
}

}  // namespace

void make_host_objects(world& in, ip_family family, std::string_view rules, std::string_view sets) {
  auto named = sets_in(rules);
  if (!sets.empty()) {
    const tool_result made = run_tool({"ipset", "restore", "-exist"}, sets);
    if (!made.worked()) throw std::runtime_error("ipset does not take the sets: " + made.errors);
    std::erase_if(named,
                  [&](const auto& one) { return sets.find("create " + one.first + " ") != std::string_view::npos; });
  }
  if (!named.empty()) make_sets(family, named);
  if (const auto accounts = accounts_in(rules); !accounts.empty()) make_accounts(in.netfilter(), accounts);
}

}  // namespace cordon::kernel
