// cordon audit: what of all that listens on the host does the sandbox reach?
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cordon/audit/audit.hpp>
#include <cordon/audit/listener_text.hpp>
#include <cordon/render/audit_report.hpp>
#include <cordon/text/file.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "live_listeners.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

struct audit_arguments {
  rules_arguments rules;
  policy_arguments policy;
  std::vector<std::string> listeners;
  output_arguments output;
};

void add_listeners(cordon::sequence<cordon::listener>& into, std::string_view content, std::string_view name,
                   cordon::sequence<cordon::diagnostic>& remarks) {
  auto read = cordon::read_listeners(content, name);
  if (!read) throw unusable(read.diagnostics());
  remarks.append(read.diagnostics());
  into.append(std::move(*read));
}

// A file that was named goes before what --live would ask.
cordon::sequence<cordon::listener> read_listeners(const audit_arguments& from,
                                                  cordon::sequence<cordon::diagnostic>& remarks) {
  cordon::sequence<cordon::listener> made;
  for (const std::string& file : from.listeners)
    add_listeners(made, read_input(file), cordon::shown_file_name(file), remarks);
  if (from.listeners.empty()) {
    if (!from.rules.live)
      throw unusable("who listens is not said: give --listeners FILE, what ss -lntup prints, or --live");
    const live_listeners live = listening_sockets(remarks);
    add_listeners(made, live.content, live.source, remarks);
  }
  return cordon::merged(std::move(made));
}

// What nft's own chains do is not modelled: they may drop what is open here, and rewrite the rest.
void doubt_for(cordon::audit_answer& answer, const cordon::sequence<cordon::native_chain>& chains) {
  for (cordon::audited_listener& one : answer.listeners)
    for (cordon::audit_cell& cell : one.cells)
      for (const cordon::native_chain& chain : chains) {
        if (!(cell.to.where.base.family == cordon::family::ipv4 ? chain.v4 : chain.v6)) continue;
        cell.status = cordon::cell_status::unknown;
        if (!cell.is_endpoint || cell.against != cordon::against_policy::no)
          cell.against = cordon::against_policy::perhaps;
        cell.hangs_on.push_back(chain.words);
      }
}

// How many destinations the other back end would have otherwise.
std::size_t differences_of(const cordon::audit_answer& a, const cordon::audit_answer& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.listeners.size(); ++i)
    for (std::size_t j = 0; j < a.listeners[i].cells.size(); ++j) {
      const cordon::audit_cell& one = a.listeners[i].cells[j];
      const cordon::audit_cell& other = b.listeners[i].cells[j];
      if (one.status != other.status || one.against != other.against) ++count;
    }
  return count;
}

cordon::text too_large_in_words(const cordon::firewall& rules, const cordon::sequence<cordon::listener>& who) {
  constexpr cordon::audit_limits most;
  const std::size_t addresses = rules.host.addresses ? rules.host.addresses->size() : 0;
  return cordon::join(
      "too large: one audit looks at ", cordon::decimal(most.destinations),
      " destinations of sockets, these times the rules ", cordon::decimal(most.rules_asked), ", and at ",
      cordon::decimal(most.addresses), " addresses, but here are ", cordon::decimal(who.size()), " sockets and ",
      cordon::decimal(addresses),
      " addresses: hand in a part of the sockets with --listeners, or of the addresses with --addresses");
}

int status_of(cordon::audit_verdict verdict) {
  return verdict == cordon::audit_verdict::open ? 1 : verdict == cordon::audit_verdict::unknown ? 2 : 0;
}

int audit(const audit_arguments& from) {
  const bool as_json = from.output.is_json();
  const cordon::egress_policy policy = read_policy(from.policy);
  progress_line shown("asking for every socket that listens");
  given_rules given = read_rules(from.rules);
  const cordon::sequence<cordon::listener> listeners = read_listeners(from, given.remarks);
  cordon::audit_answer answer = cordon::audit(given.rules, policy, listeners);
  if (answer.too_large) throw unusable(too_large_in_words(given.rules, listeners));
  if (given.has_other_backend) {
    const cordon::audit_answer other = cordon::audit(given.on_other_backend, policy, listeners);
    if (other.too_large) throw unusable(too_large_in_words(given.on_other_backend, listeners));
    if (const std::size_t count = differences_of(answer, other); count != 0)
      given.remarks.push_back(
          {{},
           {},
           cordon::severity::note,
           cordon::join("the back ends differ on these rules: with the other one ", cordon::decimal(count),
                        count == 1 ? " destination is" : " destinations are", " judged otherwise")});
  }
  doubt_for(answer, given.native_chains);
  shown.end();
  print(given.remarks);
  if (as_json)
    from.output.write(write_json(answer, lines_of(given.remarks)));
  else
    from.output.write_text(write_report(answer));
  return status_of(answer.verdict());
}

}  // namespace

void add_audit(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("audit", "What of all that listens on the host does the sandbox reach?");
  const auto from = std::make_shared<audit_arguments>();
  from->rules.add_to(*command);
  from->policy.add_to(*command);
  command
      ->add_option("--listeners", from->listeners,
                   "who listens: what ss -lntup prints, or /proc/net/tcp, tcp6, udp, udp6; repeatable")
      ->allow_extra_args(false)
      ->type_name("FILE")
      ->group("Rules");
  from->output.add_to(*command);
  command->footer(
      "For every listening socket and every address of the host at which it can be reached: open, stopped and how\n"
      "that shows, or unknown. What is open and not in the policy is in capitals. No packet is sent. --addresses\n"
      "FILE (ip -o addr) tells the host's own addresses; --live asks the host for all of it.\n"
      "Exit status: 0 nothing is open against the policy, 1 something is, 2 unknown, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon audit --live --uid 1001 --allow tcp:127.0.0.1:18443\n"
      "  ss -lntup >sockets; ip -o addr >addresses\n"
      "  cordon audit --v4 rules.v4 --v6 rules.v6 --addresses addresses --listeners sockets --uid 1001");
  command->final_callback([from, &chosen] { chosen = [from] { return audit(*from); }; });
}
