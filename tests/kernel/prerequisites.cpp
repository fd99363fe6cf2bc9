#include "prerequisites.hpp"

#include <unistd.h>

#include <exception>
#include <iostream>

#include "owner.hpp"

namespace cordon::kernel {
namespace {

constexpr int skipped = 77;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::optional<std::string> obstacle() {
  if (geteuid() != 0) return "needs root";
  try {
    const world any;
  } catch (const std::exception& error) {
    return std::string("needs network namespaces: ") + error.what();
  }
  try {
    const socket_owner someone(1001, 1001);
  } catch (const std::exception& error) {
    return std::string("needs all user ids: ") + error.what();
  }
  return std::nullopt;
}

std::optional<std::string> obstacle(back_end which) {
  world any;
  for (const ip_family family : {ip_family::v4, ip_family::v6}) {
    const tool_result loaded =
        any.load(which, family,
                 "*filter\n:OUTPUT ACCEPT\n"
                 "-A OUTPUT -p tcp -m owner --uid-owner 1 -m conntrack --ctstate NEW -m comment --comment x "
                 "-j REJECT --reject-with tcp-reset\n"
                 "-A OUTPUT -m owner --uid-owner 1 -j REJECT\nCOMMIT\n");
    if (!loaded.worked())
      return std::string("iptables-") + std::string(name_of(which)) +
             " cannot load rules: " + first_line(loaded.errors);
  }
  return std::nullopt;
}

int run_with_both(const std::function<bool(back_end)>& test) {
  if (const auto why = obstacle()) {
    std::cout << "SKIP: " << *why << '\n';
    return skipped;
  }
  bool passed = true;
  bool complete = true;
  for (const back_end which : {back_end::legacy, back_end::nft}) {
    try {
      if (const auto why = obstacle(which)) {
        std::cout << "SKIP: " << *why << '\n';
        complete = false;
        continue;
      }
      passed = test(which) && passed;
    } catch (const std::exception& error) {
      std::cout << name_of(which) << ": " << error.what() << '\n';
      passed = false;
    }
  }
  return !passed ? 1 : complete ? 0 : skipped;
}

}  // namespace cordon::kernel
