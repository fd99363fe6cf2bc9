#include <z3++.h>

#include <vector>

#include "formula.hpp"
#include "solvers.hpp"

namespace cordon::bench {
namespace {

class z3_terms {
 public:
  z3_terms() {
    const char* const names[] = {"s", "d", "S", "D", "p"};
    for (unsigned i = 0; i < 5; ++i) fields.push_back(context.bv_const(names[i], field_widths[i]));
  }

  z3::expr constant(bool value) { return context.bool_val(value); }
  z3::expr both(const z3::expr& a, const z3::expr& b) { return a && b; }
  z3::expr either(const z3::expr& a, const z3::expr& b) { return a || b; }
  z3::expr negation(const z3::expr& a) { return !a; }
  z3::expr if_else(const z3::expr& condition, const z3::expr& a, const z3::expr& b) { return z3::ite(condition, a, b); }
  z3::expr between(unsigned field, std::uint32_t low, std::uint32_t high) {
    const auto number = [&](std::uint32_t value) { return context.bv_val(std::uint64_t{value}, field_widths[field]); };
    if (low == high) return fields[field] == number(low);
    return z3::uge(fields[field], number(low)) && z3::ule(fields[field], number(high));
  }

  z3::context context;
  std::vector<z3::expr> fields;
};

}  // namespace

solver_answer ask_z3(const rule_set& about, unsigned most_seconds) {
  z3_terms terms;
  z3::solver solver(terms.context, "QF_BV");
  solver.set("timeout", most_seconds * 1000);
  solver.add(formula<z3_terms, z3::expr>(terms).leak(about));
  switch (solver.check()) {
    case z3::unsat: return {solver_answer::kind::none};
    case z3::unknown: return {solver_answer::kind::gave_up};
    default: break;
  }
  const z3::model model = solver.get_model();
  const auto value = [&](unsigned i) {
    return static_cast<std::uint32_t>(model.eval(terms.fields[i], true).get_numeral_uint64());
  };
  return {solver_answer::kind::leak, {value(0), value(1), value(2), value(3), value(4)}};
}

}  // namespace cordon::bench
