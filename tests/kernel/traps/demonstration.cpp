#include "demonstration.hpp"

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/packet_line_writer.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

#include "local_addresses.hpp"
#include "machine_names.hpp"
#include "model.hpp"
#include "packet_line.hpp"

namespace cordon::kernel {
namespace {

void replace_all(std::string& in, std::string_view what, std::string_view by) {
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size()))
    in.replace(at, what.size(), by);
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  std::string part;
  std::istringstream from{std::string(text)};
  while (std::getline(from, part, by)) parts.push_back(part);
  return parts;
}

/// What is left of a save that no default says: see `demonstration::prints`.
std::string rules_in(const std::string& saved) {
  std::map<std::string, std::string> tables;
  std::string table;
  for (std::string line : split(saved, '\n')) {
    if (line.empty() || line[0] == '#' || line == "COMMIT") continue;
    if (line[0] == '*') {
      table = line.substr(1);
      continue;
    }
    if (line[0] == ':') {
      line.resize(line.rfind(" ["));
      if (line.ends_with(" ACCEPT")) continue;
      if (line.ends_with(" -")) line.resize(line.size() - 2);
    }
    tables[table] += line + "\n";
  }
  std::string all;
  for (const char* const name : {"raw", "mangle", "nat", "filter", "security"}) all += tables[name];
  if (!all.empty()) all.pop_back();
  return all;
}

std::string first_line(const std::string& of) { return of.substr(0, of.find('\n')); }

/// Has rules loaded that iptables must know. Throws `lacking` if it does not here, else std::runtime_error.
void require_loaded(const tool_result& loaded, const std::string& rules) {
  if (loaded.worked()) return;
  for (const char* const why : {"missing kernel module", "Couldn't load", "No such file or directory", "by that name"})
    if (loaded.errors.find(why) != std::string::npos) throw lacking(first_line(loaded.errors));
  throw std::runtime_error("the kernel refuses the rules: " + loaded.errors + rules);
}

std::string verdict_of(const std::string& said) { return said.substr(0, said.find(' ')); }

/// REJECT and DROP are one to the kernel's trace.
std::string as_the_kernel_says(const std::string& expected) {
  const auto blank = expected.find(' ');
  const std::string verdict = expected.substr(0, blank);
  return (verdict == "ACCEPT" ? verdict : "stopped") + (blank == std::string::npos ? "" : expected.substr(blank));
}

}  // namespace

tool_result run_program(const std::vector<std::string>& words, std::string_view input) {
  tool_result made = run_tool(words, input);
  if (made.status == 127) throw lacking("no program " + words[0]);
  return made;
}

std::string demonstration::words(std::string_view text) const {
  std::string made(text);
  const auto put = [&](const std::string& name, const std::string& address) {
    replace_all(made, "{" + name + "}", address);
    replace_all(made, "{[" + name + "]}", v4() ? address : "[" + address + "]");
  };
  put("host", v4() ? "203.0.113.9" : "2001:db8:9::9");
  put("lo", v4() ? "127.0.0.1" : "::1");
  put("own", v4() ? "10.9.0.1" : "fd09::1");
  replace_all(made, "{icmp}", v4() ? "icmp" : "ipv6-icmp");
  return made;
}

std::string demonstration::table_text(std::string_view text) const {
  const std::string made = words(text);
  if (made.starts_with("*") || made.empty()) return made;
  const bool with_policy = made.find(":OUTPUT ") != std::string::npos;
  return std::string("*filter\n") + (with_policy ? "" : ":OUTPUT ACCEPT [0:0]\n") + made + "\nCOMMIT\n";
}

std::string demonstration::expected_words(std::string_view expected) const {
  std::string all;
  for (const std::string& word : split(expected, ' ')) {
    if (!all.empty()) all += ' ';
    const auto colons = std::count(word.begin(), word.end(), ':');
    const bool is_verdict = all.empty();
    const bool is_number = word.find_first_not_of("0123456789") == std::string::npos;
    if (is_verdict || colons == 3)
      all += word;
    else if (is_number)
      all += "filter:OUTPUT:rule:" + word;
    else if (colons == 1)
      all += "filter:OUTPUT:" + word;
    else
      all += "filter:" + word;
  }
  return all;
}

void demonstration::check(bool holds, const std::string& what) {
  ++checks_;
  if (!holds) failures_.push_back(what);
}

void demonstration::equal(const std::string& what, const std::string& got, const std::string& wanted) {
  check(got == wanted, what + ":\n    got      " + got + "\n    expected " + wanted);
}

void demonstration::compare(const std::string& about, const std::string& who, const std::string& said,
                            const std::string& expected) {
  const bool verdict_alone = expected.find(' ') == std::string::npos;
  equal(about + ", " + who, verdict_alone ? verdict_of(said) : said, expected);
}

