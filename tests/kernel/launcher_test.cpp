// examples/launcher.cpp starts its command only behind rules that it has read back from the kernel and
// proved; and what the command then reaches is what was proved. Whatever goes wrong on the way is made to go
// wrong here: a rule that somebody puts above, a family that was not loaded, a program that cannot be run.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "prerequisites.hpp"
#include "real_socket.hpp"
#include "tool.hpp"
#include "world.hpp"

namespace {

using namespace cordon::kernel;

std::string launcher;  // its path

constexpr int not_started = 125;
constexpr ip_family families[] = {ip_family::v4, ip_family::v6};

std::string program(back_end which, ip_family family, const std::string& what) {
  return std::string(family == ip_family::v4 ? "iptables-" : "ip6tables-") + std::string(name_of(which)) + what;
}

/// A host with a proxy, and servers beside it that the sandbox must not reach.
class stage {
 public:
  stage(back_end which, std::string where) : which_(which), where_(std::move(where)) {
    for (const descriptor* const server : {&proxy_, &other_, &other_v6_}) listen(server->get(), 8);
    char name[] = "/tmp/cordon-launcher-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory can be made in /tmp");
    folder_ = name;
    std::ofstream(folder_ / "policy") << "uid 1001\ntcp:127.0.0.1:" << port_of(proxy_) << '\n';
    std::filesystem::create_directory(folder_ / "bin");
    // Tables that are there tell whose rules this host has.
    for (const ip_family family : families)
      expect(world_.load(which, family, "*filter\n:OUTPUT ACCEPT\nCOMMIT\n").worked(), "an empty table does not load");
  }
  ~stage() { std::filesystem::remove_all(folder_); }
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  void expect(bool holds, const std::string& what) {
    if (holds) return;
    std::cout << name_of(which_) << ", " << where_ << ": " << what << '\n';
    ++failures_;
  }
  bool passed() const { return failures_ == 0; }

  /// A program of that name, before all others in the launcher's PATH.
  void put_before(const std::string& name, const std::string& script) {
    const auto file = folder_ / "bin" / name;
    std::ofstream(file) << "#!/bin/sh\n" << script << '\n';
    std::filesystem::permissions(file, std::filesystem::perms::all);
  }
  /// The same, which runs the real one and then something else.
  void run_behind(const std::string& name, const std::string& then) {
    put_before(name, "PATH=" + path() + "\n" + name + " \"$@\" && " + then);
  }

  void change(ip_family family, std::vector<std::string> words) {
    words.insert(words.begin(), program(which_, family, ""));
    const tool_result done = run_tool(words);
    expect(done.worked(), words[0] + ": " + done.errors);
  }

  /// Lets the launcher start a shell that tells who it is and what it reaches.
  tool_result launch(bool are_loaded = false) {
    const std::string look = "id -u; id -G; for at in 127.0.0.1/" + std::to_string(port_of(proxy_)) + " 127.0.0.1/" +
                             std::to_string(port_of(other_)) + " ::1/" + std::to_string(port_of(other_v6_)) +
                             "; do if (exec 3<>/dev/tcp/$at) 2>/dev/null; then echo open; else echo closed; fi; done";
    std::vector<std::string> words = {"env", "PATH=" + (folder_ / "bin").string() + ":" + path(), launcher};
    if (are_loaded) words.push_back("--loaded");
    for (const std::string& word : {(folder_ / "policy").string(), std::string("bash"), std::string("-c"), look})
      words.push_back(word);
    return run_tool(words);
  }

  void starts(const std::string& when, bool are_loaded = false) {
    const tool_result done = launch(are_loaded);
    expect(done.worked() && done.output == "1001\n1001\nopen\nclosed\nclosed\n",
           when + ", it does not start what reaches the proxy alone: exit status " + std::to_string(done.status) +
               "\n" + done.output + done.errors);
  }
  void refuses(const std::string& when, const std::string& why, bool are_loaded = false) {
    const tool_result done = launch(are_loaded);
    expect(done.status == not_started && done.output.empty() && done.errors.find(why) != std::string::npos,
           when + ", it does not refuse with \"" + why + "\": exit status " + std::to_string(done.status) + "\n" +
               done.output + done.errors);
  }

 private:
  static std::string path() {
    const char* const known = std::getenv("PATH");
    return std::string(known == nullptr ? "/usr/bin:/bin" : known) + ":/usr/sbin:/sbin";
  }

  back_end which_;
  std::string where_;
  world world_{world::options{.silence_replies = false}};
  descriptor proxy_ = bound_socket(ip_family::v4, SOCK_STREAM, {});
  descriptor other_ = bound_socket(ip_family::v4, SOCK_STREAM, {});
  descriptor other_v6_ = bound_socket(ip_family::v6, SOCK_STREAM, {});
  std::filesystem::path folder_;
  int failures_ = 0;
};

