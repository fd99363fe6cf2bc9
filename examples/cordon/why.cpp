// cordon why: why is this packet let out or stopped, and what would stop it?
#include <cstddef>
#include <memory>
#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/render/explanation.hpp>
#include <cordon/text/packet_line_reader.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

struct why_arguments {
  rules_arguments rules;
  policy_arguments policy;
  std::string packet;
  output_arguments output;
};

cordon::sequence<cordon::packet> packets_of(const why_arguments& from, const cordon::firewall& rules) {
  cordon::sequence<cordon::packet> made;
  if (from.packet.empty()) {
    const cordon::proof answer = cordon::prove(rules, read_policy(from.policy));
    for (const cordon::family of : cordon::both_families)
      for (const cordon::leak& one : answer.of(of).leaks) made.push_back(one.witness);
    return made;
  }
  const auto sent = cordon::read_packet_line(from.packet);
  if (!sent) throw unusable(cordon::join("this is no packet: ", sent.diagnostics().back().message));
  if (rules.of(sent->family).absent)
    throw unusable(cordon::join("the host has no ", title_of(sent->family), ", as a flag says"));
  made.push_back(*sent);
  return made;
}

std::size_t rules_in(const cordon::program& of) {
  std::size_t rules = 0;
  for (const cordon::program_table& table : of.tables)
    for (const cordon::program_chain& chain : table.chains) rules += chain.steps.size();
  return rules;
}

// An explanation copies the rules, and asks them again for each that accepts the packet: together about two seconds.
constexpr std::size_t most_rules_asked = std::size_t{1} << 25;
std::size_t rules_asked(const cordon::explanation& by, std::size_t rules) {
  return (4 + by.stops.but_for.size()) * (rules + 1);
}

int why(const why_arguments& from) {
  const bool as_json = from.output.is_json();
  if (from.packet.empty() == from.policy.empty())
    throw unusable(
        "give one packet, like 'uid=1001 dst=127.0.0.1 dport=8000', or a policy, whose leaks are then "
        "explained");
  progress_line shown("asking why");
  given_rules given = read_rules(from.rules);
  const cordon::program v4 = compile(given.rules, cordon::family::ipv4);
  const cordon::program v6 = compile(given.rules, cordon::family::ipv6);
  const cordon::sequence<cordon::packet> packets = packets_of(from, given.rules);
  cordon::text answer;
  std::size_t explained = 0;
  for (std::size_t asked = 0; explained < packets.size() && asked <= most_rules_asked; ++explained) {
    const cordon::packet& sent = packets[explained];
    const cordon::program& compiled = sent.family == cordon::family::ipv4 ? v4 : v6;
    const cordon::explanation made = cordon::explain(given.rules, compiled, sent);
    asked += rules_asked(made, rules_in(compiled));
    if (!as_json && !answer.empty()) answer.append('\n');
    answer.append(as_json ? write_json(made) : write_report(made));
  }
  if (explained < packets.size())
    given.remarks.push_back(
        {{},
         {},
         cordon::severity::note,
         cordon::join("of ", cordon::decimal(packets.size()), " leaks, ", cordon::decimal(explained),
                      " are explained, for there are too many of so many rules: cordon check tells "
                      "them, and cordon why of one packet explains it")});
  if (packets.empty() && !as_json) answer = "no packet of the sandbox surely leaks: cordon check tells more\n";
  shown.end();
  print(given.remarks);
  if (as_json)
    from.output.write(answer);
  else
    from.output.write_text(answer);
  return 0;
}

}  // namespace

void add_why(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("why", "Why is this packet let out or stopped, and what would stop it?");
  const auto from = std::make_shared<why_arguments>();
  from->rules.add_to(*command);
  from->policy.add_to(*command);
  command->add_option("PACKET", from->packet,
                      "keys and values as for trace: dst=ADDRESS dport=N proto=tcp uid=N out=lo ...");
  from->output.add_to(*command);
  command->footer(
      "Its way, rule by rule, and, if it is let out, the rule that would stop it were it not for those that accept\n"
      "it before. With a policy instead of a packet: of each leak its witness. --json: one object a line.\n"
      "Exit status: 0 whatever the verdict, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon why --v4 rules.v4 'uid=1001 dst=127.0.0.1 dport=8000'");
  command->final_callback([from, &chosen] { chosen = [from] { return why(*from); }; });
}
