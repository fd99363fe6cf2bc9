#include "rules_flags.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <cordon/live/read_live.hpp>
#include <cordon/live/run_command.hpp>
#include <cordon/match/set.hpp>
#include <cordon/prove/later_hooks.hpp>
#include <cordon/render/report.hpp>
#include <cordon/text/address_text.hpp>
#include <cordon/text/file.hpp>
#include <cordon/text/ipset_text.hpp>
#include <cordon/text/reader.hpp>

#include "files.hpp"
#include "machine_names.hpp"
#include "unusable.hpp"

namespace {

using cordon::backend;
using cordon::diagnostic;
using cordon::family;
using cordon::join;
using cordon::severity;

void note(cordon::sequence<diagnostic>& into, cordon::text message, std::string_view file = {},
          std::uint32_t line = 0) {
  into.push_back({file, {line, 0}, severity::note, std::move(message)});
}

// The value of what a reader made, its warnings in `remarks`. Throws `unusable`.
template <class T>
T usable(cordon::read_result<T> read, cordon::sequence<diagnostic>& remarks) {
  if (!read) {
    // The error first: what begins a message is its place.
    cordon::sequence<diagnostic> errors;
    for (const diagnostic& one : read.diagnostics())
      if (one.severity == severity::error) errors.push_back(one);
    throw unusable(std::move(errors));
  }
  remarks.append(read.diagnostics());
  return std::move(*read);
}

// Reads a second time, for the other back end.
cordon::maybe<cordon::ruleset> read_for_other(std::string_view content, const cordon::ruleset& read, family of,
                                              cordon::sequence<diagnostic>& remarks) {
  const backend other = read.backend == backend::nft ? backend::legacy : backend::nft;
  auto again =
      cordon::read_ruleset(content, {.family = of, .backend = other, .file = read.file, .names = &machine_names()});
  if (again) return std::move(*again);
  diagnostic refused = again.diagnostics().back();
  refused.severity = severity::note;
  refused.message = join(name_of(other), " would refuse this: ", refused.message);
  remarks.push_back(std::move(refused));
  return cordon::no_value;
}

read_text read_content(std::string_view content, std::string_view file, family of, cordon::maybe<backend> which,
                       cordon::sequence<diagnostic>& remarks) {
  auto read = cordon::read_ruleset(content, {.family = of, .backend = which, .file = file, .names = &machine_names()});
  read_text made{usable(std::move(read), remarks), cordon::no_value};
  if (made.rules.empty())
    note(remarks, join("holds no rules, and so everything of ", title_of(of), " is accepted"), file);
  made.on_other_backend = read_for_other(content, made.rules, of, remarks);
  return made;
}

cordon::maybe<backend> read_backend(const std::string& written) {
  if (written.empty()) return cordon::no_value;
  if (written == "legacy") return backend::legacy;
  if (written == "nft") return backend::nft;
  throw unusable(join("--backend: \"", written, "\" is no back end: write legacy or nft"));
}

void add_family(given_rules& host, const std::vector<std::string>& files, bool absent, family of,
                const std::string& backend_name) {
  cordon::family_rules& into = host.rules.of(of);
  if (absent && !files.empty())
    throw unusable(join("--no-", name_of(of), " and --", name_of(of), " exclude each other"));
  if (absent) into = host.on_other_backend.of(of) = cordon::family_rules::none();
  if (files.size() > 2) throw unusable(join("--", name_of(of), " is given more than twice: a host has two back ends"));
  for (const std::string& file : files)
    if (files.size() == 2 && !file.starts_with("legacy:") && !file.starts_with("nft:"))
      throw unusable(join("--", name_of(of), " is given twice: write legacy:FILE and nft:FILE"));
  for (const std::string& file : files) {
    read_text one = read_rules_file(file, of, backend_name, host.remarks);
    into.rulesets.push_back(std::move(one.rules));
    // What the other back end refuses, or holds beside, stays as it is.
    const bool flips = files.size() == 1 && one.on_other_backend && !one.on_other_backend->empty();
    host.on_other_backend.of(of).rulesets.push_back(flips ? std::move(*one.on_other_backend) : into.rulesets.back());
    host.has_other_backend = host.has_other_backend || flips;
  }
  if (into.rulesets.size() == 2 && into.rulesets[0].backend == into.rulesets[1].backend)
    throw unusable(join("--", name_of(of), " is given twice for ", name_of(into.rulesets[0].backend),
                        ": one file for each back end"));
}

// A file that was named goes before what the host would say.
void add_live(given_rules& into, const rules_arguments& from) {
  auto host = cordon::read_live(cordon::run_command, {.no_v4 = from.no_v4,
                                                      .no_v6 = from.no_v6,
                                                      .without_ipsec = from.no_ipsec,
                                                      .read_sets = from.ipset.empty(),
                                                      .read_addresses = from.addresses.empty(),
                                                      .names = &machine_names()});
  for (const diagnostic& one : host.diagnostics()) {
    into.remarks.push_back(one);
    if (one.file.empty()) into.remarks.back().message = join("--live: ", one.message);
  }
  if (!host) throw unusable(into.remarks);
  into.rules = std::move(host->rules);
  into.native_chains = std::move(host->native_chains);
}

void note_later_rules(given_rules& into, cordon::hook behind) {
  cordon::sequence<cordon::later_rule> rules = cordon::later_rules(into.rules, behind);
  for (std::size_t i = 0; i < rules.size();) {
    std::size_t same = i;
    while (same < rules.size() && rules[same].hook == rules[i].hook && rules[same].at.family == rules[i].at.family)
      ++same;
    cordon::text words =
        join("behind ", name_of(behind), ", in ", name_of(rules[i].hook), ", ", cordon::place_in_words(rules[i].at),
             rules[i].rewrites ? " may rewrite" : " may drop", " what ", name_of(behind), " let out");
    if (same - i > 1) words.append(", and so may ").append_number(same - i - 1).append(" more rules there");
    words.append("; this is not judged");
    note(into.remarks, std::move(words), rules[i].at.file, rules[i].at.line);
    i = same;
  }
}

// How many members of sets the rules may ask for in all, a set's once for each rule that names it: each such rule becomes as
// many tests, of a few hundred bytes.
constexpr std::size_t most_members_asked = std::size_t{1} << 21;

// How often the rules name each set.
std::unordered_map<std::string_view, std::size_t> questions_of_sets(const cordon::firewall& rules) {
  std::unordered_map<std::string_view, std::size_t> made;
  for (const family of : cordon::both_families)
    for (const cordon::ruleset& read : rules.of(of).rulesets)
      for (const cordon::table& table : read.tables)
        for (const cordon::chain& chain : table.chains)
          for (const cordon::rule& rule : chain.rules)
            for (const cordon::match& one : rule.matches)
              if (one.extension == &cordon::set_match)
                if (const auto* const named = find_option(one.options, cordon::set_option::match_set))
                  ++made[named->words];
  return made;
}

// Sets that the rules ask too much of are taken as if nobody had told what is in them, those that take the most first: what they
// hold is unknown then, and no answer hangs on it unsaid.
void forget_large_sets(given_rules& from, std::string_view file) {
  cordon::sequence<cordon::address_set>& sets = from.rules.host.sets;
  if (sets.empty()) return;
  const auto asked = questions_of_sets(from.rules);
  std::unordered_map<std::string_view, std::size_t> members;
  for (const cordon::address_set& one : sets) members[one.name] = one.members.size();
  struct question {
    cordon::address_set* of;
    std::size_t times;
    std::size_t members;
  };
  std::vector<question> questions;
  std::size_t all = 0;
  for (cordon::address_set& one : sets) {
    const auto found = asked.find(one.name);
    if (found == asked.end()) continue;
    std::size_t held = one.members.size();
    for (const cordon::text& listed : one.lists)
      if (const auto inside = members.find(listed); inside != members.end()) held += inside->second;
    questions.push_back({&one, found->second, held});
    all += found->second * held;
  }
  std::sort(questions.begin(), questions.end(), [](const question& a, const question& b) {
    const std::size_t one = a.times * a.members;
    const std::size_t other = b.times * b.members;
    return one != other ? one > other : a.of < b.of;  // in the order of the text
  });
  for (const question& one : questions) {
    if (all <= most_members_asked) return;
    all -= one.times * one.members;
    cordon::address_set& set = *one.of;
    from.remarks.push_back(
        {file,
         {},
         severity::warning,
         join("too large: the set '", set.name, "' has ", cordon::decimal(one.members), " members and ",
              cordon::decimal(one.times), " rules ask for it, and ", cordon::decimal(most_members_asked),
              " members are asked for in all at most: what is in it stays unknown")});
    set.lists_expire = set.expires();
    set.kind = cordon::set_kind::other;
    set.counts = true;
    set.members.clear();  // its lists stay: a SET target that changes a list changes the sets in it
  }
}

}  // namespace

