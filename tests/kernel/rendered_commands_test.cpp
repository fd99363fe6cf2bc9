// What is rendered does on a live host what was proved: the commands may be run again and again and leave the
// rules that the model has, undo leaves what was there before, and the sandbox's programs see what was said.
#include <sys/socket.h>

#include <cerrno>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include <cordon/prove/enforce.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/render/undo.hpp>

#include "model.hpp"
#include "prerequisites.hpp"
#include "real_socket.hpp"
#include "tool.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::uint32_t sandbox_id = 1001;
constexpr ip_family families[] = {ip_family::v4, ip_family::v6};

struct host {
  std::string_view name;
  std::string_view rules;  // of both families
  bool stops_answers = false;
  bool has_own_chain = false;
};

constexpr host hosts[] = {
    {"a host without rules", ""},
    {"a host with rules of its own",
     "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m comment --comment \"a b\" -p tcp\nCOMMIT\n"
     "*filter\n:INPUT ACCEPT\n:FORWARD DROP\n:OUTPUT ACCEPT\n:AAA - \n:ZZZ - \n"
     "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j ZZZ\n"
     "-A AAA -j RETURN\n-A ZZZ -o lo -j ACCEPT\n-A ZZZ -g AAA\nCOMMIT\n"},
    {"a host that drops what it does not know",
     "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 0 -j "
     "ACCEPT\nCOMMIT\n",
     true},
    {"a host with an older chain, below other rules and twice",
     "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:CORDON-1001 - \n-A OUTPUT -p esp -j ACCEPT\n"
     "-A OUTPUT -m owner --uid-owner 1001 -j CORDON-1001\n-A OUTPUT -m owner --uid-owner 1001 -j "
     "CORDON-1001\n"
     "-A CORDON-1001 -j ACCEPT\nCOMMIT\n",
     false, true},
};

/// Says what is wrong, and counts it.
class judge {
 public:
  explicit judge(std::string where) : where_(std::move(where)) {}

  void check(bool holds, const std::string& what) {
    if (holds) return;
    std::cout << where_ << ": " << what << '\n';
    ++failures_;
  }
  void equal(const std::string& what, const std::string& got, const std::string& wanted) {
    check(got == wanted, what + "\n--- got\n" + got + "--- wanted\n" + wanted);
  }
  bool passed() const { return failures_ == 0; }

 private:
  std::string where_;
  int failures_ = 0;
};

std::string iptables_of(back_end which, ip_family family) {
  return std::string(family == ip_family::v4 ? "iptables-" : "ip6tables-") + std::string(name_of(which));
}

/// What is saved, table by table in the order of their names, without comments and counters. An empty table
/// that accepts everything is left out: neither back end's iptables can take a table away again.
std::string saved(world& of, back_end which, ip_family family) {
  std::map<std::string, std::string> tables;
  std::istringstream lines(of.save(which, family));
  std::string table;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '*') table = line;
    if (line[0] == ':') line.resize(line.find('['));
    tables[table] += line + '\n';
  }
  std::string all;
  for (const auto& [name, content] : tables)
    if (content.find("\n-A") != std::string::npos || content.find(" DROP ") != std::string::npos ||
        content.find(" - ") != std::string::npos)
      all += content;
  return all;
}

tool_result run_script(back_end which, std::string_view script) {
  return run_tool({"env", "IPTABLES=" + iptables_of(which, ip_family::v4),
                   "IP6TABLES=" + iptables_of(which, ip_family::v6), "sh", "-s"},
                  script);
}

void prepare(world& on, back_end which, const host& given) {
  if (given.rules.empty()) return;
  for (const ip_family family : families)
    if (const auto loaded = on.load(which, family, given.rules); !loaded.worked())
      throw std::runtime_error("the host's rules do not load: " + loaded.errors);
}

firewall rules_on(world& of, back_end which) {
  firewall made;
  for (const ip_family family : families)
    made.of(family_of(family)) = family_rules(read_rules(which, family, of.save(which, family)));
  return made;
}

void check_rules(judge& says, world& on, back_end which, const firewall& wanted, const std::string& when) {
  for (const ip_family family : families) {
    const std::string text = on.save(which, family);
    const ruleset& model = wanted.of(family_of(family)).rulesets.front();
    says.check(is_same(read_rules(which, family, text), model),
               when + ": the rules are not those of the model\n--- got\n" + text + "--- wanted\n" +
                   std::string(write_ruleset(model, family_of(family)).view()));
  }
}

void change(judge& says, back_end which, const std::vector<std::string>& words) {
  for (const ip_family family : families) {
    std::vector<std::string> command = {iptables_of(which, family), "-w"};
    command.insert(command.end(), words.begin(), words.end());
    const tool_result done = run_tool(command);
    says.check(done.worked(), command[0] + " " + words[0] + ": " + done.errors);
  }
}

egress_policy policy_for(std::uint16_t port) {
  return sandbox(uid{sandbox_id})
      .may_reach(tcp, ipv4_address(127, 0, 0, 1), port)
      .may_reach(tcp, address{family::ipv6, 1}, port)
      .may_reach(udp | tcp, network{ipv4_address(10, 0, 0, 0), prefix_mask(family::ipv4, 8)}, {53, 55});
}

