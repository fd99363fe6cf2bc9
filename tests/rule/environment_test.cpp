#include <cordon/rule/environment.hpp>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

using namespace cordon;

namespace {

// One change of a mark: bits kept, copied from the other mark, and flipped; or a value that nobody knows.
alteration any_change() {
  const field which = *rc::gen::element(field::mark, field::connection_mark);
  const unsigned how = *rc::gen::inRange(0U, 8U);
  if (how == 0) return make_unknown(which);
  if (how == 1) return set_to_one_of(which, 3, 5);
  const auto bits = [] { return uint128{*rc::gen::element(0U, 1U, 6U, 0xffffffffU)}; };
  return {.field = which,
          .keep = bits(),
          .from = *rc::gen::element(field::mark, field::connection_mark),
          .from_mask = bits(),
          .flip = bits()};
}

}  // namespace

TEST_CASE("two situations one after the other are their changes one after the other") {
  // But for bits of what nobody knows: change by change it is forgotten that none of them is left.
  rc::prop("whichever changes", [] {
    environment all;
    environment first;
    environment then;
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      const alteration change = any_change();
      all.apply(change, family::ipv4);
      first.apply(change, family::ipv4);
    }
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      const alteration change = any_change();
      all.apply(change, family::ipv4);
      then.apply(change, family::ipv4);
    }
    const environment made = first.followed_by(then, family::ipv4);
    for (const field which : {field::mark, field::connection_mark}) {
      const current_value* const now = made.find(which);
      const current_value* const wanted = all.find(which);
      const bool is_same = now != nullptr && wanted != nullptr ? *now == *wanted : now == wanted;
      RC_ASSERT(is_same || (wanted != nullptr && wanted->what == alteration::kind::unknown));
    }
  });
}

TEST_CASE("of a situation some fields alone can be told") {
  environment now;
  now.apply(set_to(field::mark, 1), family::ipv4);
  now.apply(set_to(field::destination, 2), family::ipv4);
  CHECK(now.only(set_of(field::mark) | set_of(field::source)).changed_fields() == set_of(field::mark));
  CHECK(now.only(0).is_as_sent());
  CHECK(now.only(now.changed_fields()) == now);
}
