// Simpler values: what to try when one has failed, so that what is left to read is small. The first candidates are the
// boldest; each is valid wherever its origin was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/space/layout.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/draw_rule.hpp>
#include <cordon/testing/edges.hpp>

namespace cordon::testing {

/// The packet that nobody has to think about: a SYN of root from 127.0.0.1 to its own port 80 by lo (or ::1).
constexpr packet plain_packet(family of) {
  packet made;
  made.family = of;
  made.source = made.destination = of == family::ipv4 ? uint128{0x7f000001} : uint128{1};
  made.second_word = 80;
  made.length = of == family::ipv4 ? 40 : 60;
  return made;
}

namespace detail {

// Numbers between two, from the first towards the second: the first itself, then in steps that get smaller.
constexpr sequence<uint128> towards(uint128 simplest, uint128 now) {
  sequence<uint128> all;
  const bool up = now > simplest;
  for (uint128 step = up ? now - simplest : simplest - now; step != 0; step >>= 1)
    all.push_back(up ? now - step : now + step);
  return all;
}

/// Whether iptables accepts the rule's matches and target together, as far as their extensions know, and prints them as
/// they are.
constexpr bool is_acceptable(const rule& candidate, family in, backend how, table_name where) {
  const meaning_context context{in, how, candidate.protocol, name_of(where)};
  const auto fits = [&](const auto& extension, const sequence<option>& options) {
    for (std::uint8_t i = 0; i < extension.options.size(); ++i)
      if (extension.options[i].least_count > 0 && find_option(options, i) == nullptr) return false;
    if (extension.check != nullptr && !extension.check(options, context).empty()) return false;
    if (extension.normalise == nullptr) return true;
    sequence<option> printed = options;
    extension.normalise(printed, context);
    put_in_order(printed);
    return printed == options;
  };
  for (const match& one : candidate.matches)
    if (one.extension != nullptr && !fits(*one.extension, one.options)) return false;
  return candidate.target.extension == nullptr || fits(*candidate.target.extension, candidate.target.options);
}

template <class Item>
constexpr sequence<Item> without(const sequence<Item>& all, std::size_t first, std::size_t count) {
  sequence<Item> rest(all.begin(), all.begin() + first);
  rest.append(all.begin() + (first + count), all.size() - first - count);
  return rest;
}

// Calls `see` with the list without some of its items: all of them, halves, quarters, each alone.
template <class Item, class See>
constexpr void thin_out(const sequence<Item>& all, const See& see) {
  for (std::size_t count = all.size(); count > 0; count /= 2)
    for (std::size_t first = 0; first + count <= all.size(); first += count) see(without(all, first, count));
}

}  // namespace detail

/// Whether a field's value asks for less thought than another: it is nearer to the plain packet's. Of interfaces `lo` does,
/// then `eth0`, then the shorter names.
constexpr bool is_simpler(field which, uint128 value, uint128 than, family in) {
  const uint128 plain = value_of(plain_packet(in), which);
  if (!is_interface(which)) {
    const auto distance = [&](uint128 from) { return from > plain ? from - plain : plain - from; };
    return distance(value) < distance(than);
  }
  const auto rank = [&](uint128 number) {
    const interface_name name = interface_of(number);
    return number == plain  ? std::size_t{0}
           : name == "lo"   ? std::size_t{1}
           : name == "eth0" ? std::size_t{2}
                            : 3 + name.size();
  };
  return rank(value) != rank(than) ? rank(value) < rank(than) : value < than;
}

namespace detail {

// The values of a field at which what rules say of it may change, and those on the way to the plain packet's: where a
// packet must be shrunk to, one of them is the nearest that will do.
constexpr sequence<uint128> values_to_try(const packet& of, field which, const edges& around) {
  const uint128 now = value_of(of, which);
  const uint128 plain = value_of(plain_packet(of.family), which);
  sequence<uint128> all;
  if (is_interface(which)) {
    all = {plain, number_of(interface_name("lo")), number_of(interface_name("eth0"))};
    for (const interface_name& name : around.interfaces()) all.push_back(number_of(name));
    const interface_name name = interface_of(now);
    for (std::size_t size = 1; size < name.size(); ++size)
      all.push_back(number_of(interface_name(name.view().substr(0, size))));
    return all;
  }
  all = towards(plain, now);
  for (const uint128 value : around.of(which)) all.push_back(value);
  const sequence<range>& masks = around.masks(which);
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const uint128 asked = masks[i].high;
    for (const uint128 other : {plain, now}) all.push_back((other & ~asked) | masks[i].low);
    for (std::size_t k = 0; k < i; ++k) {
      const uint128 both = asked | masks[k].high;
      all.push_back((plain & ~both) | masks[i].low | masks[k].low);
    }
    all.push_back((plain & ~asked) | (now & asked));
  }
  // Bits as they are in the plain packet; where masks ask, each also with a lower one in its place.
  for (uint128 bits = now ^ plain; bits != 0; bits &= bits - 1) {
    const uint128 bit = bits & ~(bits - 1);
    all.push_back(now ^ bit);
    for (uint128 lower = masks.empty() ? 0 : bit >> 1; lower != 0; lower >>= 1) all.push_back(now ^ bit ^ lower);
  }
  return all;
}

}  // namespace detail

