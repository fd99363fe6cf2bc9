// Tables of rules at the edges of what an extension can say, one file an extension: tests/kernel/edges/<extension>.txt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tally.hpp"

namespace cordon::kernel {

/// One line of a table: a rule without its chain, and where it can be loaded.
struct edge_rule {
  std::string words;  ///< "-p tcp -m tcp --dport 80"
  std::string table = "filter";
  std::optional<ip_family> family = {};
  std::optional<back_end> which = {};
  unsigned line = 0;
  bool open = false;          ///< something of it no packet decides
  std::string left_out = {};  ///< no rule: an option of which the table has none

  bool is_for(const combination& of) const {
    return left_out.empty() && (!family || *family == of.family) && (!which || *which == of.which);
  }
};

/// Reads a table. A line is a rule, or begins with # and says why; before a rule may stand, each with a blank behind it,
/// `v4` or `v6`, `legacy` or `nft`, and `table=NAME`: where alone it can be loaded. `without OPTION` says that the table
/// has no rule with it. Nothing if there is no such file. Throws std::runtime_error if one cannot be read.
std::optional<std::vector<edge_rule>> read_edge_table(const std::string& name);

/// The rules that can be loaded there.
std::vector<edge_rule> rules_for(const std::vector<edge_rule>& table, const combination& of);

/// The words of `names` that stand in no rule of the table as they are; a word that begins with "! " is looked for as
/// negated.
std::vector<std::string> words_missing(const std::vector<edge_rule>& table, const std::vector<std::string>& names);

}  // namespace cordon::kernel