const cordon::ruleset* demonstration::read(std::string_view text) {
  auto made = read_ruleset(
      text,
      {.family = family_of(of_.family), .backend = backend_of(of_.which), .file = "rules", .names = &machine_names()});
  if (!made) {
    check(false,
          "cordon refuses the rules: " + cordon::testing::shown(to_text(made.diagnostics())) + std::string(text));
    return nullptr;
  }
  read_ = *std::move(made);
  return &read_;
}

void demonstration::load(world& into, const std::string& text) const {
  require_loaded(into.load(of_.which, of_.family, text), text);
}

packet_counts demonstration::counted(world& in) const { return read_counters(in.save(of_.which, of_.family, true)); }

void demonstration::rules(std::string_view text, const std::function<void()>& prepare) {
  session_.reset();
  judge_.reset();
  text_ = table_text(text);
  if (read(text_) == nullptr) throw std::runtime_error("nothing can be shown");
  judge_ = std::make_unique<judge>(read_, family_of(of_.family), host_facts{}, nullptr);
  session_ = std::make_unique<session>(of_.which,
                                       session::options{.traced = true, .conntrack_state = judge_->asks_connection()});
  if (prepare) prepare();
  const tool_result loaded = session_->load(of_.family, text_);
  require_loaded(loaded, text_);
}

sent_packet demonstration::send(const std::string& line) {
  wire_packet made;
  made.uid = 1001;
  made.family = of_.family;
  made.source_port = 40000;
  if (const auto wrong = kernel::read_packet_line(line, made)) throw std::runtime_error(line + ": " + *wrong);
  return std::move(session_->send({&made, 1})[0]);
}

std::size_t demonstration::packet(std::string_view line, std::string_view expected) {
  const std::string about = words(line);
  const sent_packet sent = send(about);
  const std::string wanted = expected_words(words(expected));
  if (!sent.seen) {
    check(false, about + ": " + judge_->kernel_words(sent) + " where " + wanted + " is expected");
    return 0;
  }
  const std::string said = judge_->kernel_words(sent);
  const std::string kernel_wanted = as_the_kernel_says(wanted);
  const bool with_way = sent.seen->steps_known;
  compare(about, "the kernel", with_way ? said : verdict_of(said),
          with_way ? kernel_wanted : verdict_of(kernel_wanted));
  compare(about, "cordon", judge_->model_words(sent), wanted);
  const judgement all = judge_->compare(sent);
  if (all.difference)
    check(false, about + ": " + all.difference->what + ": kernel " + all.difference->kernel + ", cordon " +
                     all.difference->model);
  return sent.answers.size();
}

void demonstration::undecided(std::string_view line, std::string_view kernel_expected) {
  const std::string about = words(line);
  const sent_packet sent = send(about);
  equal(about + ", the kernel", verdict_of(judge_->kernel_words(sent)),
        as_the_kernel_says(std::string(kernel_expected)));
  const judgement made = judge_->compare(sent);
  check(!made.certain, about + ": cordon is certain: " + judge_->model_words(sent));
  if (made.difference) check(false, about + ": cordon thinks it impossible: " + made.difference->kernel);
  check(made.skipped.empty(), about + ": " + std::string(made.skipped));
}

void demonstration::packet_fails(std::string_view line, int error) {
  const std::string about = words(line);
  const auto name = [](int of) { return std::string(of == 0 ? "none" : strerrorname_np(of)); };
  equal(about + ", errno", name(send(about).error), name(error));
}

void demonstration::simulated(std::string_view line, std::string_view expected) {
  const std::string about = words(line);
  const auto asked = cordon::read_packet_line(about);
  if (!asked) throw std::runtime_error(cordon::testing::shown(to_text(asked.diagnostics())));
  firewall host;
  host.of(family_of(of_.family)) = family_rules(read_);
  const program compiled = compile(host, asked->family);
  const outcome said = simulate(compiled, *asked);
  const std::string steps = cordon::testing::shown(to_text(said.way));
  compare(about, "cordon", cordon::testing::shown(to_text(said.verdict)) + (steps.empty() ? "" : " ") + steps,
          expected_words(words(expected)));
}

proof demonstration::proves(std::string_view policy, answer expected) {
  const auto flags = read_policy("--uid 1001\n" + words(policy), "policy");
  if (!flags) throw std::runtime_error(cordon::testing::shown(to_text(flags.diagnostics())));
  const auto asked = make_policy(*flags);
  if (!asked) throw std::runtime_error(cordon::testing::shown(to_text(asked.diagnostics())));
  firewall host;
  host.v4 = host.v6 = family_rules::none();
  host.of(family_of(of_.family)) = family_rules(read_);
  proof made = prove(host, *asked);
  equal("the proof of \"" + std::string(policy) + "\"", std::string(name_of(made.verdict())),
        std::string(name_of(expected)));
  for (const leak& one : made.of(family_of(of_.family)).leaks) {
    // What is not a connection's first packet takes traffic() to be shown.
    if (one.witness.state != connection_state::fresh || one.needs == leak_need::established) continue;
    std::string line = cordon::testing::shown(write_packet_line(one.witness));
    const auto at = line.find(" state=");
    line.erase(at, line.find(' ', at + 1) - at);
    wire_packet wire;
    wire.family = of_.family;
    if (const auto wrong = kernel::read_packet_line(line, wire)) {
      check(false, "no wire has the witness " + line + ": " + *wrong);
      continue;
    }
    const std::vector<sent_packet> sent = session_->send({&wire, 1});
    equal("the way of the witness " + line, judge_->kernel_words(sent[0]),
          "ACCEPT " + cordon::testing::shown(to_text(one.way)));
  }
  return made;
}

