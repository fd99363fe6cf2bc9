// Rule sets in files: the project's fixtures, the corpus beside the project, a user's own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tally.hpp"

namespace cordon::kernel {

struct rule_file {
  std::string path;
  std::optional<ip_family> family = {};
  std::optional<back_end> which = {};  ///< nothing: either
};

/// The rule sets below tests/fixtures, from the project's root.
std::vector<rule_file> fixtures();

/// The rule sets of ../shared/corpus that its list calls loadable; nothing if there is no such folder.
std::optional<std::vector<rule_file>> corpus();

/// The content of a file. Throws std::runtime_error if it cannot be read.
std::string content_of(const std::string& path);

}  // namespace cordon::kernel
