// Packets at random: all alike, or around the edges of rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/space/layout.hpp>
#include <cordon/testing/edges.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::testing {

namespace detail {

inline constexpr std::string_view usual_interfaces[] = {"lo", "eth0", "wlan0", "v0", "docker0"};
inline constexpr std::uint8_t usual_protocols[] = {6, 6, 6, 17, 17, 1, 58, 132, 136, 33, 47, 0, 255};
inline constexpr std::uint16_t usual_ports[] = {0, 1, 22, 53, 80, 443, 1024, 8000, 18443, 32768, 40000, 60999, 65535};
inline constexpr std::uint32_t usual_ids[] = {0, 1, 1000, 1001, 1002, 65534, greatest_id};
inline constexpr tcp_flags usual_flags[] = {tcp_flag::syn,
                                            tcp_flag::ack,
                                            tcp_flag::syn | tcp_flag::ack,
                                            tcp_flag::psh | tcp_flag::ack,
                                            tcp_flag::fin | tcp_flag::ack,
                                            tcp_flag::rst,
                                            0,
                                            255};
inline constexpr uint128 usual_ipv4[] = {0x7f000001, 0x7f000002, 0x7f000035, 0x0a090001, 0x0a090002,
                                         0xc0000201, 0xcb007101, 0,          0xffffffff};
inline constexpr uint128 usual_ipv6[] = {1,
                                         (uint128{0xfd090000U} << 96) | 1,
                                         (uint128{0xfd090000U} << 96) | 2,
                                         (uint128{0x20010db8U} << 96) | 1,
                                         uint128{0xfe800000U} << 96,
                                         (uint128{0xff020000U} << 96) | 1,
                                         uint128{0xffff7f000001U},
                                         0};

/// A name that an interface can have: 1 to 15 printable bytes.
constexpr interface_name draw_interface(const choice_source& choices) {
  if (!choices.one_in(4)) return draw_one(choices, usual_interfaces);
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-_.@ABC";
  text name;
  for (std::uint64_t left = 1 + choices.below(choices.one_in(4) ? 15 : 4); left > 0; --left)
    name.append(draw_one(choices, letters));
  return interface_name(name);
}

/// A value that packets often have.
constexpr uint128 draw_usual(const choice_source& choices, field which, family in) {
  switch (which) {
    case field::socket: return choices.one_in(4) ? choices.below(3) : static_cast<unsigned>(socket_kind::user);
    case field::uid:
    case field::gid: return draw_one(choices, usual_ids);
    case field::out: return number_of(draw_interface(choices));
    case field::protocol: return draw_one(choices, usual_protocols);
    case field::transport: return choices.one_in(4) ? choices.below(23) : static_cast<unsigned>(transport_part::whole);
    case field::first_word:
    case field::second_word: return draw_one(choices, usual_ports);
    case field::destination:
    case field::source:
      if (in == family::ipv4) return draw_one(choices, usual_ipv4);
      return draw_one(choices, usual_ipv6);
    case field::flags: return draw_one(choices, usual_flags);
    case field::mark:
    case field::connection_mark: return choices.one_in(2) ? 0 : choices.below(256);
    case field::length: return 40 + choices.below(1461);
    default: break;
  }
  packet usual;
  usual.family = in;
  return value_of(usual, which);
}

// Gives a field a value if the domain has it; an interface's name must be one.
constexpr bool set_within(packet& of, field which, uint128 value, const packet_domain& domain) {
  if (!domain[which].contains(value)) return false;
  set_value(of, which, value);
  return true;
}

constexpr void draw_anywhere(const choice_source& choices, packet& into, field which, const packet_domain& domain) {
  if (is_interface(which) && domain[which] == domain_of(field::out, domain.family)) {
    set_value(into, which, number_of(draw_interface(choices)));
    return;
  }
  set_value(into, which, draw_number(choices, domain[which]));
}

constexpr void draw_edge(const choice_source& choices, packet& into, field which, const edges& around,
                         const packet_domain& domain) {
  if (is_interface(which)) {
    if (!around.interfaces().empty())
      set_within(into, which, number_of(draw_one(choices, around.interfaces())), domain);
    return;
  }
  if (!around.of(which).empty()) set_within(into, which, draw_one(choices, around.of(which)), domain);
}

/// Changes fields of a packet so that a condition holds, or holds not, as far as fields decide.
class aim {
 public:
  constexpr aim(const choice_source& choices, const edges& around, const packet_domain& domain)
      : choices_(choices), around_(around), domain_(domain) {}

