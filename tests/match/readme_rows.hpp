// Tables of a page, and what heads of headers say: for the tests that hold one against the other.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "../catch.hpp"

namespace readme {
inline std::string content_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What is before the first line of code: the essay.
inline std::string head_of(const std::string& path) {
  const std::string all = content_of(path);
  std::string head;
  for (std::size_t at = 0; at < all.size() && all.compare(at, 2, "//") == 0;) {
    const std::size_t end = all.find('\n', at);
    head += all.substr(at + 2, end - at - 2);
    at = end + 1;
  }
  return head;
}

inline std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  for (std::size_t at = 1; at < row.size();) {
    const std::size_t end = row.find('|', at);
    if (end == std::string::npos) break;
    const std::size_t first = row.find_first_not_of(' ', at);
    const std::size_t last = row.find_last_not_of(' ', end - 1);
    cells.push_back(first >= end ? "" : row.substr(first, last + 1 - first));
    at = end + 1;
  }
  return cells;
}

// The rows whose first cell is a link, by the words of the link.
inline std::map<std::string, std::vector<std::string>> rows_of(const std::string& page) {
  std::map<std::string, std::vector<std::string>> rows;
  std::ifstream file(page);
  REQUIRE(file);
  for (std::string line; std::getline(file, line);)
    if (line.rfind("| [", 0) == 0) CHECK(rows.emplace(line.substr(3, line.find(']') - 3), cells_of(line)).second);
  return rows;
}

// How many words in backquotes a cell has; each must stand in `head`.
inline std::size_t quoted_words_in(const std::string& cell, const std::string& head) {
  std::size_t quoted = 0;
  for (std::size_t at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
    const std::size_t end = cell.find('`', at + 1);
    REQUIRE(end != std::string::npos);
    const std::string word = cell.substr(at + 1, end - at - 1);
    CAPTURE(word);
    CHECK(head.find(word) != std::string::npos);
    ++quoted;
    at = end;
  }
  return quoted;
}
}  // namespace readme
