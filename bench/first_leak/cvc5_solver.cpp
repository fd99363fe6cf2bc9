#include <cvc5/cvc5.h>

#include <string>
#include <vector>

#include "formula.hpp"
#include "solvers.hpp"

namespace cordon::bench {
namespace {

using cvc5::Kind;
using cvc5::Term;

class cvc5_terms {
 public:
  cvc5_terms() {
    const char* const names[] = {"s", "d", "S", "D", "p"};
    for (unsigned i = 0; i < 5; ++i)
      fields.push_back(solver.mkConst(solver.mkBitVectorSort(field_widths[i]), names[i]));
  }

  Term constant(bool value) { return solver.mkBoolean(value); }
  Term both(const Term& a, const Term& b) { return solver.mkTerm(Kind::AND, {a, b}); }
  Term either(const Term& a, const Term& b) { return solver.mkTerm(Kind::OR, {a, b}); }
  Term negation(const Term& a) { return solver.mkTerm(Kind::NOT, {a}); }
  Term if_else(const Term& condition, const Term& a, const Term& b) {
    return solver.mkTerm(Kind::ITE, {condition, a, b});
  }
  Term between(unsigned field, std::uint32_t low, std::uint32_t high) {
    const auto number = [&](std::uint32_t value) { return solver.mkBitVector(field_widths[field], value); };
    if (low == high) return solver.mkTerm(Kind::EQUAL, {fields[field], number(low)});
    return both(solver.mkTerm(Kind::BITVECTOR_UGE, {fields[field], number(low)}),
                solver.mkTerm(Kind::BITVECTOR_ULE, {fields[field], number(high)}));
  }

  cvc5::Solver solver;
  std::vector<Term> fields;
};

}  // namespace

solver_answer ask_cvc5(const rule_set& about, unsigned most_seconds) {
  cvc5_terms terms;
  terms.solver.setLogic("QF_BV");
  terms.solver.setOption("produce-models", "true");
  terms.solver.setOption("tlimit-per", std::to_string(most_seconds * 1000));
  terms.solver.assertFormula(formula<cvc5_terms, Term>(terms).leak(about));
  const cvc5::Result result = terms.solver.checkSat();
  if (result.isUnsat()) return {solver_answer::kind::none};
  if (!result.isSat()) return {solver_answer::kind::gave_up};
  const auto value = [&](unsigned i) {
    return static_cast<std::uint32_t>(std::stoul(terms.solver.getValue(terms.fields[i]).getBitVectorValue(10)));
  };
  return {solver_answer::kind::leak, {value(0), value(1), value(2), value(3), value(4)}};
}

}  // namespace cordon::bench
