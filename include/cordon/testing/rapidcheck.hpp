// Generators for RapidCheck, with shrinking, and how it prints what it found. Works with RapidCheck as Debian has it and
// as its authors do.
//
//   rc::check("no packet of the sandbox leaves, but to the proxy", [&] {
//     const packet sent = *testing::packets_near(live).of(uid{1001});
//     RC_ASSERT(!simulate(live, sent).accepted() || egress.allows(sent));
//   });
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/testing/draw.hpp>
#include <cordon/testing/print.hpp>
#include <cordon/testing/simpler.hpp>

namespace cordon::testing {

namespace detail {

/// A source of choices that takes its numbers from RapidCheck.
struct rapidcheck_choices {
  rc::Random random;

  choice_source source() {
    return {this, [](void* state, std::uint64_t bound) {
              const uint128 product = uint128{static_cast<rapidcheck_choices*>(state)->random.next()} * bound;
              return static_cast<std::uint64_t>(product >> 64);
            }};
  }
};

/// A list as a rc::Seq. RapidCheck copies those; this one's copies share the list.
template <class Value>
class shared_list {
 public:
  explicit shared_list(sequence<Value> all) : all_(std::make_shared<const sequence<Value>>(std::move(all))) {}

  rc::Maybe<Value> operator()() {
    if (next_ == all_->size()) return rc::Nothing;
    return (*all_)[next_++];
  }

 private:
  std::shared_ptr<const sequence<Value>> all_;
  std::size_t next_ = 0;
};

}  // namespace detail

/// The generator that draws with `draw(choices)` and shrinks to what `candidates(value)` lists.
template <class Draw, class Candidates>
auto generator(Draw draw, Candidates candidates) {
  using value = decltype(draw(std::declval<const choice_source&>()));
  return rc::Gen<value>([draw, candidates](const rc::Random& random, int) {
    detail::rapidcheck_choices choices{random};
    return rc::shrinkable::shrinkRecur(draw(choices.source()), [candidates](const value& now) {
      return rc::makeSeq<detail::shared_list<value>>(candidates(now));
    });
  });
}

/// Packets of a family, of every kind alike.
inline rc::Gen<packet> packets(family of) {
  return generator([of](const choice_source& choices) { return draw_packet(choices, of); },
                   [](const packet& now) { return simpler(now); });
}

/// Packets around the edges of a firewall's rules, of the families that it has. Narrow it down with `of` and `only`; `*`
/// draws one inside a property, and it is an rc::Gen<packet> wherever one is asked for.
class packets_near {
 public:
  /// Near what these rules tell apart.
  explicit packets_near(const firewall& rules) : rules_(std::make_shared<firewall>(rules)) {
    for (const family of : both_families)
      if (!rules.of(of).absent) families_.push_back(of);
  }

  /// Those that a policy's sandbox can send, around the edges of its endpoints too.
  packets_near of(const egress_policy& sandbox) const {
    packets_near made = *this;
    made.policy_ = sandbox;
    return made;
  }
  /// Those that a user, or a group, can send without privilege.
  packets_near of(uid user) const { return of(sandbox(user)); }
  /// Of the packets of one group alone.
  packets_near of(gid group) const { return of(sandbox(group)); }
  /// Those of one family.
  packets_near only(family which) const {
    packets_near made = *this;
    made.families_ = {which};
    return made;
  }

  /// The generator. Precondition: some family is left.
  rc::Gen<packet> gen() const {
    require(!families_.empty(), "a host without any IP sends no packet");
    std::vector<edges> around;
    std::vector<packet_domain> domains;
    for (const family of : families_) {
      around.push_back(policy_ ? edges::of_firewall(*rules_, *policy_, of) : edges::of_firewall(*rules_, of));
      domains.push_back(policy_ ? packets_of(*policy_, of) : packet_domain::all(of));
    }
    return generator(
        [around, domains](const choice_source& choices) {
          const auto which = static_cast<std::size_t>(choices.below(around.size()));
          return draw_packet(choices, around[which], domains[which]);
        },
        [around, domains](const packet& now) {
          const std::size_t which = domains.front().family == now.family ? 0 : domains.size() - 1;
          return simpler(now, domains[which], around[which]);
        });
  }
  ///@{
  /// The generator, and within a property a packet of it.
  operator rc::Gen<packet>() const { return gen(); }
  /// A packet, within a property.
  packet operator*() const { return *gen(); }
  ///@}