void rules_arguments::add_files_to(CLI::App& command, const std::string& prefix, const std::string& which) {
  const auto file = [&](const std::string& name, auto& into, const std::string& what) {
    command.add_option("--" + prefix + name, into, what)->allow_extra_args(false)->type_name("FILE")->group("Rules");
  };
  file("v4", v4, which + "IPv4 rules: iptables-save text; - is standard input; legacy:FILE and nft:FILE for both");
  file("v6", v6, which + "IPv6 rules: ip6tables-save text");
}

void rules_arguments::add_facts_to(CLI::App& command) {
  const auto file = [&](const char* name, auto& into, const char* what) {
    command.add_option(name, into, what)->allow_extra_args(false)->type_name("FILE")->group("Rules");
  };
  const auto flag = [&](const char* name, bool& into, const char* what) {
    command.add_flag(name, into, what)->group("Rules");
  };
  flag("--no-v4", no_v4, "the host has no IPv4");
  flag("--no-v6", no_v6, "the host has no IPv6");
  command.add_option("--backend", backend, "whose meaning (default: what the file's header says, else nft)")
      ->type_name("legacy|nft")
      ->group("Rules");
  file("--ipset", ipset, "ipset save text: the sets that -m set names; rules may ask for 2097152 members in all");
  file("--addresses", addresses, "ip -o addr text, and local routes: the host's own addresses");
  flag("--no-ipsec", no_ipsec, "the host has no IPsec policy");
}