bool test_commands(back_end which, const host& given) {
  judge says(std::string(name_of(which)) + ", " + std::string(given.name));
  world here;
  prepare(here, which, given);
  const std::string before[] = {saved(here, which, ip_family::v4), saved(here, which, ip_family::v6)};
  const egress_policy policy = policy_for(18443);
  const enforcement made = enforce(policy, rules_on(here, which));
  says.check(made.proved(), "the merged firewall is not proved");
  if (!made.proved()) return false;
  says.check(made.said.empty() != given.stops_answers, "it is not said just where answers are stopped");
  const cordon::text script = commands(made);
  for (int run = 0; run < 3; ++run) {
    const tool_result done = run_script(which, script);
    says.check(done.worked(), "the commands fail: " + done.errors);
    check_rules(says, here, which, made.firewall->rules(), "after a run");
  }

  change(says, which, {"-I", "OUTPUT", "1", "-p", "ah", "-j", "ACCEPT"});
  change(says, which, {"-A", "OUTPUT", "-m", "owner", "--uid-owner", "1001", "-j", "CORDON-1001"});
  change(says, which, {"-A", "CORDON-1001", "-j", "ACCEPT"});
  says.check(run_script(which, script).worked(), "the commands fail where rules were put above the jump");
  const firewall after = rules_on(here, which);
  for (const family family : both_families) {
    const auto& output = after.of(family).rulesets.front().find(table_name::filter)->find("OUTPUT")->rules;
    const rule jump = own_jump(policy);
    says.check(output.front() == jump && std::count(output.begin(), output.end(), jump) == 1,
               "the jump is not first and alone where rules were put above it");
  }
  change(says, which, {"-D", "OUTPUT", "-p", "ah", "-j", "ACCEPT"});
  check_rules(says, here, which, made.firewall->rules(), "where rules had been put above");

  // Made without the host's rules it does the same.
  const enforcement blind = enforce(policy);
  says.check(blind.proved() && blind.said.empty(), "the chain alone is not proved");
  says.check(run_script(which, commands(blind)).worked(), "commands made without the host's rules fail");
  check_rules(says, here, which, made.firewall->rules(), "made without the host's rules");

  for (int run = 0; run < 2; ++run) {
    const tool_result done = run_script(which, undo_commands(policy));
    says.check(done.worked(), "undo fails: " + done.errors);
    for (const ip_family family : families) {
      const std::string now = saved(here, which, family);
      if (given.has_own_chain)
        says.check(now.find("CORDON") == std::string::npos, "undo leaves something of the older chain:\n" + now);
      else
        says.equal("undo does not leave what was there before", now, before[family == ip_family::v6]);
    }
  }
  return says.passed();
}

bool test_restore_texts(back_end which, const host& given) {
  judge says(std::string(name_of(which)) + ", restore text, " + std::string(given.name));
  world first;
  prepare(first, which, given);
  const enforcement made = enforce(policy_for(18443), rules_on(first, which));
  says.check(made.proved(), "the merged firewall is not proved");
  if (!made.proved()) return false;
  for (const ip_family family : families) {
    const tool_result done =
        run_tool({iptables_of(which, family) + "-restore", "--noflush"}, noflush_restore_text(made, family_of(family)));
    says.check(done.worked(), "the text for --noflush does not load: " + done.errors);
  }
  check_rules(says, first, which, made.firewall->rules(), "after --noflush");
  world second;
  for (const ip_family family : families)
    says.check(second.load(which, family, restore_text(made, family_of(family))).worked(),
               "the whole text does not load");
  check_rules(says, second, which, made.firewall->rules(), "after the whole text");
  return says.passed();
}

/// What a connect() to a port of loopback comes to within a third of a second.
int connected(ip_family family, std::uint16_t port) {
  const descriptor client = bound_socket(family, SOCK_STREAM, {sandbox_id, sandbox_id});
  if (const int error = connect_to(client, family, port); error != 0) return error;
  return kernel::result_of(client, 300);
}

bool test_what_programs_see(back_end which, const host& given) {
  judge says(std::string(name_of(which)) + ", programs, " + std::string(given.name));
  for (const ip_family family : families) {
    world here(world::options{.silence_replies = false});
    prepare(here, which, given);
    const descriptor proxy = bound_socket(family, SOCK_STREAM, {});
    const descriptor other = bound_socket(family, SOCK_STREAM, {});
    listen(proxy.get(), 8);
    listen(other.get(), 8);
    const egress_policy policy = policy_for(port_of(proxy));
    const enforcement made = enforce(policy, rules_on(here, which));
    says.check(made.proved(), "the merged firewall is not proved");
    if (!made.proved()) return false;
    says.check(run_script(which, commands(made)).worked(), "the commands fail");
    says.check(connected(family, port_of(proxy)) == 0, "the allowed endpoint is out of reach");
    if (given.stops_answers) {
      says.check(connected(family, port_of(other)) == ETIMEDOUT, "REJECT answers, and it was said that it cannot");
      change(says, which,
             {"-I", "OUTPUT", "2", "-o", "lo", "-m", "owner", "!", "--uid-owner", "0-4294967294", "-m", "conntrack",
              "--ctstate", "RELATED", "-j", "ACCEPT"});
      const enforcement again = enforce(policy, rules_on(here, which));
      says.check(again.proved() && again.said.empty(), "the rule that was proposed does not help the model");
    }
    says.check(connected(family, port_of(other)) == ECONNREFUSED, "another port is not refused at once");
    says.check(run_script(which, undo_commands(policy)).worked(), "undo fails");
  }
  return says.passed();
}

bool test_all(back_end which) {
  bool passed = true;
  for (const host& given : hosts) {
    passed = test_commands(which, given) && passed;
    passed = test_restore_texts(which, given) && passed;
    passed = test_what_programs_see(which, given) && passed;
  }
  return passed;
}

}  // namespace

int main() { return run_with_both(test_all); }