 private:
  std::shared_ptr<const firewall> rules_;
  sequence<family> families_;
  maybe<egress_policy> policy_;
};

/// What of TCP connections comes through OUTPUT that a policy's sandbox opens, around the edges of a firewall's rules and of
/// its endpoints. Shrinks to fewer packets; the first is always the SYN.
inline rc::Gen<sequence<packet>> conversations(const firewall& rules, const egress_policy& sandbox, family of) {
  return generator([around = edges::of_firewall(rules, sandbox, of),
                    sandbox](const choice_source& choices) { return draw_conversation(choices, around, sandbox); },
                   [](const sequence<packet>& now) {
                     sequence<sequence<packet>> all;
                     const sequence<packet> answers(now.begin() + 1, now.end());
                     detail::thin_out(answers, [&](sequence<packet> rest) {
                       rest.insert(rest.begin(), now.front());
                       all.push_back(std::move(rest));
                     });
                     return all;
                   });
}

/// Rules for one place. `where.chains` must outlive the generator.
inline rc::Gen<rule> rules(const rule_setting& where = {}) {
  return generator([where](const choice_source& choices) { return draw_rule(choices, where); },
                   [where](const rule& now) { return simpler(now, where.family, where.backend, where.table); });
}

/// Tables whose chains have no loops.
inline rc::Gen<table> tables(table_name name, family of, backend how, const firewall_setting& setting = {}) {
  return generator(
      [name, of, how, setting](const choice_source& choices) { return draw_table(choices, name, of, how, setting); },
      [of, how](const table& now) { return simpler(now, of, how); });
}

/// The rules that one back end holds for one family. `setting.tables` must outlive the generator, here and below.
inline rc::Gen<ruleset> rulesets(family of, backend how, const firewall_setting& setting = {}) {
  return generator([of, how, setting](const choice_source& choices) { return draw_ruleset(choices, of, how, setting); },
                   [of](const ruleset& now) { return simpler(now, of); });
}

/// Whole firewalls.
inline rc::Gen<firewall> firewalls(const firewall_setting& setting = {}) {
  return generator([setting](const choice_source& choices) { return draw_firewall(choices, setting); },
                   [](const firewall& now) { return simpler(now); });
}

/// Firewalls of which about half keep a policy, and the others nearly.
inline rc::Gen<firewall> firewalls_for(const egress_policy& policy, const firewall_setting& setting = {}) {
  return generator(
      [policy, setting](const choice_source& choices) { return draw_firewall_for(choices, policy, setting); },
      [](const firewall& now) { return simpler(now); });
}

/// The policies of sandboxes.
inline rc::Gen<egress_policy> policies(const policy_setting& setting = {}) {
  return generator([setting](const choice_source& choices) { return draw_policy(choices, setting); },
                   [](const egress_policy& now) { return simpler(now); });
}

}  // namespace cordon::testing

namespace cordon {
// Found by RapidCheck beside the types.
///@{
/// As RapidCheck shows a counterexample: in the words of `shown`.
inline void showValue(const sequence<packet>& of, std::ostream& out) {
  for (const packet& one : of) out << testing::shown(one) << '\n';
}
inline void showValue(const packet& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const rule& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const chain& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const table& of, std::ostream& out) { out << testing::shown(ruleset{backend::nft, {of}, {}}); }
inline void showValue(const ruleset& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const firewall& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const egress_policy& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const endpoint& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const proof& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const address& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const network& of, std::ostream& out) { out << testing::shown(of); }
inline void showValue(const verdict& of, std::ostream& out) { out << testing::shown(of); }
namespace testing {
/// As RapidCheck shows a counterexample.
inline void showValue(const mutant& of, std::ostream& out) { out << shown(of); }
///@}
}  // namespace testing
}  // namespace cordon

namespace rc {
template <>
struct Arbitrary<cordon::packet> {
  static Gen<cordon::packet> arbitrary() {
    return gen::oneOf(cordon::testing::packets(cordon::family::ipv4), cordon::testing::packets(cordon::family::ipv6));
  }
};
template <>
struct Arbitrary<cordon::rule> {
  static Gen<cordon::rule> arbitrary() { return cordon::testing::rules(); }
};
template <>
struct Arbitrary<cordon::firewall> {
  static Gen<cordon::firewall> arbitrary() { return cordon::testing::firewalls(); }
};
template <>
struct Arbitrary<cordon::egress_policy> {
  static Gen<cordon::egress_policy> arbitrary() { return cordon::testing::policies(); }
};
}  // namespace rc