/// Packets that are like `of` but for one field, which is nearer to the plain packet's; only those of `within`. The nearest
/// come first. `around`: what rules say, so that for each field of which they ask intervals one of the candidates is the
/// nearest that they treat alike.
constexpr sequence<packet> simpler(const packet& of, const packet_domain& within, const edges& around) {
  sequence<packet> all;
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto which = static_cast<field>(i);
    const uint128 now = value_of(of, which);
    if (now == value_of(plain_packet(of.family), which)) continue;
    const auto is_before = [&](uint128 a, uint128 b) { return is_simpler(which, a, b, of.family); };
    sequence<uint128> values = detail::values_to_try(of, which, around);
    erase_if(values, [&](uint128 value) { return !within[which].contains(value) || !is_before(value, now); });
    cordon::detail::sort(values, is_before);
    const uint128* before = nullptr;
    for (const uint128& value : values) {
      if (before != nullptr && *before == value) continue;
      before = &value;
      packet candidate = of;
      set_value(candidate, which, value);
      all.push_back(std::move(candidate));
    }
  }
  return all;
}

///@{
/// Packets that differ in one field each, which is simpler there: the likeliest first, and within a domain only packets of
/// that.
constexpr sequence<packet> simpler(const packet& of, const packet_domain& within) {
  return simpler(of, within, edges(of.family));
}

constexpr sequence<packet> simpler(const packet& of) { return simpler(of, packet_domain::all(of.family)); }
///@}

/// Rules that ask less, or do something plainer, and that iptables accepts where it accepts `of`.
constexpr sequence<rule> simpler(const rule& of, family in, backend how, table_name where) {
  sequence<rule> all;
  const auto add = [&](rule candidate) {
    candidate.written.clear();
    if (!(candidate == of) && detail::is_acceptable(candidate, in, how, where)) all.push_back(std::move(candidate));
  };
  const auto changed = [&](const auto& change) {
    rule candidate = of;
    change(candidate);
    add(std::move(candidate));
  };
  if (!of.matches.empty()) changed([](rule& one) { one.matches.clear(); });
  for (std::size_t i = 0; i < of.matches.size(); ++i)
    changed([&](rule& one) { one.matches.erase(one.matches.begin() + i); });
  changed([](rule& one) { one.source = {}; });
  changed([](rule& one) { one.destination = {}; });
  changed([](rule& one) { one.in = {}; });
  changed([](rule& one) { one.out = {}; });
  changed([](rule& one) { one.protocol = {}; });
  changed([](rule& one) { one.fragment = fragment_match::any; });
  for (address_match rule::* const side : {&rule::source, &rule::destination}) {
    changed([&](rule& one) { (one.*side).inverted = false; });
    const unsigned width = address_width(in);
    const network& now = (of.*side).network;
    if ((of.*side).given && now.mask != low_bits(width))
      changed([&](rule& one) { (one.*side).network.mask = low_bits(width); });
  }
  changed([](rule& one) { one.out.inverted = false; });
  changed([](rule& one) { one.protocol.inverted = false; });
  for (std::size_t i = 0; i < of.matches.size(); ++i)
    for (std::size_t k = 0; k < of.matches[i].options.size(); ++k) {
      changed([&](rule& one) { one.matches[i].options = detail::without(one.matches[i].options, k, 1); });
      changed([&](rule& one) { one.matches[i].options[k].inverted = false; });
    }
  if (of.target.what != target::kind::none && of.target.extension != &accept_target) {
    changed([](rule& one) { one.target = {}; });
    for (const target_extension* const plain : {&accept_target, &drop_target})
      if (of.target.extension != plain)
        changed([&](rule& one) { one.target = {target::kind::extension, plain, plain->name, {}, {}}; });
  }
  if (of.target.what == target::kind::go_to) changed([](rule& one) { one.target.what = target::kind::jump; });
  return all;
}

