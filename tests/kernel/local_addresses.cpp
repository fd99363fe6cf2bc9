#include "local_addresses.hpp"

#include <chrono>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace cordon::kernel {
namespace {

/// The first words of the lines of a file in /proc/net, of those whose second word is `second` (empty: of all).
std::set<std::string> first_words(const char* path, const std::string& second) {
  std::ifstream file(path);
  std::set<std::string> words;
  std::string first, next, rest;
  while (file >> first >> next && std::getline(file, rest))
    if (second.empty() || next == second) words.insert(first);
  return words;
}

bool all_have_routes() {
  const std::set<std::string> routes = first_words("/proc/thread-self/net/ipv6_route", "80");  // the length, 128
  for (const std::string& address : first_words("/proc/thread-self/net/if_inet6", ""))
    if (!routes.contains(address)) return false;
  return true;
}

}  // namespace

void wait_for_local_addresses() {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + 2s;
  while (!all_have_routes()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("an IPv6 address never got its local route");
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace cordon::kernel