void demonstration::traffic(std::string_view rules, const std::function<void()>& act,
                            const std::vector<traffic_packet>& expected) {
  session_.reset();
  judge_.reset();
  text_ = table_text(rules);
  if (read(text_) == nullptr) throw std::runtime_error("nothing can be shown");
  firewall host;
  host.of(family_of(of_.family)) = family_rules(read_);
  const program compiled = compile(host, family_of(of_.family));
  world here({.silence_replies = false});
  wait_for_local_addresses();
  load(here, text_);
  std::unique_ptr<legacy_tracer> on_legacy;
  std::unique_ptr<nft_tracer> on_nft;
  const bool states =
      std::any_of(expected.begin(), expected.end(), [](const traffic_packet& one) { return !one.state.empty(); });
  if (legacy()) {
    on_legacy = std::make_unique<legacy_tracer>(here, legacy_tracer::options{.conntrack_state = states});
    on_legacy->set_rules(of_.family, count_rules(here.save(of_.which, of_.family)));
  } else {
    on_nft = std::make_unique<nft_tracer>(here, nft_tracer::options{.conntrack_state = states});
    on_nft->read_rules();
  }
  act();
  std::vector<traced_packet> seen;
  for (int tries = 0; tries < 30; ++tries) {
    for (traced_packet& one : on_legacy ? on_legacy->take() : on_nft->take()) seen.push_back(std::move(one));
    if (seen.size() >= expected.size()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const traffic_packet& wanted = expected[i];
    const std::string about(wanted.what);
    if (i >= seen.size()) {
      check(false, about + " never came to OUTPUT");
      continue;
    }
    const traced_packet& one = seen[i];
    const std::string way_words = expected_words(words(wanted.expected));
    const std::string kernel =
        std::string(one.passed ? "ACCEPT" : "stopped") + (one.steps.empty() ? "" : " ") + way(one);
    compare(about, "the kernel", kernel, as_the_kernel_says(way_words));
    if (!wanted.state.empty()) equal(about + ", its state", one.state, std::string(wanted.state));
    char name[IF_NAMESIZE] = {};
    if_indextoname(one.out_interface, name);
    cordon::packet modelled = packet_of(one, name);
    modelled.owner = wanted.owner;
    const outcome said = simulate(compiled, modelled);
    if (wanted.undecided) {
      check(one.passed ? said.possible.may_accept() : said.possible.may_stop(),
            about + ": cordon thinks it impossible");
      continue;
    }
    const std::string steps = cordon::testing::shown(to_text(said.way));
    compare(about, "cordon", cordon::testing::shown(to_text(said.verdict)) + (steps.empty() ? "" : " ") + steps,
            way_words);
  }
  check(seen.size() <= expected.size(),
        std::to_string(seen.size()) + " packets came to OUTPUT, " + std::to_string(expected.size()) + " are expected");
}

void demonstration::prints(std::string_view text, std::string_view expected) {
  const std::string given = table_text(text);
  const std::string wanted = words(expected);
  world here;
  require_loaded(here.load(of_.which, of_.family, given), given);
  equal("what iptables-save prints of\n" + given, rules_in(here.save(of_.which, of_.family)), wanted);
  if (read(given) == nullptr) return;
  equal("what cordon prints of\n" + given,
        rules_in(cordon::testing::shown(write_ruleset(read_, family_of(of_.family)))), wanted);
}

void demonstration::warned(std::string_view text, std::string_view of) {
  const std::string given = table_text(text);
  world here;
  check(here.load(of_.which, of_.family, given).worked(), "the kernel refuses\n" + given);
  const auto made = read_ruleset(
      given,
      {.family = family_of(of_.family), .backend = backend_of(of_.which), .file = "rules", .names = &machine_names()});
  const std::string said = cordon::testing::shown(to_text(made.diagnostics()));
  check(made && said.find(of) != std::string::npos, "cordon says of\n" + given + "  " + said);
}

void demonstration::refused(std::string_view text) {
  const std::string given = table_text(text);
  world here;
  check(!here.load(of_.which, of_.family, given).worked(), "the kernel loads\n" + given);
  check(!read_ruleset(given, {.family = family_of(of_.family),
                              .backend = backend_of(of_.which),
                              .file = "rules",
                              .names = &machine_names()}),
        "cordon reads\n" + given);
}

}  // namespace cordon::kernel
