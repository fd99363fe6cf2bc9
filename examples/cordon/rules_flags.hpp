// The flags that say which rules a host has.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <cordon/live/native_chains.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/diagnostic.hpp>

/// `--v4 --v6 --no-v4 --no-v6 --backend --ipset --addresses --live --no-ipsec`.
struct rules_arguments {
  std::vector<std::string> v4, v6;
  std::string backend, ipset, addresses;
  bool no_v4 = false, no_v6 = false, no_ipsec = false, live = false;

  void add_to(CLI::App& command);
  /// `--v4` and `--v6` alone, with `prefix` behind the dashes.
  void add_files_to(CLI::App& command, const std::string& prefix, const std::string& which);
  /// What is said of a host beside its rules, and whose meaning they have; not `--live`.
  void add_facts_to(CLI::App& command);
};

/// The rules of a host, and what there is to say of them.
struct given_rules {
  cordon::firewall rules;
  cordon::sequence<cordon::diagnostic> remarks;          ///< warnings and notes
  cordon::sequence<cordon::native_chain> native_chains;  ///< with --live: those that these rules do not tell
  /// The same text read for the other back end, where a family has one and it reads.
  cordon::firewall on_other_backend;
  bool has_other_backend = false;
};

/// What is told of a host beside its rules, and what there is to say of that.
struct told_host {
  cordon::host_facts facts;
  cordon::sequence<cordon::diagnostic> remarks;
};

/// Reads what files and flags tell. Throws `unusable`, also where a flag for the rules is wrong whatever they are.
told_host read_host(const rules_arguments& from);

/// Reads the rules of such a host, of which the chains of `at` are asked; with --live what the host says of itself too.
/// Throws `unusable`.
given_rules read_rules(const rules_arguments& from, const told_host& host, cordon::hook at = cordon::hook::output);
/// Reads both.
given_rules read_rules(const rules_arguments& from, cordon::hook at = cordon::hook::output);

/// One text of rules, read.
struct read_text {
  cordon::ruleset rules;
  cordon::maybe<cordon::ruleset> on_other_backend;  ///< nothing if the other back end would refuse it
};

/// Reads one file, `legacy:FILE`, `nft:FILE` or FILE; warnings and notes go to `remarks`. Throws `unusable`.
read_text read_rules_file(const std::string& argument, cordon::family of, const std::string& backend,
                          cordon::sequence<cordon::diagnostic>& remarks);
