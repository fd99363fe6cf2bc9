// The flag that says through which built-in chains packets go.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <cordon/rule/hook.hpp>

/// `--chain`.
struct chain_argument {
  std::string name = "OUTPUT";

  void add_to(CLI::App& command);
  /// The hook of the chain. Throws `unusable` if it is none of filter's.
  cordon::hook at() const;
};
