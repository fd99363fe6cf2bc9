#include <cordon/simulate/verdict_set.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
sequence<verdict> all_verdicts() {
  sequence<verdict> all = {{verdict::kind::accept}, {verdict::kind::drop}};
  for (unsigned i = 0; i <= static_cast<unsigned>(reject_type::tcp_reset); ++i)
    all.push_back({verdict::kind::reject, static_cast<reject_type>(i)});
  return all;
}
}  // namespace

TEST_CASE("a set of one verdict is that verdict") {
  for (const verdict& one : all_verdicts()) {
    CHECK(verdict_set(one).only() == one);
    CHECK(verdict_set(one).members() == sequence{one});
    CHECK(verdict_set(one).may_accept() == one.accepted());
    CHECK(verdict_set(one).may_stop() == !one.accepted());
  }
}

TEST_CASE("a set of none or several is unknown") {
  CHECK(verdict_set().only().what == verdict::kind::unknown);
  CHECK(verdict_set().empty());
  for (const verdict& a : all_verdicts()) {
    for (const verdict& b : all_verdicts()) {
      verdict_set both = a;
      both |= b;
      CHECK((both.only().what == verdict::kind::unknown) == (a != b));
      CHECK(both.contains(a));
      CHECK(both.contains(b));
      CHECK(both.size() == (a == b ? 1 : 2));
    }
  }
}

TEST_CASE("a set holds what was put in and nothing else") {
  verdict_set all;
  for (const verdict& one : all_verdicts()) {
    CHECK_FALSE(all.contains(one));
    all.add(one);
  }
  CHECK(all.size() == all_verdicts().size());
  CHECK(all.members().size() == all_verdicts().size());
}
