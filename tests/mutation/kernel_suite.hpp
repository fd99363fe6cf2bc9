// The tables of tests/kernel/edges, whose rules are held against the live kernel: the uses that they make of
// their extensions, and whether kernel.edges would notice a mistake in one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../kernel/edge_rules.hpp"
#include "../kernel/tally.hpp"
#include "meaning.hpp"
#include "mutants.hpp"

namespace cordon::mutation {

/// What a rule of a table says with the table's extension.
struct edge_use {
  std::size_t rule = 0;  ///< its place among those that can be loaded there
  std::string words = {};
  meaning says = {};
  std::string shape = {};
};

/// The table of one extension, for one family and back end.
class edge_suite {
 public:
  /// Nothing if there is no such table, or no rule of it can be loaded there. Throws std::runtime_error if it
  /// cannot be read.
  template <class Extension>
  static std::optional<edge_suite> of(const Extension& subject, const kernel::combination& where);

  edge_suite(edge_suite&&) noexcept;
  edge_suite& operator=(edge_suite&&) noexcept;
  ~edge_suite();

  const std::vector<edge_use>& uses() const;
  /// Whether packets around the edges of some rule with that shape show the mistake: the test would draw them
  /// around what the mistake makes of the rule. The rules are loaded when they are first asked, into a
  /// network namespace that this process is in from then on, so one table at a time. Throws
  /// std::runtime_error if the kernel refuses them.
  bool notices(const mutant& mistake, const std::string& shape);

 private:
  struct inside;
  explicit edge_suite(std::unique_ptr<inside> of);
  std::unique_ptr<inside> inside_;
};

/// Why the kernel cannot be asked here; nothing if it can, with both back ends.
std::optional<std::string> obstacle_to_kernel();

}  // namespace cordon::mutation
