#include <cordon/prove/situation.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {

situation marked(unsigned mark) {
  situation made;
  made.now.apply(set_to(field::mark, mark), family::ipv4);
  return made;
}

}  // namespace

TEST_CASE("a situation has one number, and that of nothing is 0") {
  situation_list all(family::ipv4);
  CHECK(all.number_of({}) == 0);
  for (unsigned again = 0; again < 2; ++again)
    for (unsigned mark = 1; mark <= 1000; ++mark) REQUIRE(all.number_of(marked(mark)) == mark);
  CHECK(all.size() == 1001);
}

TEST_CASE("situations follow one another") {
  situation_list all(family::ipv4);
  const situation_number first = all.number_of(marked(1));
  const situation_number second = all.number_of(marked(2));
  CHECK(all.one_after_another(0, first) == first);
  CHECK(all.one_after_another(first, 0) == first);
  CHECK(all.one_after_another(first, second) == second);

  situation led = marked(3);
  led.is_rewritten = true;
  led.rewritten_by = {1, 2, 3};
  const situation_number behind = all.one_after_another(all.number_of(led), first);
  CHECK(all[behind].now == marked(1).now);
  CHECK(all[behind].rewritten_by == decision_place{1, 2, 3});
}

TEST_CASE("who asks for some fields sees nothing else of a situation") {
  situation_list all(family::ipv4);
  situation led = marked(3);
  led.is_rewritten = true;
  const situation_number in = all.number_of(led);
  CHECK(all.seen_by(set_of(field::mark), in) == all.number_of(marked(3)));
  CHECK(all.seen_by(set_of(field::destination), in) == 0);
  CHECK(all.only(set_of(field::mark), in) == in);
  CHECK(all[all.only(0, in)].is_rewritten);
}
