// cordon trace: which way does this packet take?
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <cordon/simulate/application.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/simulate/way_rules.hpp>
#include <cordon/text/packet_line.hpp>

#include "chain_flag.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "rules_flags.hpp"
#include "unusable.hpp"

namespace {

struct trace_arguments {
  rules_arguments rules;
  chain_argument chain;
  std::string packet, packets, output;
};

// The rules of both families, made ready once for any number of packets.
class tracer {
 public:
  tracer(const cordon::firewall& rules, cordon::hook at)
      : rules_(&rules), v4_(compile(rules, cordon::family::ipv4, at)), v6_(compile(rules, cordon::family::ipv6, at)) {}

  /// The line for one packet, and whether it was one. `for_people`: more lines follow it.
  std::pair<cordon::text, bool> trace(std::string_view line, bool for_people) const {
    auto sent = cordon::read_packet_line(line);
    if (!sent) return {error(sent.diagnostics().back().message), false};
    if (rules_->of(sent->family).absent)
      return {error(cordon::join("the host has no ", title_of(sent->family), ", as a flag says")), false};
    const cordon::program& program = sent->family == cordon::family::ipv4 ? v4_ : v6_;
    if (program.entered_at != cordon::hook::output) sent->owner = {cordon::socket_kind::none, 0, 0};
    const cordon::outcome met = simulate(program, *sent);
    cordon::text out = to_text(met.verdict);
    if (!met.way.empty()) out.append(' ').append(to_text(met.way));
    out.append('\n');
    if (for_people) explain(*sent, program, met, out);
    return {std::move(out), true};
  }

 private:
  static cordon::text error(std::string_view why) {
    cordon::text out = "ERROR ";
    cordon::append_printable(out, why);
    return out.append('\n');
  }

  static void line(cordon::text& out, std::string_view words) {
    cordon::append_printable(out, words);
    out.append('\n');
  }

  void explain(const cordon::packet& sent, const cordon::program& program, const cordon::outcome& met,
               cordon::text& out) const {
    line(out, cordon::join("packet   ", write_packet_line(sent)));
    if (program.tables.empty()) line(out, cordon::join("no rules for ", title_of(sent.family), ": all is accepted"));
    for (const cordon::way_step& step : met.way) {
      cordon::text words = cordon::join("way      ", to_text(step));
      if (const cordon::rule* const rule = rule_of(step, rules_->of(sent.family)); rule != nullptr && !rule->written.empty()) {
        while (words.size() < 40) words.append(' ');
        words.append("  line ").append_number(rule->at.line).append(": ").append(rule->written);
      }
      line(out, words);
    }
    if (met.way_cut) line(out, "way      ... it goes on, but is too long to show");
    for (const cordon::open_question& one : met.hangs_on)
      line(out, cordon::join("unknown  ", name_of(one.table), ":", one.chain, ":rule:", cordon::decimal(one.number),
                             " hangs on ", one.because));
    if (program.entered_at == cordon::hook::output) line(out, cordon::join("program  ", to_text(sees(program, sent, met))));
  }

  const cordon::firewall* rules_;
  cordon::program v4_;
  cordon::program v6_;
};

int trace(const trace_arguments& from) {
  if (from.packet.empty() == from.packets.empty())
    throw unusable("give one packet, like 'uid=1001 proto=tcp dst=127.0.0.1 dport=8000', or --packets FILE");
  const cordon::hook at = from.chain.at();
  const given_rules given = read_rules(from.rules, at);
  cordon::text lines = std::string_view(from.packet);
  if (!from.packets.empty()) lines = read_input(from.packets);
  const tracer rules(given.rules, at);
  print(given.remarks);
  cordon::text answers;
  bool all_read = true;
  for (std::string_view rest = lines.view(); !rest.empty();) {
    const auto end = from.packets.empty() ? std::string_view::npos : rest.find('\n');
    const auto [answer, read] = rules.trace(rest.substr(0, end), from.packets.empty());
    answers.append(answer);
    all_read = all_read && read;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  write_output(answers, from.output);
  return all_read ? 0 : 3;
}

}  // namespace

void add_trace(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("trace", "Which way does this packet take?");
  const auto from = std::make_shared<trace_arguments>();
  from->rules.add_to(*command);
  from->chain.add_to(*command);
  command->add_option("PACKET", from->packet, "keys and values: dst=ADDRESS dport=N proto=tcp uid=N out=lo ...");
  command->add_option("--packets", from->packets, "packets from a file, one a line; - is standard input")
      ->type_name("FILE");
  command->add_option("--output", from->output, "write the answer to this file")->type_name("FILE");
  command->footer("Keys: family proto src dst sport dport flags icmp uid gid socket out mark state len ttl tos; of FORWARD and INPUT in and mac.\n"
                  "Prints the verdict and the way, as table:chain:rule|return|policy:number.\n"
                  "Example:\n"
                  "  cordon trace --v4 rules.v4 'uid=1001 proto=tcp dst=127.0.0.1 dport=8000 out=lo'\n"
                  "Exit status: 0 whatever the verdict, 3 if a line is no packet.");
  command->final_callback([from, &chosen] { chosen = [from] { return trace(*from); }; });
}
