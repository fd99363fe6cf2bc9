#include "meaning.hpp"

#include <algorithm>

#include <cordon/base/text.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/space/layout.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::mutation {
namespace {

constexpr auto number(auto value) { return static_cast<unsigned>(value); }

std::string words(uint128 value) { return std::string(text{}.append_hexadecimal(value).view()); }

std::string write(const predicate& of, bool with_numbers) {
  static constexpr char letters[] = "10imanco";
  std::string made;
  for (const predicate_step& step : of.steps()) {
    made += letters[number(step.what)];
    const bool is_test = step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked;
    if (is_test) made += std::to_string(number(step.field));
    if (with_numbers && is_test) made += ":" + words(step.a) + ":" + words(step.b);
    if (with_numbers && step.what == predicate_step::kind::atom) {
      const atom& what = of.atoms()[step.index];
      made += std::string(what.stateful ? "!" : "") + "<" + std::string(what.name.view()) + ">";
    }
    made += ' ';
  }
  return made;
}

std::string write(const effect& of, bool with_numbers) {
  std::string made = std::to_string(number(of.what)) + (of.needs_connection ? "c " : " ");
  if (with_numbers) made += "answer " + std::to_string(number(of.answer)) + " ";
  for (const alteration& one : of.changes) {
    made += std::to_string(number(one.field)) + (one.what == alteration::kind::bits     ? "b"
                                                 : one.what == alteration::kind::one_of ? "o"
                                                                                        : "u");
    if (one.from_mask != 0) made += "<" + std::to_string(number(one.from));
    if (with_numbers)
      for (const uint128 value : {one.keep, one.from_mask, one.flip, one.values.low, one.values.high})
        made += ":" + words(value);
    made += ' ';
  }
  return made;
}

std::string write(const meaning& of, bool with_numbers) {
  if (const auto* const does = std::get_if<effect>(&of)) return "does " + write(*does, with_numbers);
  const auto& match = std::get<match_meaning>(of);
  return "holds " + write(match.holds, with_numbers) + "drops " + write(match.drops, with_numbers);
}

/// Of packets that come in too, which have an interface and an Ethernet address.
packet_domain every_packet_of(family in) {
  packet_domain all = packet_domain::all(in);
  all[field::in] = {0, low_bits(128)};
  all[field::mac] = {0, no_mac};
  return all;
}

bool hold_alike(const predicate& a, const predicate& b, family in) {
  layout levels(every_packet_of(in));
  levels.observe(a);
  levels.observe(b);
  levels.finish();
  packet_space space(std::move(levels));
  const diagram first = space.set_of(a);
  space.ask_another();
  return first == space.set_of(b);
}

}  // namespace

std::string shape_of(const meaning& of) { return write(of, false); }
std::string written(const meaning& of) { return write(of, true); }

bool are_equivalent(const meaning& a, const meaning& b) {
  if (const auto* const does = std::get_if<effect>(&a)) return *does == std::get<effect>(b);
  const auto& first = std::get<match_meaning>(a);
  const auto& second = std::get<match_meaning>(b);
  return std::all_of(std::begin(both_families), std::end(both_families), [&](family in) {
    if (!hold_alike(first.drops, second.drops, in)) return false;
    // Where the packet is dropped nobody asks whether the match holds.
    return hold_alike(!first.drops && first.holds, !first.drops && second.holds, in);
  });
}

}  // namespace cordon::mutation