bool test_starts(back_end which) {
  stage here(which, "nothing goes wrong");
  // Without the rules all of it is open: what follows is their work.
  const tool_result open = here.launch(/*are_loaded=*/true);
  here.expect(open.status == not_started && open.output.empty(), "without rules it starts something");
  here.starts("with the host's rules as they are");
  here.starts("with the rules there already");
  here.starts("with the rules there already", /*are_loaded=*/true);
  here.expect(here.launch().errors.empty(), "it has something to say where all is well");
  return here.passed();
}

bool test_rule_above(back_end which) {
  stage here(which, "a rule above");
  here.starts("before");
  for (const ip_family family : families) {
    const std::string line = "-A OUTPUT -o lo -j ACCEPT";
    here.change(family, {"-I", "OUTPUT", "-o", "lo", "-j", "ACCEPT"});
    here.refuses("with a rule above", program(which, family, "-save"), /*are_loaded=*/true);
    here.refuses("with a rule above", line, /*are_loaded=*/true);
    here.starts("once its rules are first again");
    here.change(family, {"-D", "OUTPUT", "-o", "lo", "-j", "ACCEPT"});
  }
  here.starts("behind all that", /*are_loaded=*/true);
  // Somebody is quicker than we are.
  here.run_behind(program(which, ip_family::v4, "-restore"),
                  program(which, ip_family::v4, "") + " -w -I OUTPUT -o lo -j ACCEPT");
  here.refuses("with a rule put above while it loads", "-A OUTPUT -o lo -j ACCEPT");
  return here.passed();
}

bool test_family_without_rules(back_end which) {
  stage here(which, "a family without rules");
  here.starts("before");
  here.change(ip_family::v6, {"-F", "OUTPUT"});
  here.refuses("without rules of IPv6", "leak: IPv6", /*are_loaded=*/true);
  here.starts("once they are loaded again");
  here.change(ip_family::v6, {"-F", "OUTPUT"});
  here.put_before(program(which, ip_family::v6, "-restore"), "cat >/dev/null");
  here.refuses("with a loader that does nothing", "leak: IPv6");
  here.put_before(program(which, ip_family::v6, "-restore"), "cat >/dev/null; exit 1");
  here.refuses("with a loader that fails", "the rules of IPv6 cannot be loaded");
  return here.passed();
}

bool test_what_cannot_be_read(back_end which) {
  stage here(which, "what cannot be read");
  here.starts("before");
  for (const ip_family family : families) {
    here.put_before(program(which, family, "-save"), "exit 1");
    here.refuses("with a save program that fails", program(which, family, "-save failed with exit status 1"), true);
    here.put_before(program(which, family, "-save"), "exit 127");
    here.refuses("with a save program that is missing",
                 which == back_end::legacy ? "the kernel holds legacy tables" : "", true);
    here.run_behind(program(which, family, "-save"), ":");
    here.starts("with one that works", true);
  }
  here.put_before("nft", "exit 1");
  here.refuses("with nft that fails", "nft --debug=netlink list ruleset failed", true);
  here.put_before("nft", "exit 127");
  here.refuses("without nft", "install nft", true);
  return here.passed();
}

bool test_rules_of_nft(back_end which) {
  stage here(which, "rules of nft's own");
  here.starts("before");
  const auto nft = [&](const std::string& words) {
    const tool_result done = run_tool({"nft", words});
    here.expect(done.worked(), "nft " + words + ": " + done.errors);
  };
  nft("table inet mine { chain out { type filter hook output priority 5; tcp dport 1 accept; }; }");
  here.starts("with a chain that drops nothing", true);
  nft("add rule inet mine out tcp dport 2 drop");
  here.refuses("with a chain that may drop", "nft chain inet mine out", true);
  nft("delete table inet mine");
  here.starts("without it", true);
  if (which == back_end::legacy) return here.passed();
  nft("insert rule ip filter OUTPUT tcp dport { 1, 2 } drop");
  here.refuses("with a rule that iptables-save tells wrongly", "nft chain ip filter OUTPUT, which has rules", true);
  return here.passed();
}

bool test_all(back_end which) {
  bool passed = true;
  for (const auto test :
       {test_starts, test_rule_above, test_family_without_rules, test_what_cannot_be_read, test_rules_of_nft})
    passed = test(which) && passed;
  return passed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: kernel_launcher_test LAUNCHER\n";
    return 1;
  }
  launcher = argv[1];
  for (const char* const needed : {"nft", "bash"})
    if (run_tool({needed, "--version"}).status == 127) {
      std::cout << "SKIP: " << needed << " is not installed\n";
      return 77;
    }
  return run_with_both(test_all);
}
