// A program of someone who builds with -fno-exceptions -fno-rtti: reads, proves, renders, and gets what is wrong as a value.
#include <cordon/cordon.hpp>

#include <cstdio>

using namespace cordon;

namespace {

constexpr std::string_view leaky =
    "*filter\n"
    ":OUTPUT ACCEPT [0:0]\n"
    "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n"
    "-A OUTPUT -m owner --uid-owner 1001 -j REJECT\n"
    "COMMIT\n";

int failed(const char* what) {
  std::fprintf(stderr, "error: %s\n", what);
  return 1;
}

}  // namespace

int main() {
  const egress_policy egress = sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443);

  if (read_firewall({.v4 = "/nonexistent/rules.v4"})) return failed("a file that is not there was read");
  const auto wrong = read_ruleset("*filter\n-A OUTPUT --dport x -j ACCEPT\nCOMMIT\n");
  if (wrong || wrong.diagnostics().empty()) return failed("a wrong text was read, or no word said of it");
  const auto v4 = read_ruleset(leaky, {.family = family::ipv4});
  const auto v6 = read_ruleset(leaky, {.family = family::ipv6});
  if (!v4 || !v6) return failed("a right text was not read");

  firewall live;
  live.v4 = *v4;
  live.v6 = *v6;
  const proof before = prove(live, egress);
  if (before.verdict() != answer::leak) return failed("rules that leak do not leak");
  if (write_report(before).view().find("rule 1 of filter OUTPUT") == std::string_view::npos)
    return failed("the report does not name the rule to blame");

  const text rendered = restore_text(enforce(egress, live), family::ipv4);
  const auto again = read_ruleset(rendered, {.family = family::ipv4});
  if (!again) return failed("what was rendered cannot be read");
  live.v4 = *again;
  if (prove(live, egress).v4.answer != answer::proved) return failed("what was rendered is not proved");
  std::puts("read, proved and rendered");
  return 0;
}