  constexpr void at(packet& into, const predicate& condition, bool wanted) const {
    const view<predicate_step> steps = condition.steps();
    // Where the operands of each step begin: the expression is in postfix order.
    sequence<std::size_t> starts(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      switch (steps[i].what) {
        case predicate_step::kind::negation: starts[i] = starts[i - 1]; break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction: starts[i] = starts[starts[i - 1] - 1]; break;
        default: starts[i] = i;
      }
    }
    struct wish {
      std::size_t step;
      bool wanted;
    };
    sequence<wish> wishes{{steps.size() - 1, wanted}};
    while (!wishes.empty()) {
      const wish one = wishes.back();
      wishes.pop_back();
      switch (const predicate_step& step = steps[one.step]; step.what) {
        case predicate_step::kind::negation: wishes.push_back({one.step - 1, !one.wanted}); break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction: {
          const std::size_t right = one.step - 1;
          const std::size_t left = starts[right] - 1;
          const bool both = (step.what == predicate_step::kind::conjunction) == one.wanted;
          const bool first = choices_.one_in(2);
          if (both || first) wishes.push_back({left, one.wanted});
          if (both || !first) wishes.push_back({right, one.wanted});
          break;
        }
        case predicate_step::kind::interval: hit_interval(into, step, one.wanted); break;
        case predicate_step::kind::masked: hit_masked(into, step, one.wanted); break;
        default: break;
      }
    }
  }

 private:
  constexpr void hit_interval(packet& into, const predicate_step& step, bool wanted) const {
    const uint128 now = value_of(into, step.field);
    const bool fits = step.a <= now && now <= step.b;
    if (fits == wanted && choices_.one_in(2)) return;
    if (is_interface(step.field)) return hit_names(into, step, wanted);
    if (!wanted) {
      const bool below = choices_.one_in(2);
      if (below && step.a > 0 && set_within(into, step.field, step.a - 1, domain_)) return;
      if (set_within(into, step.field, step.b + 1, domain_)) return;
      if (step.a > 0) set_within(into, step.field, step.a - 1, domain_);
      return;
    }
    const range& domain = domain_[step.field];
    const range inside{cordon::detail::greater_of(step.a, domain.low), cordon::detail::smaller_of(step.b, domain.high)};
    if (inside.low > inside.high) return;
    switch (choices_.below(3)) {
      case 0: set_value(into, step.field, inside.low); break;
      case 1: set_value(into, step.field, inside.high); break;
      default: set_value(into, step.field, draw_number(choices_, inside));
    }
  }

  constexpr void hit_names(packet& into, const predicate_step& step, bool wanted) const {
    const auto& names = around_.interfaces();
    for (std::size_t tries = 2 * names.size(); tries > 0; --tries) {
      const uint128 name = number_of(draw_one(choices_, names));
      if ((step.a <= name && name <= step.b) == wanted && set_within(into, step.field, name, domain_)) return;
    }
  }

  constexpr void hit_masked(packet& into, const predicate_step& step, bool wanted) const {
    const uint128 fitting = (value_of(into, step.field) & ~step.a) | step.b;
    if (wanted) {
      set_within(into, step.field, fitting, domain_);
      return;
    }
    // The lowest of a mask's bits is where one that is too short differs.
    auto which = choices_.one_in(2) ? 0 : choices_.below(popcount(step.a));
    uint128 bits = step.a;
    for (; which > 0; --which) bits &= bits - 1;
    set_within(into, step.field, fitting ^ (bits & ~(bits - 1)), domain_);
  }

