// However many sandboxes there are: each reaches its own proxy, and none another's.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <cordon/cordon.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"

using namespace cordon;

namespace {

firewall loaded(const std::vector<sandboxed>& all) {
  const auto read = [](const std::string& rules, family of) {
    auto made = read_ruleset(rules, {.family = of, .file = of == family::ipv4 ? "rules.v4" : "rules.v6"});
    if (!made) {
      std::cerr << rules << made.diagnostics();
      std::exit(3);
    }
    return *std::move(made);
  };
  return {.v4 = read(ipv4_rules(all), family::ipv4), .v6 = read(ipv6_rules(all), family::ipv6)};
}

egress_policy policy_of(const sandboxed& one) {
  return sandbox(uid{one.user}).may_reach(tcp, "127.0.0.1"_ip, one.proxy_port);
}

/// Whether each sandbox reaches its own proxy, and nothing else.
bool keeps_apart(const firewall& live, const std::vector<sandboxed>& all) {
  return std::all_of(all.begin(), all.end(), [&](const sandboxed& one) {
    const proof answer = prove(live, policy_of(one));
    return answer.proved() && answer.usable();
  });
}

/// Whether the packets of all other users are treated as without any rules.
bool leaves_alone(const firewall& live, std::vector<sandboxed> all) {
  std::sort(all.begin(), all.end(), [](const sandboxed& a, const sandboxed& b) { return a.user < b.user; });
  const auto is_open = [&](std::uint32_t first, std::uint32_t last) {
    return first > last || differences(firewall{}, live, sandbox(uid{first, last})).answer() == comparison::same;
  };
  std::uint32_t next = 0;
  for (const sandboxed& one : all) {
    if (one.user > 0 && !is_open(next, one.user - 1)) return false;
    next = one.user + 1;
  }
  return is_open(next, greatest_id);
}

/// One to eight sandboxes, each with a user of its own. Two may share a proxy's port.
std::vector<sandboxed> some_sandboxes() {
  std::vector<sandboxed> all;
  for (int left = *rc::gen::inRange(1, 9); left > 0; --left) {
    const sandboxed one{*rc::gen::inRange<std::uint32_t>(1, 100000), *rc::gen::inRange<std::uint16_t>(1024, 65535)};
    const bool is_new =
        std::none_of(all.begin(), all.end(), [&](const sandboxed& other) { return other.user == one.user; });
    if (is_new) all.push_back(one);
  }
  return all;
}

}  // namespace

TEST_CASE("each sandbox reaches its own proxy and nothing else, and nobody else notices") {
  rc::prop("whoever they are", [] {
    const std::vector<sandboxed> all = some_sandboxes();
    const firewall live = loaded(all);
    RC_LOG() << testing::shown(live);
    RC_ASSERT(keeps_apart(live, all));
    RC_ASSERT(leaves_alone(live, all));
  });
}

// Would these tests notice if something went wrong? Every firewall with one mistake in it is tried.
TEST_CASE("no mistake in the rules goes unnoticed") {
  const std::vector<sandboxed> all = {{1001, 18443}, {1002, 18444}, {1003, 18445}};
  const testing::mutants mistakes(loaded(all));

  // Without the second test, rules that stop everybody would do.
  const auto half_tested = mistakes.surviving([&](const firewall& live) { return keeps_apart(live, all); });
  CHECK_FALSE(half_tested.empty());

  // What is left opens the proxy by other interfaces than lo: its address is none that a packet by the wire
  // can reach.
  for (const testing::mutant& one :
       mistakes.surviving([&](const firewall& live) { return keeps_apart(live, all) && leaves_alone(live, all); })) {
    INFO(testing::shown(one));
    CHECK((one.what == testing::mutation::widen && testing::shown(one.words).find("-o lo") != std::string::npos));
  }
}
