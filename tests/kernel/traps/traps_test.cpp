// The surprises and traps of netfilter, one by one: each in a sentence, shown on the kernel, with cordon agreeing;
// and the list of them in tests/kernel/README.md, which must name every one, and no test that does not exist.
//
// Themes on the command line (`owner nat`) are shown alone.

#include <algorithm>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "demonstration.hpp"
#include "list.hpp"
#include "prerequisites.hpp"
#include "rule_files.hpp"

namespace {

using namespace cordon::kernel;

const std::filesystem::path folder = "tests/kernel";
constexpr std::string_view heading = "## Surprises and traps, one by one";
constexpr std::string_view arrow = " → ";
constexpr std::string_view not_shown = "not shown: ";

/// What is wrong with a place that the list says a trap is shown at; empty if nothing.
std::string wrong_with(const std::string& place, const std::string& sentence,
                       const std::map<std::string, std::string>& themes) {
  if (place.starts_with("traps/") && place.find('.') == std::string::npos) {
    const auto found = themes.find(sentence);
    if (found == themes.end()) return "no trap says so";
    return found->second == place.substr(6) ? "" : "it is shown in traps/" + found->second;
  }
  const auto colon = place.find(": ");
  const std::string file = place.substr(0, colon);
  if (!std::filesystem::exists(folder / file)) return "there is no " + file;
  if (colon == std::string::npos) return "";
  const std::string wanted = place.substr(colon + 2);
  return content_of((folder / file).string()).find(wanted) == std::string::npos
             ? "nothing in it says \"" + wanted + "\""
             : "";
}

/// Holds the README's list against the traps and the tests.
std::size_t check_list() {
  std::map<std::string, std::string> themes;
  for (const theme& one : all_themes)
    for (const trap& each : one.traps()) themes.emplace(each.sentence, one.name);
  std::istringstream lines(content_of((folder / "README.md").string()));
  std::size_t failures = 0;
  std::size_t listed = 0;
  std::size_t without_test = 0;
  bool inside = false;
  std::map<std::string, int> seen;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) inside = line == heading;
    if (!inside || !line.starts_with("- ")) continue;
    ++listed;
    const auto at = line.rfind(arrow);
    const std::string sentence = line.substr(2, at == std::string::npos ? at : at - 2);
    const std::string places = at == std::string::npos ? "" : line.substr(at + arrow.size());
    ++seen[sentence];
    if (places.starts_with(not_shown)) {
      ++without_test;
      continue;
    }
    std::istringstream from(places);
    std::size_t count = 0;
    for (std::string place; std::getline(from, place, ';'); ++count) {
      if (place.starts_with(" ")) place.erase(0, 1);
      if (const std::string why = wrong_with(place, sentence, themes); !why.empty()) {
        std::cout << "README.md: " << sentence << ": " << place << ": " << why << '\n';
        ++failures;
      }
    }
    if (count == 0) {
      std::cout << "README.md: " << sentence << ": no test\n";
      ++failures;
    }
  }
  for (const auto& [sentence, theme_name] : themes) {
    if (seen[sentence] == 1) continue;
    std::cout << "README.md does not list once: " << sentence << arrow << "traps/" << theme_name << '\n';
    ++failures;
  }
  if (listed == 0) {
    std::cout << "README.md has no list below \"" << heading << "\"\n";
    ++failures;
  }
  std::cout << "README.md lists " << listed << ", of which " << without_test << " have no test, and say why\n";
  return failures;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string_view> only(values + 1, values + count);
  std::size_t failures = 0;
  std::size_t traps = 0;
  std::size_t shown = 0;
  std::size_t skipped = 0;
  std::size_t checks = 0;
  if (only.empty()) failures += check_list();
  const auto ended = [&](bool complete) {
    std::cout << traps << " traps shown " << shown << " times, " << skipped << " times skipped, " << checks
              << " checks, " << failures << " failures\n";
    return failures > 0 ? 1 : complete && skipped == 0 ? 0 : 77;
  };
  if (const auto why = obstacle()) {
    std::cout << "SKIP: " << *why << '\n';
    return ended(false);
  }
  std::vector<combination> all;
  bool complete = true;
  for (const combination& of : all_combinations) {
    const auto why = obstacle(of.which);
    if (!why) {
      all.push_back(of);
    } else if (of.family == ip_family::v4) {
      std::cout << "SKIP: " << *why << '\n';
      complete = false;
    }
  }
  for (const theme& one : all_themes) {
    if (!only.empty() && std::find(only.begin(), only.end(), one.name) == only.end()) continue;
    for (const trap& each : one.traps()) {
      ++traps;
      for (const combination& of : all) {
        if (!each.where.fits(of)) continue;
        ++shown;
        demonstration on(of);
        std::vector<std::string> wrong;
        try {
          each.shows(on);
        } catch (const lacking& why) {
          std::cout << "SKIP: " << one.name << ", " << name_of(of) << ": " << each.sentence << ": " << why.what()
                    << '\n';
          ++skipped;
          continue;
        } catch (const std::exception& error) {
          wrong.emplace_back(error.what());
        }
        checks += on.checks();
        if (on.checks() == 0 && wrong.empty()) wrong.emplace_back("nothing was checked");
        wrong.insert(wrong.begin(), on.failures().begin(), on.failures().end());
        failures += wrong.size();
        if (!wrong.empty()) std::cout << one.name << ", " << name_of(of) << ": " << each.sentence << '\n';
        for (const std::string& what : wrong) std::cout << "  " << what << '\n';
      }
    }
  }
  return ended(complete);
}