void rules_arguments::add_to(CLI::App& command) {
  add_files_to(command, "", "");
  add_facts_to(command);
  command
      .add_flag("--live", live, "the rules of this host, as root: runs iptables-save, ip6tables-save, nft and others")
      ->group("Rules");
}

read_text read_rules_file(const std::string& argument, family of, const std::string& backend_name,
                          cordon::sequence<diagnostic>& remarks) {
  cordon::maybe<backend> which = read_backend(backend_name);
  std::string file = argument;
  for (const backend one : {backend::legacy, backend::nft}) {
    const std::string prefix = std::string(name_of(one)) + ":";
    if (!argument.starts_with(prefix)) continue;
    if (which && *which != one)
      throw unusable(join("--backend ", backend_name, " contradicts ", argument, ": leave one of them out"));
    which = one;
    file = argument.substr(prefix.size());
  }
  if (file.empty()) throw unusable(join("--", name_of(of), ": the name of a file is missing"));
  return read_content(read_input(file), cordon::shown_file_name(file), of, which, remarks);
}

told_host read_host(const rules_arguments& from) {
  told_host made;
  read_backend(from.backend);
  made.facts.without_ipsec = from.no_ipsec;
  if (!from.ipset.empty())
    made.facts.sets =
        usable(cordon::read_sets(read_input(from.ipset), cordon::shown_file_name(from.ipset)), made.remarks);
  if (!from.addresses.empty())
    made.facts.addresses = usable(
        cordon::read_addresses(read_input(from.addresses), cordon::shown_file_name(from.addresses)), made.remarks);
  return made;
}

given_rules read_rules(const rules_arguments& from, const told_host& host, cordon::hook at) {
  given_rules made;
  if (from.live) {
    if (at != cordon::hook::output)
      throw unusable(
          "--live and --chain exclude each other: nft's own chains are looked for on the output hook alone; save the rules to files");
    if (!from.v4.empty() || !from.v6.empty()) throw unusable("--live and files of rules exclude each other");
    if (!from.backend.empty()) throw unusable("--live and --backend exclude each other: the host has what it has");
    add_live(made, from);
  } else {
    add_family(made, from.v4, from.no_v4, family::ipv4, from.backend);
    add_family(made, from.v6, from.no_v6, family::ipv6, from.backend);
  }
  if (!from.live) {
    made.rules.host = host.facts;
  } else {  // a file that was named goes before what the host says
    if (!from.ipset.empty()) made.rules.host.sets = host.facts.sets;
    if (!from.addresses.empty()) made.rules.host.addresses = host.facts.addresses;
  }
  forget_large_sets(made, from.ipset.empty() ? std::string_view{} : cordon::shown_file_name(from.ipset));
  made.on_other_backend.host = made.rules.host;
  made.remarks.append(host.remarks);
  made.remarks.append(machine_name_warnings());
  note_later_rules(made, at);
  return made;
}

given_rules read_rules(const rules_arguments& from, cordon::hook at) { return read_rules(from, read_host(from), at); }
