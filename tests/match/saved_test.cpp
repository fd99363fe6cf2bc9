#include <cordon/match/saved.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
std::string shown(std::initializer_list<std::pair<const match_extension*, const char*>> uses, backend of) {
  const meaning_context context{.backend = of, .protocol = just(protocol::tcp)};
  sequence<match> matches;
  for (const auto& [extension, words] : uses)
    matches.push_back({extension, text(extension->name), read_use(*extension, words, context).options, {}});
  std::string line;
  for (const match& one : saved_matches(matches, context)) {
    if (!line.empty()) line += ' ';
    const std::string options = written(*one.extension, one.options, context.family);
    line += "-m " + std::string(one.name.view()) + (options.empty() ? "" : " ") + options;
  }
  return line;
}
}  // namespace

TEST_CASE("legacy shows every match, nft merges the byte comparisons of tcp where the first of them stands") {
  const auto show = [](backend of) {
    return shown({{&tcp_match, "--dport 1"}, {&comment_match, "--comment a"}, {&tcp_match, "--sport 2"}}, of);
  };
  CHECK(show(backend::legacy) == "-m tcp --dport 1 -m comment --comment a -m tcp --sport 2");
  CHECK(show(backend::nft) == "-m tcp --sport 2 --dport 1 -m comment --comment a");
}

TEST_CASE("of two ports nft shows the last, though both are compared") {
  CHECK(shown({{&tcp_match, "--dport 1:9"}, {&tcp_match, "--dport 2:5"}}, backend::nft) == "-m tcp --dport 2:5");
  CHECK(shown({{&tcp_match, ""}, {&tcp_match, ""}}, backend::nft) == "-m tcp -m tcp");
}

TEST_CASE("nft does not show a match that it made no comparison of") {
  CHECK(shown({{&tcp_match, "! --dport 0:65535"}, {&comment_match, "--comment a"}}, backend::nft) ==
        "-m comment --comment a");
}
