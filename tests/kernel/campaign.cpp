#include "campaign.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <cordon/testing/draw.hpp>
#include <cordon/testing/random.hpp>
#include <cordon/text/ipset_text.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

#include "machine_names.hpp"
#include "model.hpp"
#include "ownerless.hpp"
#include "packet_line.hpp"
#include "random_case.hpp"
#include "random_sets.hpp"
#include "session.hpp"
#include "shrinking.hpp"
#include "wire_line.hpp"

namespace cordon::kernel {
namespace {

constexpr unsigned most_shrinking_tries = 400;
constexpr std::uint64_t rule_sets_a_real_one = 8;  // takes part of a second where rules stop it

read_result<ruleset> read_text(const combination& of, std::string_view rules, std::string_view file) {
  return read_ruleset(
      rules,
      {.family = family_of(of.family), .backend = backend_of(of.which), .file = file, .names = &machine_names()});
}

/// The first lines of what a program complained of, without its own name and number.
std::string complaint_of(const tool_result& result) {
  std::string words;
  std::istringstream lines(result.errors);
  for (std::string line; words.size() < 200 && std::getline(lines, line);) {
    if (const auto colon = line.find("): "); colon != std::string::npos && line.find("-restore v") < colon)
      line = line.substr(colon + 3);
    if (line.find("will never match") != std::string::npos) continue;
    if (line.starts_with("Try `") || line.empty() || line.find("v1.8.9 (nf_tables):") != std::string::npos) continue;
    words += (words.empty() ? "" : "; ") + line;
  }
  return words.empty() ? "exit status " + std::to_string(result.status) : words;
}

std::string errors_of(const read_result<ruleset>& read) {
  for (const diagnostic& one : read.diagnostics())
    if (one.severity == severity::error) return cordon::testing::shown(to_text(one));
  return "";
}

/// The way by which the kernel refused a whole table, without the line that it names.
bool lacks_something_of_the_host(const std::string& complaint) {
  for (const char* const words : {"doesn't exist", "missing kernel module", "Could not resolve", "not found"})
    if (complaint.find(words) != std::string::npos) return true;
  return false;
}

/// What about rules that the kernel refuses no reader of rules alone can know; empty if there is nothing.
std::string_view beyond_the_reader(std::string_view rules) {
  struct known {
    std::string_view words;
    std::string_view why;
  };
  // Objects that the kernel keeps by name, in one place for all tables or even for all namespaces: two rules that
  // disagree about one cannot both be loaded.
  constexpr std::string_view kept = "rules about one object that the kernel keeps by name, and that do not agree";
  constexpr std::string_view needed = "rules about what this host does not have";
  constexpr known all[] = {{"-j IDLETIMER ", kept},         {"-j RATEEST ", kept},        {"-m recent ", kept},
                           {"-m hashlimit ", kept},         {"-m rateest ", needed},      {"-m cgroup --path ", needed},
                           {"-m cgroup ! --path ", needed}, {"--object-pinned ", needed}, {"--helper ", needed},
                           {"-j CT --timeout ", needed},    {"-j SECMARK ", needed}};
  for (const known& one : all)
    if (rules.find(one.words) != std::string_view::npos) return one.why;
  return {};
}

/// The rule set without such rules; nothing if it has none.
maybe<ruleset> without_what_is_beyond_the_reader(ruleset rules, family in) {
  std::size_t left_out = 0;
  for (table& one : rules.tables)
    for (chain& each : one.chains)
      left_out += erase_if(each.rules, [&](const rule& of) {
        return !beyond_the_reader(cordon::testing::shown(write_rule(of, in, each.name, rules.backend, one.name)))
                    .empty();
      });
  if (left_out == 0) return no_value;
  return rules;
}

/// The first rule of two that should be the same and are not.
std::string first_difference(const ruleset& drawn, const ruleset& read, family in) {
  if (drawn.tables.size() != read.tables.size()) return "another number of tables";
  for (std::size_t t = 0; t < drawn.tables.size(); ++t) {
    const table& a = drawn.tables[t];
    const table& b = read.tables[t];
    if (a.chains.size() != b.chains.size()) return "another number of chains";
    for (std::size_t c = 0; c < a.chains.size(); ++c)
      for (std::size_t r = 0; r < a.chains[c].rules.size() && r < b.chains[c].rules.size(); ++r)
        if (!(a.chains[c].rules[r] == b.chains[c].rules[r]))
          return cordon::testing::shown(write_rule(a.chains[c].rules[r], in, a.chains[c].name, drawn.backend, a.name)) +
                 " became " +
                 cordon::testing::shown(write_rule(b.chains[c].rules[r], in, a.chains[c].name, read.backend, a.name));
  }
  return "";
}

/// Whether real traffic under these rules can be told packet by packet: nat would have connections rewritten whose first
/// packets were seen before, and TEE's copies look like the packets.
bool can_play_real_traffic(const judge& by, std::string_view rules) {
  return rules.find("-j TEE ") == std::string_view::npos &&
         std::none_of(by.compiled().tables.begin(), by.compiled().tables.end(),
                      [](const program_table& one) { return one.name == table_name::nat; });
}

host_facts host_with(std::string_view sets) {
  host_facts made;
  auto read = read_sets(sets, "the sets");
  if (!read) throw std::runtime_error(cordon::testing::shown(to_text(read.diagnostics())));
  made.sets = *std::move(read);
  return made;
}

bool is_there_ipset() {
  static const bool found = run_tool({"ipset", "-v"}).worked();
  return found;
}

std::string backend_flags(const combination& of) { return "--backend " + std::string(name_of(of.which)); }

}  // namespace

campaign::campaign(const differential_flags& chosen) : chosen_(chosen), start_(std::chrono::steady_clock::now()) {}

bool campaign::is_over() const {
  if (shown_ >= chosen_.most_differences) return true;
  return chosen_.seconds && std::chrono::steady_clock::now() - start_ > std::chrono::seconds(*chosen_.seconds);
}

void campaign::run_random() {
  for (std::uint64_t number = 0; number < chosen_.rule_sets && !is_over(); ++number) run_case(chosen_.seed + number);
}

void campaign::run_case(std::uint64_t seed) {
  case_seed_ = seed;
  testing::random_choices choices(seed);
  const combination of = chosen_.combinations[seed % chosen_.combinations.size()];
  const std::string sets = is_there_ipset() ? draw_sets(choices.source(), of.family) : std::string();
  const ruleset drawn = draw_rules(choices, of, host_with(sets));
  const std::string text = cordon::testing::shown(write_ruleset(drawn, family_of(of.family)));
  const auto read_back = read_text(of, text, "rules");
  // What prints alike is alike to the kernel too: hashlimit keeps a rate in another unit than it shows.
  if (read_back && cordon::testing::shown(write_ruleset(*read_back, family_of(of.family))) != text)
    show_other(
        {of, "rule set of seed " + std::to_string(seed), text, sets, true},
        "what was written is read as something else: " + first_difference(drawn, *read_back, family_of(of.family)));
  run_drawn({of, "rule set of seed " + std::to_string(seed), text, sets, true}, choices);
}

void campaign::run_drawn(const rule_source& from, testing::random_choices& choices) {
  const combination of = from.of;
  const auto read_back = read_text(of, from.text, "rules");
  const bool asks_connection =
      read_back && judge(*read_back, family_of(of.family), host_with(from.sets), nullptr).asks_connection();
  session loaded(of.which, {.traced = !chosen_.blind, .conntrack_state = asks_connection});
  const tool_result result = loaded.load(of.family, from.text, from.sets);
  if (!result.worked() && read_back && !from.cleaned) {
    if (auto less = without_what_is_beyond_the_reader(*read_back, family_of(of.family))) {
      tally_.note_cleaned();
      return run_drawn(
          {of, from.origin, cordon::testing::shown(write_ruleset(*less, family_of(of.family))), from.sets, true, true},
          choices);
    }
  }
  maybe<ruleset> rules = judge_loading(from, result);
  if (!rules) return;
  const judge by(*rules, family_of(of.family), host_with(from.sets), chosen_.broken);
  run_rules(from, *std::move(rules), loaded, draw_packets(choices, by, of.family, chosen_.packets_per_rule_set), by);
}

void campaign::run_files() {
  std::vector<rule_file> files = fixtures();
  std::cout << files.size() << " fixtures";
  if (auto more = corpus()) {
    std::cout << ", " << more->size() << " files of ../shared/corpus\n";
    files.insert(files.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
  } else {
    std::cout << "; there is no ../shared/corpus, so none of its rule sets is asked\n";
  }
  testing::random_choices choices(chosen_.seed);
  for (const rule_file& file : files)
    for (const combination& of : chosen_.combinations) {
      if (is_over()) return;
      if (file.family != of.family || (file.which && *file.which != of.which)) continue;
      const rule_source from{of, file.path, content_of(file.path)};
      const auto known = read_text(of, from.text, file.path);
      const bool asks_connection =
          known && judge(*known, family_of(of.family), host_with(from.sets), nullptr).asks_connection();
      session loaded(of.which, {.traced = true, .conntrack_state = asks_connection});
      maybe<ruleset> rules = read(from, loaded);
      if (!rules) continue;
      const judge by(*rules, family_of(of.family), host_with(from.sets), chosen_.broken);
      run_rules(from, *std::move(rules), loaded, draw_packets(choices, by, of.family, chosen_.packets_per_rule_set),
                by);
    }
}

maybe<ruleset> campaign::read(const rule_source& from, session& into) {
  return judge_loading(from, into.load(from.of.family, from.text, from.sets));
}

maybe<ruleset> campaign::judge_loading(const rule_source& from, const tool_result& loaded) {
  auto known = read_text(from.of, from.text, from.origin);
  if (loaded.worked() && known) return *std::move(known);
  if (loaded.worked() && loaded.output.find("Usage: ") != std::string::npos) {
    tally_.note_refusal("it asks for help (-h), and iptables-restore then loads nothing and says nothing of it");
  } else if (loaded.worked()) {
    show_other(from, "the kernel loads it, and the reader does not: " + errors_of(known));
  } else if (!known) {
    tally_.note_refusal("both refuse it: " + complaint_of(loaded));
  } else if (lacks_something_of_the_host(loaded.errors)) {
    tally_.note_refusal("this host lacks something: " + complaint_of(loaded));
  } else {
    show_not_loaded(from, *known, loaded);
  }
  return no_value;
}

// Whether the reader takes rules that the kernel does not load. `complaint` becomes what the program said.
bool campaign::is_not_loaded(const rule_source& from, const ruleset& rules, std::string& complaint) {
  const combination& of = from.of;
  const std::string text = cordon::testing::shown(write_ruleset(rules, family_of(of.family)));
  if (!read_text(of, text, "rules")) return false;
  session again(of.which, {.traced = false});
  const tool_result loaded = again.load(of.family, text, from.sets);
  if (loaded.worked() || lacks_something_of_the_host(loaded.errors)) return false;
  complaint = complaint_of(loaded);
  return true;
}

void campaign::show_not_loaded(const rule_source& from, const ruleset& known, const tool_result& refusal) {
  std::string complaint;
  difference least{known, {}};
  std::string text = from.text;
  if (is_not_loaded(from, known, complaint)) {
    least = shrink(
        std::move(least), family_of(from.of.family),
        [&](const difference& one) { return is_not_loaded(from, one.rules, complaint); }, most_shrinking_tries);
    text = cordon::testing::shown(write_ruleset(least.rules, family_of(from.of.family)));
  } else {
    // IDLETIMER's timers are known by name to all namespaces, and those that are gone are taken down later.
    const bool shared = text.find("-j IDLETIMER ") != std::string::npos;
    tally_.note_refusal(shared ? "a timer of IDLETIMER that another namespace still held"
                               : "not refused when it was tried again: " + complaint_of(refusal));
    return;
  }
  if (const std::string_view why = beyond_the_reader(text); !why.empty()) {
    tally_.note_refusal(std::string(why));
    return;
  }
  show_other({from.of, from.origin, text, from.sets, true},
             "the reader reads it, and the kernel does not load it: " + complaint);
}

void campaign::run_rules(const rule_source& from, ruleset rules, session& into, std::vector<wire_packet> packets,
                         const judge& by) {
  const judge right(std::move(rules), family_of(from.of.family), host_with(from.sets), nullptr);
  if (chosen_.blind && (by.changes_packets() || by.asks_connection())) {
    tally_.note_refusal("loaded, but not asked blindly: they ask for connections or change packets");
    return;
  }
  tally_.note_rule_set(from.of);
  const std::vector<sent_packet> sent = into.send(packets);
  const sent_packet* first = nullptr;
  std::optional<finding> found;
  for (const sent_packet& one : sent) {
    judgement made = by.compare(one);
    if (chosen_.broken != nullptr && made.difference && right.compare(one).difference) made.difference.reset();
    tally_.note(from.of, made);
    if (!made.difference || first != nullptr) continue;
    first = &one;
    found = std::move(made.difference);
  }
  if (first != nullptr) {
    show(from, by, *first, *found);
  } else if (from.drawn && !chosen_.blind && chosen_.broken == nullptr) {
    check_counters(from, by, into, sent);
    if (case_seed_ / 4 % rule_sets_a_real_one == 0 && can_play_real_traffic(by, from.text))
      run_real_traffic(from, by, into);
  }
}

// Sockets that talk to each other under the rules: connections in every state, and packets that no user has sent. Of what
// a timer sends while it is looked at the trace may be cut short, so a difference counts if it comes again.
void campaign::run_real_traffic(const rule_source& from, const judge& by, session& of) {
  testing::random_choices choices(case_seed_);
  const testing::edges edges = testing::edges::of_firewall(by.rules(), family_of(from.of.family));
  owner users[2];
  for (owner& one : users) {
    do one = testing::draw_packet(choices.source(), edges).owner;
    while (one.socket != socket_kind::user);
  }
  const owner_ids client{users[0].uid, users[0].gid};
  const owner_ids server{users[1].uid, users[1].gid};
  std::optional<session> again;
  for (int tries = 3; tries > 0; --tries) {
    const std::vector<traced_packet> all = (again ? *again : of).watch([&] {
      for (const char* const what : {"rst", "unreachable", "ping", "udp", "tcp"})
        make_real_traffic(what, from.of.family, client, server);
    });
    std::vector<judgement> made;
    for (const traced_packet& one : all) made.push_back(by.compare_real(one, users));
    const auto differs =
        std::find_if(made.begin(), made.end(), [](const judgement& one) { return one.difference.has_value(); });
    if (differs == made.end() || tries == 1) {
      for (const judgement& one : made) tally_.note(from.of, one);
      if (differs == made.end()) return;
      show_other(from, differs->difference->what + ", client " + std::to_string(client.uid) + ", server " +
                           std::to_string(server.uid) + ": kernel " + differs->difference->kernel + ", model " +
                           differs->difference->model);
      return;
    }
    again.emplace(from.of.which, session::options{.traced = true, .conntrack_state = by.asks_connection()});
    if (!again->load(from.of.family, from.text, from.sets).worked()) return;
  }
}

void campaign::check_counters(const rule_source& from, const judge& by, session& of,
                              const std::vector<sent_packet>& sent) {
  packet_counts told = of.traced_counts();
  for (const sent_packet& one : sent) {
    if (!one.seen) continue;
    const judgement made = by.compare(one);
    if (!one.seen->steps_known || !made.skipped.empty() || !made.certain || !by.knows_way(one)) return;
    for (const traced_packet& answer : one.answers)
      if (!answer.steps_known) return;
    // nf_tables names a rule that one of its matches made drop the packet, and does not count it.
    if (const auto step = by.dropped_in_match(one)) {
      const auto at = told.find(*step);
      if (at != told.end() && --at->second == 0) told.erase(at);
    }
  }
  if (by.has_open_questions()) return;
  const packet_counts counted = of.counted();
  if (counted == told) return;
  std::ostringstream words;
  words << "the rules' counters and the traces disagree:";
  for (const auto& [place, count] : counted)
    if (!told.contains(place) || told.at(place) != count)
      words << ' ' << place << " counted " << count << ", traced " << (told.contains(place) ? told.at(place) : 0)
            << ';';
  for (const auto& [place, count] : told)
    if (!counted.contains(place)) words << ' ' << place << " counted 0, traced " << count << ';';
  show_other(from, words.str());
}

bool campaign::still_differs(const rule_source& from, const ruleset& rules, const wire_packet& packet) const {
  const combination& of = from.of;
  const std::string text = cordon::testing::shown(write_ruleset(rules, family_of(of.family)));
  auto known = read_text(of, text, "rules");
  if (!known) return false;
  const judge by(*std::move(known), family_of(of.family), host_with(from.sets), chosen_.broken);
  session again(of.which, {.traced = !chosen_.blind, .conntrack_state = by.asks_connection()});
  if (!again.load(of.family, text, from.sets).worked()) return false;
  const std::vector<sent_packet> sent = again.send({&packet, 1});
  return by.compare(sent[0]).difference.has_value();
}

std::string campaign::write_down(const rule_source& from, const std::string& rules, const std::string& packet) {
  const combination& of = from.of;
  const std::filesystem::path folder = chosen_.keep;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::string name = std::to_string(chosen_.seed) + "-" + std::to_string(shown_);
  const std::string family = of.family == ip_family::v4 ? "v4" : "v6";
  const std::filesystem::path rules_path = folder / (name + "." + family);
  const std::filesystem::path packet_path = folder / (name + ".packets");
  std::ofstream(rules_path) << rules;
  std::ofstream(packet_path) << packet << '\n';
  std::string command = "kernel_differential " + backend_flags(of) + " --" + family + " " + rules_path.string();
  if (!packet.empty()) command += " --packets " + packet_path.string();
  if (!from.sets.empty()) {
    const std::filesystem::path sets_path = folder / (name + ".ipset");
    std::ofstream(sets_path) << from.sets;
    command += " --ipset " + sets_path.string();
  }
  if (chosen_.broken != nullptr) command += " --broken " + std::string(chosen_.broken->name);
  return command;
}

void campaign::show(const rule_source& from, const judge& by, const sent_packet& sent, const finding& found) {
  ++shown_;
  std::cout << "DIFFERENCE " << shown_ << ", " << name_of(from.of) << ", " << from.origin << ": " << found.what << '\n'
            << "  packet: " << packet_line(sent.packet) << '\n'
            << "  kernel: " << found.kernel << '\n'
            << "  model:  " << found.model << '\n';
  if (chosen_.broken != nullptr) {
    found_broken_meaning_ = true;
    return;
  }
  difference least{by.rules().of(family_of(from.of.family)).rulesets[0], sent.packet};
  std::string rules = from.text;
  if (still_differs(from, least.rules, least.packet)) {
    least = shrink(
        std::move(least), family_of(from.of.family),
        [&](const difference& one) { return still_differs(from, one.rules, one.packet); }, most_shrinking_tries);
    rules = cordon::testing::shown(write_ruleset(least.rules, family_of(from.of.family)));
  } else {
    std::cout << "  (not so when the packet comes alone: nothing is left out)\n";
  }
  std::cout << from.sets << rules << packet_line(least.packet) << '\n';
  std::cout << "again: " << write_down(from, rules, packet_line(least.packet)) << '\n';
  if (from.drawn)
    std::cout << "the whole rule set: kernel_differential --seed " << case_seed_
              << " --rule-sets 1 --packets-per-rule-set " << chosen_.packets_per_rule_set << '\n';
  std::cout << std::flush;
}

void campaign::show_other(const rule_source& from, const std::string& what) {
  if (chosen_.broken != nullptr) return;
  ++shown_;
  tally_.note_other_difference(from.of);
  std::cout << "DIFFERENCE " << shown_ << ", " << name_of(from.of) << ", " << from.origin << ": " << what << '\n';
  if (from.drawn) std::cout << from.sets << from.text;
  std::cout << "again: " << write_down(from, from.text, "") << '\n' << std::flush;
}

void campaign::run_own(const std::string& rules, const std::string& packets, ip_family family) {
  for (const combination& of : chosen_.combinations) {
    if (of.family != family) continue;
    const rule_source from{of, rules, content_of(rules),
                           chosen_.sets.empty() ? std::string() : content_of(chosen_.sets)};
    const auto known = read_text(of, from.text, rules);
    if (!known) std::cerr << to_text(known.diagnostics()).view();
    const bool asks_connection =
        known && judge(*known, family_of(of.family), host_with(from.sets), nullptr).asks_connection();
    session loaded(of.which, {.traced = !chosen_.blind, .conntrack_state = asks_connection});
    maybe<ruleset> read_rules = read(from, loaded);
    if (!read_rules) continue;
    const judge by(*read_rules, family_of(family), host_with(from.sets), chosen_.broken);
    if (packets.empty()) {
      testing::random_choices choices(chosen_.seed);
      run_rules(from, *std::move(read_rules), loaded, draw_packets(choices, by, family, chosen_.packets_per_rule_set),
                by);
      continue;
    }
    tally_.note_rule_set(of);
    std::istringstream lines(content_of(packets));
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] == '#') continue;
      wire_packet packet;
      if (const auto wrong = read_packet_line(line, packet)) {
        std::cout << "ERROR " << *wrong << ": " << line << '\n';
        continue;
      }
      if (packet.family != family) continue;
      const std::vector<sent_packet> sent = loaded.send({&packet, 1});
      const judgement made = by.compare(sent[0]);
      tally_.note(of, made);
      if (made.difference) ++shown_;
      std::cout << (made.difference        ? "DIFFERS  "
                    : made.skipped.empty() ? "same     "
                                           : "skipped  ")
                << name_of(of) << "  " << line << '\n'
                << "  kernel: " << by.kernel_words(sent[0]) << '\n'
                << "  model:  " << by.model_words(sent[0]) << '\n';
      if (made.difference && made.difference->what != "verdict" && made.difference->what != "way")
        std::cout << "  " << made.difference->what << ": kernel " << made.difference->kernel << ", model "
                  << made.difference->model << '\n';
      if (!made.skipped.empty()) std::cout << "  not compared: " << made.skipped << '\n';
    }
  }
}

}  // namespace cordon::kernel
