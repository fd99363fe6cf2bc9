#include "rule_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace cordon::kernel {
namespace {

const std::filesystem::path fixtures_folder = "tests/fixtures";
const std::filesystem::path corpus_folder = "../shared/corpus";

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t at = 0;
  while (true) {
    const auto tab = line.find('\t', at);
    cells.push_back(line.substr(at, tab == std::string::npos ? tab : tab - at));
    if (tab == std::string::npos) return cells;
    at = tab + 1;
  }
}

bool was_loaded(const std::string& cell) { return cell.find("; load ok") != std::string::npos; }

}  // namespace

std::vector<rule_file> fixtures() {
  std::vector<rule_file> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fixtures_folder)) {
    const std::string path = entry.path().string();
    const bool v4 = path.ends_with(".v4");
    if (!v4 && !path.ends_with(".v6")) continue;
    rule_file made{path, v4 ? ip_family::v4 : ip_family::v6, {}};
    if (path.find(".nft.") != std::string::npos) made.which = back_end::nft;
    if (path.find(".legacy.") != std::string::npos) made.which = back_end::legacy;
    all.push_back(std::move(made));
  }
  std::sort(all.begin(), all.end(), [](const rule_file& a, const rule_file& b) { return a.path < b.path; });
  return all;
}

std::optional<std::vector<rule_file>> corpus() {
  std::ifstream list(corpus_folder / "MANIFEST.tsv");
  if (!list) return std::nullopt;
  std::string line;
  std::getline(list, line);
  std::map<std::string, std::size_t> column;
  const std::vector<std::string> heads = cells_of(line);
  for (std::size_t at = 0; at < heads.size(); ++at) column[heads[at]] = at;
  std::vector<rule_file> all;
  while (std::getline(list, line)) {
    const std::vector<std::string> cells = cells_of(line);
    const auto cell = [&](const char* name) { return cells.at(column.at(name)); };
    const std::string family = cell("family");
    if (family != "v4" && family != "v6") continue;
    rule_file made{
        (corpus_folder / cell("category") / cell("name")).string(), family == "v4" ? ip_family::v4 : ip_family::v6, {}};
    const bool legacy = was_loaded(cell("restore_legacy"));
    const bool nft = was_loaded(cell("restore_nft"));
    if (!legacy && !nft) continue;
    if (legacy != nft) made.which = legacy ? back_end::legacy : back_end::nft;
    all.push_back(std::move(made));
  }
  return all;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace cordon::kernel