  const choice_source& choices_;
  const edges& around_;
  const packet_domain& domain_;
};

// Aims a packet at one of the conditions, and at the jumps that lead there.
constexpr void aim_at_some(const choice_source& choices, packet& into, const edges& around, const aim& aim) {
  sequence<std::uint32_t> way{static_cast<std::uint32_t>(choices.below(around.goals().size()))};
  while (!around.goals()[way.back()].jumps.empty() && way.size() < 100)
    way.push_back(draw_one(choices, around.goals()[way.back()].jumps));
  const bool wanted = !choices.one_in(8);
  while (!way.empty()) {
    aim.at(into, around.goals()[way.back()].condition, way.size() > 1 || wanted);
    way.pop_back();
  }
}

// Some fields mean nothing, or stand still, where others say so: only a packet of a connection that is known has what
// the connection has (`can_exist`).
constexpr void tidy(packet& made, const packet_domain& domain) {
  if (made.owner.socket != socket_kind::user)
    for (const field which : {field::uid, field::gid}) set_within(made, which, 0, domain);
  const bool is_related = made.state == connection_state::related;
  if (!is_related) set_within(made, field::expected_first, 0, domain);
  if (is_related || made.state == connection_state::established) return;
  for (const field which : {field::nat_status, field::connection_direction}) set_within(made, which, 0, domain);
  if (made.state != connection_state::fresh) set_within(made, field::connection_mark, 0, domain);
}

}  // namespace detail

/// Any packet of a domain that can exist: each field is drawn uniformly, but for the interface's name, of which most are
/// usual ones.
constexpr packet draw_packet(const choice_source& choices, const packet_domain& domain) {
  packet made;
  made.family = domain.family;
  for (std::size_t i = 0; i < field_count; ++i) detail::draw_anywhere(choices, made, static_cast<field>(i), domain);
  detail::tidy(made, domain);
  return made;
}

/// Any packet of a family.
constexpr packet draw_packet(const choice_source& choices, family of) {
  return draw_packet(choices, packet_domain::all(of));
}

/// A packet of a domain around the edges of rules. Most are aimed at one or two of their conditions and at the jumps that
/// lead there; the rest of their fields stand at edges, or are usual, or any. Half of those that go where the policy that
/// was observed lets them are then led just beside.
constexpr packet draw_packet(const choice_source& choices, const edges& around, const packet_domain& domain) {
  packet made;
  made.family = domain.family;
  // Some packets are usual all over but for what a rule asks, as those are that people try.
  const std::uint64_t oddness = choices.below(3);
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto which = static_cast<field>(i);
    if (!detail::set_within(made, which, detail::draw_usual(choices, which, domain.family), domain))
      detail::draw_anywhere(choices, made, which, domain);
    if (oddness > 0 && choices.one_in(8)) detail::draw_anywhere(choices, made, which, domain);
    if (oddness > 0 && choices.one_in(3)) detail::draw_edge(choices, made, which, around, domain);
  }
  const detail::aim aim(choices, around, domain);
  // One condition, or two: what gets out has passed several tables.
  if (!around.goals().empty() && !choices.one_in(8))
    for (std::uint64_t left = choices.one_in(3) ? 2 : 1; left > 0; --left)
      detail::aim_at_some(choices, made, around, aim);
  if (choices.one_in(3))
    detail::draw_edge(choices, made, static_cast<field>(choices.below(field_count)), around, domain);
  if (choices.one_in(2))
    for (const predicate& one : around.permitted())
      if (evaluate(one, made) == truth::yes) aim.at(made, one, false);
  detail::tidy(made, domain);
  return made;
}

/// A packet of a family around the edges of rules.
constexpr packet draw_packet(const choice_source& choices, const edges& around) {
  return draw_packet(choices, around, packet_domain::all(around.of_family()));
}

/// A packet that the sandbox of a policy can send.
constexpr packet draw_packet(const choice_source& choices, const edges& around, const egress_policy& sandbox) {
  return draw_packet(choices, around, packets_of(sandbox, around.of_family()));
}

}  // namespace cordon::testing
