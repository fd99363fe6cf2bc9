// The flags that say what a sandbox may do.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <cordon/prove/policy.hpp>

/// `--uid --gid --allow --attacker --flows --policy`.
struct policy_arguments {
  std::vector<std::string> uid, gid, allow, attacker, flows, files;

  void add_to(CLI::App& command);
  /// Whether none was given.
  bool empty() const {
    return uid.empty() && gid.empty() && allow.empty() && attacker.empty() && flows.empty() && files.empty();
  }
};

/// The policy that they make, for packets of the hook `at`. Throws `unusable`.
cordon::egress_policy read_policy(const policy_arguments& from, cordon::hook at = cordon::hook::output);

/// The flag `--policy FILE` alone, described by `what`.
void add_policy_files(CLI::App& command, std::vector<std::string>& into, const char* what);

/// The policy that one file makes. Throws `unusable`.
cordon::egress_policy read_policy_file(const std::string& file);
