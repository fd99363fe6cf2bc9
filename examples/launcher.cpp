// Starts a program as a sandbox's user, but only if the firewall is proved to keep that user in, as it is
// loaded now.
//
//   launcher POLICY COMMAND [ARGUMENT...]            loads the rules that keep the policy, then starts the command
//   launcher --loaded POLICY COMMAND [ARGUMENT...]   somebody has loaded them (a service, at boot)
//
// POLICY is a file as for `cordon check --policy`, with one uid. Root alone. Exit status: the command's; 125 if it was
// not started, and standard error then says why.
#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>

#include <cordon/cordon.hpp>
#include <cordon/live/run_command.hpp>
#include <cordon/live/verify_loaded.hpp>

using namespace cordon;

namespace {

constexpr int not_started = 125;

int refuse(std::string_view why) {
  std::cerr << why << (why.ends_with('\n') ? "" : "\n") << "not started\n";
  return not_started;
}

// The policy in a file; its user is who the command will be.
read_result<egress_policy> policy_in(const char* file) {
  const auto content = read_file(file);
  if (!content) return read_result<egress_policy>::failure(content.diagnostics());
  const auto flags = read_policy(*content, file);
  if (!flags) return read_result<egress_policy>::failure(flags.diagnostics());
  auto policy = make_policy(*flags);
  if (policy && (!policy->user || policy->user->low != policy->user->high || policy->user->low == 0))
    return read_result<egress_policy>::failure(
        {file, {}, severity::error, "a command is started as one user: give its --uid N, not 0"});
  return policy;
}

bool load(const enforced_firewall& rules, family of) {
  const text command =
      join(of == family::ipv4 ? "iptables-" : "ip6tables-", name_of(rules.of(of).backend), "-restore -w --noflush");
  std::FILE* const pipe = popen(std::string(command.view()).c_str(), "we");
  if (pipe == nullptr) return false;
  const text lines = noflush_restore_text(rules, of);
  const bool written = std::fwrite(lines.view().data(), 1, lines.size(), pipe) == lines.size();
  return pclose(pipe) == 0 && written;
}

// The rules that keep the policy, put into those that the host has. False: `why` tells.
bool load_rules(const egress_policy& policy, text& why) {
  const auto host = read_live(run_command);
  if (!host) return why = to_text(host.diagnostics()), false;
  const enforcement made = enforce(policy, host->rules);
  if (!made.proved()) return why = join(to_text(made.said), write_report(made.proof)), false;
  for (const family of : both_families)
    if (!load(made, of)) return why = join("the rules of ", title_of(of), " cannot be loaded"), false;
  return true;
}

// A socket belongs to who made it: packets that the command sends by one of ours would be root's.
bool is_internet_socket(int descriptor) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  return getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size) == 0 &&
         (name.ss_family == AF_INET || name.ss_family == AF_INET6);
}

// Becomes the sandbox's user, for ever: no program gives back what this takes, setuid or not.
bool become(const egress_policy& policy) {
  const ::uid_t user = policy.user->low;
  const ::gid_t group = policy.group ? policy.group->low : user;
  return close_range(3, ~0U, 0) == 0 && setgroups(0, nullptr) == 0 && setresgid(group, group, group) == 0 &&
         setresuid(user, user, user) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool are_loaded = argc > 1 && std::string_view(argv[1]) == "--loaded";
  char** const words = argv + (are_loaded ? 2 : 1);
  if (argv + argc - words < 2) return refuse("usage: launcher [--loaded] POLICY COMMAND [ARGUMENT...]");
  const auto policy = policy_in(words[0]);
  if (!policy) return refuse(to_text(policy.diagnostics()));
  for (const int standard : {0, 1, 2})
    if (is_internet_socket(standard)) return refuse("standard input or output is a socket of root's");

  text why;
  if (!are_loaded && !load_rules(*policy, why)) return refuse(why);

  // What the kernel holds now, whoever has put it there, and not what was meant to be loaded.
  const verification loaded = verify_loaded(*policy, run_command);
  if (!loaded.proved()) return refuse(write_report(loaded));

  if (!become(*policy)) return refuse(std::string("the user cannot be changed: ") + std::strerror(errno));
  execvp(words[1], words + 1);
  return refuse(std::string(words[1]) + ": " + std::strerror(errno));
}
