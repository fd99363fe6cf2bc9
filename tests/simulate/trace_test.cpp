#include <cordon/simulate/trace.hpp>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("a step is printed as table, chain, kind and number") {
  using enum way_step::kind;
  CHECK(to_text(way_step{table_name::filter, "OUTPUT", rule, 2}) == "filter:OUTPUT:rule:2");
  CHECK(to_text(way_step{table_name::raw, "A-b_c", return_, 1}) == "raw:A-b_c:return:1");
  CHECK(to_text(way_step{table_name::security, "OUTPUT", policy, 10001}) == "security:OUTPUT:policy:10001");
}

TEST_CASE("an uncertain step has a question mark behind it") {
  const way_step step{table_name::nat, "OUTPUT", way_step::kind::rule, 3, true};
  CHECK(to_text(step) == "nat:OUTPUT:rule:3?");
}

TEST_CASE("steps are printed with one blank between") {
  const way_step step{table_name::nat, "OUTPUT", way_step::kind::rule, 3};
  CHECK(to_text(sequence<way_step>{}) == "");
  CHECK(to_text(sequence<way_step>{step, step}) == "nat:OUTPUT:rule:3 nat:OUTPUT:rule:3");
}
