// What `check --fix` tells does on a live host what was proved: its commands, run by a shell as they are printed, change the
// rules to those of the model, close the leak that a real connection showed before, leave the endpoint open, and change
// nothing for another user; and the rules that are saved then are proved.
#include <sys/socket.h>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/prove/prove.hpp>
#include <cordon/render/repair_report.hpp>
#include <cordon/repair/repair.hpp>

#include "model.hpp"
#include "prerequisites.hpp"
#include "real_socket.hpp"
#include "tool.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::uint32_t sandbox_id = 1001;
constexpr std::uint32_t other_id = 1002;  // whom no rule is about
constexpr ip_family families[] = {ip_family::v4, ip_family::v6};

/// Rules with a leak to PORT, HOST being loopback, PROXY the port of the endpoint. Empty: the family has none.
struct host {
  std::string_view name;
  std::string_view v4;
  std::string_view v6;
  std::size_t commands;        // that both families need together, at most
  bool others_get_out = true;  // user 1002 reaches both ports, before and behind
  bool proxy_is_open = true;   // before; behind it is
  bool leaks = true;
};

#define FROM_SANDBOX "-m owner --uid-owner 1001 "  // a macro: literals beside each other are one
constexpr std::string_view closed =
    "*filter\n-A OUTPUT -d HOST -p tcp --dport PROXY -j ACCEPT\n-A OUTPUT " FROM_SANDBOX "-j REJECT\nCOMMIT\n";

constexpr host hosts[] = {
    {"the incident before its fix",
     "*filter\n-A OUTPUT -d HOST -p tcp -m tcp --dport PROXY " FROM_SANDBOX "-j ACCEPT\n"
     "-A OUTPUT -o lo " FROM_SANDBOX "-m comment --comment \"it's $HOME `id` \\\"\" -j ACCEPT\n"
     "-A OUTPUT " FROM_SANDBOX "-j REJECT\nCOMMIT\n",
     "", 3},
    {"a rule for everybody",
     "*filter\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 0 -j ACCEPT\n-A OUTPUT -o lo -m comment --comment \"a $b 'c' \\\"d\\\"\" -j ACCEPT\n"
     "-A OUTPUT -m owner ! --uid-owner 1001 -j ACCEPT\nCOMMIT\n",
     closed, 2},
    {"a chain that INPUT uses too",
     "*filter\n:OUTPUT DROP\n:SHARED -\n-A INPUT -j SHARED\n-A OUTPUT -d HOST -p tcp --dport PROXY -j ACCEPT\n-A OUTPUT -j SHARED\n"
     "-A SHARED -i lo -j ACCEPT\n-A SHARED -o lo -j ACCEPT\nCOMMIT\n",
     closed, 1},
    {"a call of a chain of its own that leaks",
     "*filter\n:SANDBOX -\n-A OUTPUT " FROM_SANDBOX "-j SANDBOX\n-A SANDBOX -d HOST -p tcp --dport PROXY -j ACCEPT\n"
     "-A SANDBOX -p tcp --dport 1:65535 -j ACCEPT\n-A SANDBOX -j REJECT\nCOMMIT\n",
     closed, 1},
    {"an endpoint that is closed", "*filter\n-A OUTPUT " FROM_SANDBOX "-j REJECT\nCOMMIT\n",
     "*filter\n-A OUTPUT " FROM_SANDBOX "-j REJECT\nCOMMIT\n", 2, true, false, false},
    {"nat leads the endpoint to the leak",
     "*nat\n-A OUTPUT -d HOST -p tcp -m tcp --dport PROXY -j DNAT --to-destination HOST:PORT\nCOMMIT\n"
     "*filter\n-A OUTPUT -d HOST -p tcp --dport PROXY -j ACCEPT\n-A OUTPUT -d HOST -p tcp --dport PORT -j ACCEPT\n"
     "-A OUTPUT " FROM_SANDBOX "-j REJECT\nCOMMIT\n",
     closed, 2, true, true},
    {"no rules at all", "", "", 4},
};

class judge {
 public:
  explicit judge(std::string where) : where_(std::move(where)) {}
  void check(bool holds, const std::string& what) {
    if (holds) return;
    std::cout << where_ << ": " << what << '\n';
    ++failures_;
  }
  bool passed() const { return failures_ == 0; }

 private:
  std::string where_;
  int failures_ = 0;
};

std::string filled(std::string_view form, ip_family family, std::uint16_t proxy, std::uint16_t port) {
  std::string made(form);
  const auto fill = [&](std::string_view name, const std::string& value) {
    for (std::size_t at = 0; (at = made.find(name, at)) != std::string::npos; at += value.size())
      made.replace(at, name.size(), value);
  };
  fill("HOST", family == ip_family::v4 ? "127.0.0.1" : "::1");
  fill("PROXY", std::to_string(proxy));
  fill("PORT", std::to_string(port));
  return made;
}

