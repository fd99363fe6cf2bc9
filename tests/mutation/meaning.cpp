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

bool is_test(const predicate_step& step) {
  return step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked;
}

std::string write(const predicate& of, bool with_numbers) {
  static constexpr char letters[] = "10imanco";
  std::string made;
  for (const predicate_step& step : of.steps()) {
    made += letters[number(step.what)];
    if (is_test(step)) made += std::to_string(number(step.field));
    if (with_numbers && is_test(step)) made += ":" + words(step.a) + ":" + words(step.b);
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

bool asks(const predicate& of, bool (*about)(field)) {
  return std::any_of(of.steps().begin(), of.steps().end(),
                     [&](const predicate_step& step) { return is_test(step) && about(step.field); });
}

/// The greatest number of a name that is not above `number`: behind a name's end there are zeros.
uint128 last_name_up_to(uint128 number) {
  uint128 name = 0;
  for (unsigned shift = 120; shift != 0 && (number >> shift & 0xff) != 0; shift -= 8)
    name |= number & (uint128{0xff} << shift);
  return name;
}

/// The test with no other values of an interface in it than those of names, of which it has the same.
predicate of_names(const predicate_step& test) {
  predicate_step made = test;
  made.index = 0;
  if (test.what != predicate_step::kind::interval || !is_interface(test.field)) return predicate::of(made);
  // No name lies between the one before `low` and `low`, so the bound may be the number behind that.
  const uint128 high = last_name_up_to(test.b);
  const uint128 before = test.a == 0 ? 0 : last_name_up_to(test.a - 1);
  if (high < test.a || (test.a != 0 && high == before)) return never();
  return between(test.field, test.a == 0 ? 0 : before + 1, high);
}

/// What stands where others have the first port in a later fragment of IPv6: see where_bytes_are in match/ports.hpp.
predicate has_possible_words() {
  return !between(field::transport, static_cast<unsigned>(transport_part::fragment_at_8),
                  static_cast<unsigned>(transport_part::later_fragment)) ||
         between(field::first_word, 0x6000, 0x6fff);
}

bool hold_alike(predicate a, predicate b, family in) {
  if (asks(a, is_interface) || asks(b, is_interface)) {
    a = a.rewritten(of_names);
    b = b.rewritten(of_names);
  }
  const auto is_first_word = [](field one) { return one == field::first_word; };
  if (in == family::ipv6 && (asks(a, is_first_word) || asks(b, is_first_word))) {
    a = has_possible_words() && a;
    b = has_possible_words() && b;
  }
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

bool are_equivalent(const meaning& a, const meaning& b, family of_rule) {
  if (const auto* const does = std::get_if<effect>(&a)) return *does == std::get<effect>(b);
  const auto& first = std::get<match_meaning>(a);
  const auto& second = std::get<match_meaning>(b);
  const auto is_address = [](field one) { return width_of(one, family::ipv4) != width_of(one, family::ipv6); };
  const bool says_address = asks(first.holds, is_address) || asks(first.drops, is_address);
  return std::all_of(std::begin(both_families), std::end(both_families), [&](family in) {
    if (says_address && in != of_rule) return true;
    if (!hold_alike(first.drops, second.drops, in)) return false;
    // Where the packet is dropped nobody asks whether the match holds.
    return hold_alike(!first.drops && first.holds, !first.drops && second.holds, in);
  });
}

}  // namespace cordon::mutation
