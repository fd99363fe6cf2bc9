// A firewall that was proved, as a type: what renders rules takes no other, and only a proof makes one.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/contract.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/prove/own_chain.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/rule/firewall.hpp>

namespace cordon {

struct enforcement;

/// A firewall that keeps a policy, and the policy. Made by `proved` and `enforce`, and by nothing else.
class proved_firewall {
 public:
  /// What was proved: the host's rules, and its own chain in them.
  constexpr const firewall& rules() const { return rules_; }
  /// What it was proved to keep.
  constexpr const egress_policy& policy() const { return policy_; }

 private:
  constexpr proved_firewall() = default;  // where a `maybe` of it holds nothing
  friend class maybe<proved_firewall>;
  constexpr proved_firewall(firewall rules, const egress_policy& policy) : rules_(std::move(rules)), policy_(policy) {}
  friend class enforced_firewall;
  friend constexpr maybe<proved_firewall> proved(const firewall& rules, const egress_policy& policy);

  firewall rules_;
  egress_policy policy_;
};

/// The firewall as a proved one if it is: see `prove`, which tells why it is not. Precondition: as for
/// `prove`.
constexpr maybe<proved_firewall> proved(const firewall& rules, const egress_policy& policy) {
  if (!prove(rules, policy).proved()) return no_value;
  return proved_firewall(rules, policy);
}

/// How a sandbox's chain comes into the rules of one family.
struct installation {
  cordon::family family = family::ipv4;    ///< which one
  cordon::backend backend = backend::nft;  ///< of the rules that it stands in
  own_chain own = {};                      ///< for that family
  /// Whether the host's rules were given. Else nothing is known of what OUTPUT holds.
  bool host_is_known = false;
  std::size_t jumps_there = 0;  ///< how often the host's OUTPUT held the jump already

  friend constexpr bool operator==(const installation&, const installation&) = default;
};

/// A proved firewall in which the policy is kept by a chain of its own. Made by `enforce`, and by nothing
/// else.
class enforced_firewall : public proved_firewall {
 public:
  /// Whether the host has the family, and so rules for it.
  constexpr bool has(family which) const { return which == family::ipv4 ? v4_.has_value() : v6_.has_value(); }
  /// What was put into the rules of a family. Precondition: `has(which)`.
  constexpr const installation& of(family which) const {
    require(has(which), "the host does not have this family: it has no rules");
    return which == family::ipv4 ? *v4_ : *v6_;
  }

 private:
  constexpr enforced_firewall() = default;
  friend class maybe<enforced_firewall>;
  constexpr enforced_firewall(firewall rules, const egress_policy& policy, maybe<installation> v4,
                              maybe<installation> v6)
      : proved_firewall(std::move(rules), policy), v4_(std::move(v4)), v6_(std::move(v6)) {}
  friend constexpr enforcement enforce(const egress_policy& policy, const firewall& host);

  maybe<installation> v4_;
  maybe<installation> v6_;
};

}  // namespace cordon
