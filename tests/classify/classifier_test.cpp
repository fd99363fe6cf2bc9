#include <cordon/classify/classifier.hpp>

#include <string>
#include <vector>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../simulate/examples.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// Every way to look up that this machine has.
std::vector<vector_unit> units_here() {
  std::vector<vector_unit> all{vector_unit::none};
  if (best_vector_unit() != vector_unit::none) all.push_back(vector_unit::avx2);
  if (best_vector_unit() == vector_unit::avx512) all.push_back(vector_unit::avx512);
  return all;
}

bool is_as_simulated(const classification& answer, const outcome& expected) {
  if (answer.verdict != expected.verdict || answer.has_place != expected.decided_by.has_value()) return false;
  return !answer.has_place ||
         (answer.at == expected.decided_by->at && answer.source == expected.decided_by->source &&
          answer.in_match == expected.decided_by->in_match);
}

}  // namespace

TEST_CASE("a compiled firewall says of every packet what the simulator says") {
  const auto holds = [](const firewall& rules) {
    std::vector<classifier> compiled;
    for (const vector_unit unit : units_here()) compiled.emplace_back(rules, unit);
    const testing::packets_near packets(rules);
    for (int i = 0; i < 50; ++i) {
      const packet sent = *packets;
      const outcome expected = simulate(compile(rules, sent.family), sent);
      for (const classifier& one : compiled) RC_ASSERT(is_as_simulated(one.classify(sent), expected));
    }
  };
  rc::prop("rules of all tables", [&] { holds(*testing::firewalls()); });
  rc::prop("what no packet decides, and both back ends", [&] {
    holds(*testing::firewalls({.with_opaque = true, .with_both_backends = true}));
  });
  rc::prop("the filter table alone", [&] { holds(*testing::firewalls({.tables = testing::only_filter, .most_rules = 20})); });
}
