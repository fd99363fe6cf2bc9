// cordon trace: which way does this packet take?
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <cordon/render/json_writer.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/simulate/way_rules.hpp>
#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include "chain_flag.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "output_flags.hpp"
#include "rules_flags.hpp"
#include "unusable.hpp"

namespace {

struct trace_arguments {
  rules_arguments rules;
  chain_argument chain;
  std::string packet, packets;
  output_arguments output;
};

enum class shown_as { line, text, json };

// The rules of both families, made ready once for any number of packets.
class tracer {
 public:
  tracer(const cordon::firewall& rules, cordon::hook at)
      : rules_(&rules), v4_(rules, cordon::family::ipv4, at), v6_(rules, cordon::family::ipv6, at) {}

  /// The line for one packet, and whether it was one; as text more lines follow it.
  std::pair<cordon::text, bool> trace(std::string_view line, shown_as how) const {
    auto sent = cordon::read_packet_line(line);
    if (!sent) return {error(sent.diagnostics().back().message, how), false};
    if (rules_->of(sent->family).absent)
      return {error(cordon::join("the host has no ", title_of(sent->family), ", as a flag says"), how), false};
    const ready_family& ready = sent->family == cordon::family::ipv4 ? v4_ : v6_;
    if (ready.rules.entered_at != cordon::hook::output) sent->owner = {cordon::socket_kind::none, 0, 0};
    const cordon::outcome met = simulate(ready.rules, ready.others, *sent);
    if (how == shown_as::json) return {object(*sent, ready, met), true};
    cordon::text out = to_text(met.verdict);
    if (!met.way.empty()) out.append(' ').append(to_text(met.way));
    out.append('\n');
    if (how == shown_as::text) explain(*sent, ready, met, out);
    return {std::move(out), true};
  }

 private:
  struct ready_family {
    cordon::program rules;
    cordon::sequence<cordon::other_order> others;  // in which the kernel may ask two back ends

    ready_family(const cordon::firewall& from, cordon::family of, cordon::hook at)
        : rules(compile(from, of, at)), others(other_orders(from, of, at, tables_of_open_way(rules))) {}
    cordon::text seen_by_program(const cordon::packet& sent, const cordon::outcome& met) const {
      return to_text(sees(rules, others, sent, met));
    }
  };

  static cordon::text error(std::string_view why, shown_as how) {
    if (how == shown_as::json) {
      cordon::json_writer json;
      json.open_object().key("verdict").null().key("error").string(why).close_object();
      return std::move(json).finish().append('\n');
    }
    cordon::text out = "ERROR ";
    cordon::append_printable(out, why);
    return out.append('\n');
  }

  static cordon::text object(const cordon::packet& sent, const ready_family& ready, const cordon::outcome& met) {
    cordon::json_writer json;
    json.open_object();
    json.key("verdict").string(to_text(met.verdict));
    json.key("packet").string(write_packet_line(sent));
    json.key("trace").open_array();
    for (const cordon::way_step& step : met.way) json.string(to_text(step));
    json.close_array();
    if (met.way_cut) json.key("trace_is_whole").boolean(false);
    json.key("hangs_on").open_array();
    for (const cordon::open_question& one : met.hangs_on) {
      json.open_object();
      json.key("table").string(name_of(one.table)).key("chain").string(one.chain).key("rule").number(one.number);
      json.key("because").string(one.because).close_object();
    }
    json.close_array();
    json.key("program");
    if (ready.rules.entered_at == cordon::hook::output)
      json.string(ready.seen_by_program(sent, met));
    else
      json.null();
    json.close_object();
    return std::move(json).finish().append('\n');
  }

  static void line(cordon::text& out, std::string_view words) {
    cordon::append_printable(out, words);
    out.append('\n');
  }

  void explain(const cordon::packet& sent, const ready_family& ready, const cordon::outcome& met,
               cordon::text& out) const {
    line(out, cordon::join("packet   ", write_packet_line(sent)));
    if (ready.rules.tables.empty())
      line(out, cordon::join("no rules for ", title_of(sent.family), ": all is accepted"));
    for (const cordon::way_step& step : met.way) {
      cordon::text words = cordon::join("way      ", to_text(step));
      if (const cordon::rule* const rule = rule_of(step, rules_->of(sent.family));
          rule != nullptr && !rule->written.empty()) {
        while (words.size() < 40) words.append(' ');
        words.append("  line ").append_number(rule->at.line).append(": ").append(rule->written);
      }
      line(out, words);
    }
    if (met.way_cut) line(out, "way      ... it goes on, but is too long to show");
    for (const cordon::open_question& one : met.hangs_on)
      line(out, cordon::join("unknown  ", name_of(one.table), ":", one.chain,
                             one.number == 0 ? cordon::text() : cordon::join(":rule:", cordon::decimal(one.number)),
                             " hangs on ", one.because));
    if (ready.rules.entered_at == cordon::hook::output)
      line(out, cordon::join("program  ", ready.seen_by_program(sent, met)));
  }

  const cordon::firewall* rules_;
  ready_family v4_;
  ready_family v6_;
};

int trace(const trace_arguments& from) {
  if (from.packet.empty() == from.packets.empty())
    throw unusable("give one packet, like 'uid=1001 proto=tcp dst=127.0.0.1 dport=8000', or --packets FILE");
  const bool as_json = from.output.is_json();
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
    const auto [answer, read] = rules.trace(rest.substr(0, end), as_json                ? shown_as::json
                                                                 : from.packets.empty() ? shown_as::text
                                                                                        : shown_as::line);
    answers.append(answer);
    all_read = all_read && read;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (as_json)
    from.output.write(answers);
  else
    from.output.write_text(answers);
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
  from->output.add_to(*command);
  command->footer(
      "Keys: family proto src dst sport dport flags icmp uid gid socket out mark state len ttl tos; of FORWARD and INPUT in and mac.\n"
      "Prints the verdict and the way, as table:chain:rule|return|policy:number.\n"
      "--json: one object a line.\n"
      "Exit status: 0 whatever the verdict, 3 if a line is no packet.\n"
      "Example:\n"
      "  cordon trace --v4 rules.v4 'uid=1001 proto=tcp dst=127.0.0.1 dport=8000 out=lo'");
  command->final_callback([from, &chosen] { chosen = [from] { return trace(*from); }; });
}