firewall rules_on(world& of, back_end which) {
  firewall made;
  for (const ip_family family : families)
    made.of(family_of(family)) = family_rules(read_rules(which, family, of.save(which, family)));
  return made;
}

// A shell runs the lines as they are; what it calls iptables is that of the back end.
tool_result run_lines(back_end which, const sequence<cordon::text>& lines) {
  std::string script = "set -e\n";
  for (const std::string name : {"iptables", "ip6tables"})
    script += name + "() { command " + name + "-" + std::string(name_of(which)) + " \"$@\"; }\n";
  for (const cordon::text& one : lines) script += std::string(one.view()) + '\n';
  return run_tool({"sh", "-s"}, script);
}

bool connects(ip_family family, std::uint16_t port, std::uint32_t who) {
  const descriptor client = bound_socket(family, SOCK_STREAM, {who, who});
  if (connect_to(client, family, port) != 0) return false;
  return kernel::result_of(client, 300) == 0;
}

bool test_host(back_end which, const host& given) {
  judge says(std::string(name_of(which)) + ", " + std::string(given.name));
  world here(world::options{.silence_replies = false});
  // The same ports in both families, so that one policy is about both.
  const descriptor proxy[] = {bound_socket(ip_family::v4, SOCK_STREAM, {}),
                              bound_socket(ip_family::v6, SOCK_STREAM, {})};
  const descriptor other[] = {bound_socket(ip_family::v4, SOCK_STREAM, {}),
                              bound_socket(ip_family::v6, SOCK_STREAM, {})};
  for (const descriptor* const one : {&proxy[0], &proxy[1], &other[0], &other[1]}) listen(one->get(), 16);
  egress_policy policy = sandbox(uid{sandbox_id});
  for (const ip_family family : families) {
    const std::size_t i = family == ip_family::v6;
    const std::string_view form = i == 0 ? given.v4 : given.v6;
    if (!form.empty()) {
      const tool_result loaded = here.load(which, family, filled(form, family, port_of(proxy[i]), port_of(other[i])));
      says.check(loaded.worked(), "the host's rules do not load: " + loaded.errors);
    }
    policy = policy.may_reach(tcp, i == 0 ? ipv4_address(127, 0, 0, 1) : address{family::ipv6, 1}, port_of(proxy[i]));
  }
  // The first family leaks (or is closed) always; the second where it has no rules.
  const auto leaks_before = [&](std::size_t i) { return given.leaks && (i == 0 || given.v6.empty()); };
  for (const ip_family family : families) {
    const std::size_t i = family == ip_family::v6;
    says.check(connects(family, port_of(other[i]), sandbox_id) == leaks_before(i),
               "the leak does not show before the commands");
    says.check(connects(family, port_of(proxy[i]), sandbox_id) == (given.proxy_is_open),
               "the endpoint is not as it should be before");
    says.check(connects(family, port_of(other[i]), other_id) == given.others_get_out, "another user is stopped before");
  }

  const firewall before = rules_on(here, which);
  const repair_answer fix = repair(before, policy);
  says.check(fix.found(), "no repair is found");
  if (!fix.found()) return false;
  const sequence<cordon::text> lines = commands_of(fix);
  says.check(!lines.empty() && lines.size() <= given.commands,
             "more commands:\n" + std::string(write_repair(fix).view()));
  const tool_result done = run_lines(which, lines);
  says.check(done.worked() && done.errors.empty(),
             "the commands fail: " + done.errors + std::string(write_repair(fix).view()));

  const firewall after = rules_on(here, which);
  for (const ip_family family : families) {
    const ruleset& now = after.of(family_of(family)).rulesets.front();
    const ruleset& model = fix.repaired->rules().of(family_of(family)).rulesets.front();
    says.check(is_same(now, model), "the rules are not those of the model\n--- got\n" +
                                        std::string(write_ruleset(now, family_of(family)).view()) + "--- wanted\n" +
                                        std::string(write_ruleset(model, family_of(family)).view()));
  }
  const proof answer = prove(after, policy);
  says.check(answer.proved() && answer.usable(), "what is saved then is not proved, or not usable");
  for (const ip_family family : families) {
    const std::size_t i = family == ip_family::v6;
    says.check(!connects(family, port_of(other[i]), sandbox_id), "the leak shows behind the commands");
    says.check(connects(family, port_of(proxy[i]), sandbox_id), "the endpoint is out of reach behind the commands");
    says.check(connects(family, port_of(other[i]), other_id) == given.others_get_out,
               "another user is stopped behind the commands");
  }
  return says.passed();
}

bool test_all(back_end which) {
  bool passed = true;
  for (const host& given : hosts) passed = test_host(which, given) && passed;
  return passed;
}

}  // namespace

int main() { return run_with_both(test_all); }
