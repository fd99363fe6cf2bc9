#include <cordon/space/boxes.hpp>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "random_predicates.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

bool is_header_byte(field which) {
  return which == field::first_word || which == field::second_word || which == field::flags;
}

// Whether a box can be said as a predicate: sides of a few bits of a field cannot.
bool is_sayable(const box& of) {
  for (const box_side& side : of.sides)
    if (side.width != width_of(side.field, of.family)) return false;
  return true;
}

// The packets of a box whose sides are all of whole fields.
predicate said_by(const box& of) {
  predicate all = always();
  predicate without_bytes = always();
  for (const box_side& side : of.sides) {
    predicate fits = never();
    for (const range& values : side.values) fits |= between(side.field, values.low, values.high);
    all &= fits;
    if (!is_header_byte(side.field)) without_bytes &= fits;
  }
  const predicate has_bytes = between(field::transport, 0, static_cast<unsigned>(transport_part::whole));
  return of.portless ? all || (without_bytes && !has_bytes) : all;
}

// A set of packets and its boxes, all of which can be said.
struct covered_set {
  packet_space space;
  diagram set = no_packet;
  sequence<box> boxes = {};
};

covered_set draw_covered_set() {
  while (true) {
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    const predicate wanted =
        *testing::generator([in](const choice_source& choices) { return draw_predicate(choices, in); },
                            [](const predicate&) { return sequence<predicate>{}; });
    layout levels(packet_domain::all(in));
    levels.observe(wanted);
    levels.observe(between(field::transport, 0, static_cast<unsigned>(transport_part::whole)));
    observe_protocols(levels);
    levels.finish();
    covered_set made{packet_space(std::move(levels))};
    made.set = made.space.set_of(wanted);
    const box_cover cover = boxes_of(made.space, made.set, no_packet, {.boxes = 64});
    bool all = cover.whole;
    for (const box& one : cover.boxes) all = all && is_sayable(one);
    if (!all) continue;
    made.boxes = cover.boxes;
    return made;
  }
}

// The packets of some boxes but one. Their sides' bounds are cuts of the layout, for that is what they were made of.
diagram union_of(covered_set& of, std::size_t but) {
  diagram all = no_packet;
  for (std::size_t i = 0; i < of.boxes.size(); ++i)
    if (i != but) all = of.space.store().either(all, of.space.set_of(said_by(of.boxes[i])));
  return all;
}

}  // namespace

TEST_CASE("the boxes of a set are together the set") {
  rc::prop("for every predicate", [] {
    covered_set drawn = draw_covered_set();
    RC_ASSERT(union_of(drawn, drawn.boxes.size()) == drawn.set);
  });
}

TEST_CASE("no box of a set can be left out") {
  rc::prop("for every predicate", [] {
    covered_set drawn = draw_covered_set();
    for (std::size_t i = 0; i < drawn.boxes.size(); ++i) RC_ASSERT(union_of(drawn, i) != drawn.set);
  });
}

TEST_CASE("no box of a set can be made wider") {
  rc::prop("by the cells beside it, whatever the field", [] {
    covered_set drawn = draw_covered_set();
    diagram_store& store = drawn.space.store();
    for (const box& one : drawn.boxes) {
      for (std::size_t k = 0; k < one.sides.size(); ++k) {
        const box_side& side = one.sides[k];
        // A box that names ports or flags is kept to the protocols that have them.
        if (side.field == field::protocol) continue;
        for (const level& run : drawn.space.levels().levels_of(side.field)) {
          for (std::uint32_t cell = 0; cell < run.cell_count(); ++cell) {
            bool has_it = false;
            for (const range& values : side.values) has_it = has_it || values.contains(run.values_of(cell).low);
            if (has_it) continue;
            box wider = one;
            wider.sides[k].values = {run.values_of(cell)};
            wider.portless = false;
            RC_ASSERT(!store.includes(drawn.set, drawn.space.set_of(said_by(wider))));
          }
        }
      }
    }
  });
}

TEST_CASE("the box around a set holds it, and each of its sides touches it") {
  rc::prop("for every predicate", [] {
    covered_set drawn = draw_covered_set();
    if (drawn.set == no_packet) return;
    diagram_store& store = drawn.space.store();
    const box around = box_around(drawn.space, drawn.set);
    if (!is_sayable(around)) return;
    box as_said = around;
    as_said.portless = false;
    RC_ASSERT(store.includes(drawn.space.set_of(said_by(as_said)), drawn.set));
    for (const box_side& side : around.sides)
      for (const range& values : side.values)
        for (const uint128 bound : {values.low, values.high}) {
          const level& run = drawn.space.levels().levels_of(side.field)[0];
          const range cell = run.values_of(run.cell_of(bound));
          RC_ASSERT(store.both(drawn.set, drawn.space.interval(side.field, cell.low, cell.high)) != no_packet);
        }
  });
}

TEST_CASE("a set in short is the box around it without the exceptions") {
  rc::prop("for every predicate", [] {
    covered_set drawn = draw_covered_set();
    if (drawn.set == no_packet) return;
    diagram_store& store = drawn.space.store();
    const auto said = summary_of(drawn.space, drawn.set);
    RC_ASSERT(said.has_value());
    if (!is_sayable(said->all)) return;
    box all = said->all;
    all.portless = false;
    diagram left = drawn.space.set_of(said_by(all));
    for (const box& one : said->but) {
      if (!is_sayable(one)) return;
      left = store.minus(left, drawn.space.set_of(said_by(one)));
    }
    RC_ASSERT(left == drawn.set);
  });
}

TEST_CASE("a cover with more boxes than asked for says that it is not whole") {
  predicate odd = never();
  for (unsigned port = 1; port < 40; port += 2) odd |= is(field::second_word, port);
  odd &= is(field::uid, 0) || is(field::gid, 0);
  layout levels(packet_domain::all(family::ipv4));
  levels.observe(odd);
  observe_protocols(levels);
  levels.finish();
  packet_space space(std::move(levels));
  const diagram set = space.set_of(odd);
  CHECK_FALSE(boxes_of(space, set, no_packet, {.boxes = 1}).whole);
  CHECK(boxes_of(space, set, no_packet, {.boxes = 1}).boxes.size() == 1);
  CHECK(boxes_of(space, set, no_packet, {.boxes = 100}).whole);
  CHECK_FALSE(summary_of(space, set, no_packet, {.boxes = 0}).has_value());
}
