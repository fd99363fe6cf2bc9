// The implementation of Catch2 2, which is a header, is made here; Catch2 3 is a library.
#define CATCH_CONFIG_RUNNER
#include "unit_suite.hpp"

#include <string_view>
#include <utility>

#include "../catch.hpp"
#include "../kernel/edge_rules.hpp"
#include "../match/extension_use.hpp"

namespace cordon::mutation {
namespace {

meaning_change listening;

template <class Extension, class Meaning>
bool tell(const Extension& of, family in, Meaning& made) {
  meaning now = std::move(made);
  const bool is_changed = listening(kernel::edge_table_of(of), in, now);
  made = std::get<Meaning>(std::move(now));
  return is_changed;
}

/// A name as a test specification, in which some characters mean something.
std::string quoted(const std::string& name) {
  std::string made;
  for (const char one : name) {
    if (std::string_view(",[]\"\\*").find(one) != std::string_view::npos) made += '\\';
    made += one;
  }
  return made;
}

Catch::ConfigData configuration() {
  Catch::ConfigData made;
  made.abortAfter = 1;
#if CATCH_VERSION_MAJOR >= 3
  made.warnings = Catch::WarnAbout::UnmatchedTestSpec;
  made.defaultOutputFilename = "/dev/null";
#else
  made.warnings = Catch::WarnAbout::NoTests;
  made.outputFilename = "/dev/null";
  made.reporterName = "compact";  // the usual one breaks lines, and gives up on some
#endif
  return made;
}

}  // namespace

std::string current_test() { return Catch::getResultCapture().getCurrentTestName(); }

bool tests_pass(const std::set<std::string>& tests, meaning_change listen, bool only_changed) {
  static Catch::Session session;
  Catch::ConfigData chosen = configuration();
  for (const std::string& one : tests) {
    if (!chosen.testsOrTags.empty()) chosen.testsOrTags.emplace_back(",");
    chosen.testsOrTags.push_back(quoted(one));
  }
  session.useConfigData(chosen);
  listening = std::move(listen);
  test::listener = {&tell<match_extension, match_meaning>, &tell<target_extension, effect>, only_changed};
  const int failures = session.run();
  test::listener = {};
  return failures == 0;
}

}  // namespace cordon::mutation
