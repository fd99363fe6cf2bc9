#include "surroundings.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "socket_address.hpp"
#include "tool.hpp"

namespace cordon::kernel {
namespace {

void require(bool worked, const char* what) {
  if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

descriptor this_namespace() {
  descriptor made(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  require(static_cast<bool>(made), "open /proc/thread-self/ns/net");
  return made;
}

/// The calling thread is in another namespace as long as this lives.
class visit {
 public:
  visit(const descriptor& there, const descriptor& back) : back_(back) {
    require(setns(there.get(), CLONE_NEWNET) == 0, "setns");
  }
  ~visit() { setns(back_.get(), CLONE_NEWNET); }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  const descriptor& back_;
};

descriptor listener_on(family of, std::uint16_t port) {
  descriptor made = open_socket(of, SOCK_STREAM | SOCK_NONBLOCK, 0, {});
  const int yes = 1;
  setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (of == family::ipv6) setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  const socket_address any({of, 0}, port);
  require(bind(made.get(), any.get(), any.size()) == 0, "bind");
  require(listen(made.get(), 64) == 0, "listen");
  return made;
}

}  // namespace

void run_command(const std::string& words) {
  std::istringstream read(words);
  std::vector<std::string> all;
  for (std::string word; read >> word;) all.push_back(word);
  const tool_result done = run_tool(all);
  if (!done.worked()) throw std::runtime_error(words + ": " + done.errors);
}

surroundings::surroundings() : host_(this_namespace()) {
  require(unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)");
  here_ = this_namespace();
  require(setns(host_.get(), CLONE_NEWNET) == 0, "setns");
  const visit there(here_, host_);
  for (const char* const path : {"all", "default"})
    std::ofstream(std::string("/proc/sys/net/ipv4/conf/") + path + "/rp_filter") << 0 << std::flush;
  run_command("ip link set lo up");
  // In main: what stands in local comes before every other route.
  run_command("ip -4 route add local default dev lo table main");
  run_command("ip -6 route add local default dev lo table main");
}

void surroundings::take(const std::string& far, const std::string& near, const std::vector<std::string>& networks) {
  // A frame to an interface without neighbour resolution bears the sender's own address.
  const tool_result link = run_tool({"ip", "-o", "link", "show", "dev", near});
  const auto at = link.output.find("link/ether ");
  if (at == std::string::npos) throw std::runtime_error("no address of " + near + ": " + link.errors);
  const std::string address = link.output.substr(at + 11, 17);
  run_command("ip link set " + far + " netns /proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(here_.get()));
  const visit there(here_, host_);
  run_command("ip link set " + far + " address " + address);
  run_command("ip link set " + far + " up");
  for (const std::string& network : networks) run_command("ip route add " + network + " dev " + far);
}

void surroundings::listen_on(std::uint16_t port) {
  for (const family of : {family::ipv4, family::ipv6}) {
    listeners_.push_back(listener_on(of, port));
    const visit there(here_, host_);
    listeners_.push_back(listener_on(of, port));
  }
}

}  // namespace cordon::kernel