/// Tables with fewer chains and rules, and simpler ones.
constexpr sequence<table> simpler(const table& of, family in, backend how) {
  sequence<table> all;
  for (std::size_t i = 0; i < of.chains.size(); ++i) {
    if (of.chains[i].policy) continue;
    table candidate = of;
    candidate.chains.erase(candidate.chains.begin() + i);
    for (chain& one : candidate.chains)
      erase_if(one.rules, [&](const rule& each) {
        return (each.target.what == target::kind::jump || each.target.what == target::kind::go_to) &&
               each.target.name == of.chains[i].name.view();
      });
    all.push_back(std::move(candidate));
  }
  for (std::size_t i = 0; i < of.chains.size(); ++i) {
    detail::thin_out(of.chains[i].rules, [&](sequence<rule> rest) {
      table candidate = of;
      candidate.chains[i].rules = std::move(rest);
      all.push_back(std::move(candidate));
    });
    if (of.chains[i].policy == chain_policy::drop) {
      table candidate = of;
      candidate.chains[i].policy = chain_policy::accept;
      all.push_back(std::move(candidate));
    }
  }
  for (std::size_t i = 0; i < of.chains.size(); ++i)
    for (std::size_t k = 0; k < of.chains[i].rules.size(); ++k)
      for (rule& one : simpler(of.chains[i].rules[k], in, how, of.name)) {
        table candidate = of;
        candidate.chains[i].rules[k] = std::move(one);
        all.push_back(std::move(candidate));
      }
  return all;
}

/// Rulesets with fewer tables, and simpler ones.
constexpr sequence<ruleset> simpler(const ruleset& of, family in) {
  sequence<ruleset> all;
  detail::thin_out(of.tables, [&](sequence<table> rest) {
    ruleset candidate = of;
    candidate.tables = std::move(rest);
    all.push_back(std::move(candidate));
  });
  for (std::size_t i = 0; i < of.tables.size(); ++i)
    for (table& one : simpler(of.tables[i], in, of.backend)) {
      ruleset candidate = of;
      candidate.tables[i] = std::move(one);
      all.push_back(std::move(candidate));
    }
  return all;
}

/// Firewalls with fewer rules, and simpler ones.
constexpr sequence<firewall> simpler(const firewall& of) {
  sequence<firewall> all;
  for (const family in : both_families) {
    const sequence<ruleset>& rulesets = of.of(in).rulesets;
    detail::thin_out(rulesets, [&](sequence<ruleset> rest) {
      firewall candidate = of;
      candidate.of(in).rulesets = std::move(rest);
      all.push_back(std::move(candidate));
    });
    for (std::size_t i = 0; i < rulesets.size(); ++i)
      for (ruleset& one : simpler(rulesets[i], in)) {
        firewall candidate = of;
        candidate.of(in).rulesets[i] = std::move(one);
        all.push_back(std::move(candidate));
      }
  }
  return all;
}

/// The simplest value that still fails, of those that `candidates(value)` lists again and again, the boldest first.
/// Precondition: `fails(from)`.
template <class Value, class Candidates, class Fails>
constexpr Value shrunk(Value from, const Candidates& candidates, const Fails& fails) {
  for (bool is_smaller = true; is_smaller;) {
    is_smaller = false;
    for (auto& candidate : candidates(from)) {
      if (!fails(candidate)) continue;
      from = std::move(candidate);
      is_smaller = true;
      break;
    }
  }
  return from;
}

/// Policies with fewer endpoints, and simpler ones, of the same owner.
constexpr sequence<egress_policy> simpler(const egress_policy& of) {
  sequence<egress_policy> all;
  egress_policy alone;
  alone.user = of.user;
  alone.group = of.group;
  alone.attacker = of.attacker;
  alone.flows = of.flows;
  const sequence<endpoint> endpoints(of.begin(), of.end());
  const auto with = [&](const sequence<endpoint>& those) {
    egress_policy candidate = alone;
    for (const endpoint& one : those) candidate.allow(one);
    all.push_back(candidate);
  };
  detail::thin_out(endpoints, with);
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto changed = [&](const auto& change) {
      sequence<endpoint> candidate = endpoints;
      change(candidate[i]);
      if (!(candidate[i] == endpoints[i])) with(candidate);
    };
    changed([](endpoint& one) { one.out = {}; });
    changed([](endpoint& one) { one.ports = {}; });
    changed([](endpoint& one) { one.protocols = protocol::tcp; });
    if (!endpoints[i].ports.is_all()) changed([](endpoint& one) { one.ports = {one.ports.low, one.ports.low}; });
  }
  if (of.attacker != attacker::unprivileged) {
    all.push_back(of);
    all.back().attacker = attacker::unprivileged;
  }
  if (of.flows != flows::any) {
    all.push_back(of);
    all.back().flows = flows::any;
  }
  return all;
}

}  // namespace cordon::testing
