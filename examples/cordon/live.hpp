// The rules of the host that the command runs on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <cordon/packet/family.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/text/diagnostic.hpp>

/// What one save program printed.
struct live_rules {
  std::string program;  ///< its name, for messages
  std::string content;
  cordon::backend backend = cordon::backend::nft;
};

/// What the save programs of both back ends print for a family; one that prints no table is left out if the other
/// does. Throws `unusable`.
std::vector<live_rules> saved_rules(cordon::family of);

/// What `ipset save` and `ip -o addr` print. Where one of them cannot be run: nothing, and a warning in `remarks`.
std::optional<std::string> saved_sets(cordon::sequence<cordon::diagnostic>& remarks);
std::optional<std::string> own_addresses(cordon::sequence<cordon::diagnostic>& remarks);

/// A chain of nft's own language on the output hook that may drop or rewrite packets.
struct native_chain {
  std::string name;  ///< as `nft list ruleset` names it: inet filter output
  bool v4 = true;
  bool v6 = true;
};

/// Those among the chains that `nft list ruleset` printed.
std::vector<native_chain> native_chains_in(const std::string& listing);

/// Those of this host. Without nft: none, and a warning in `remarks`. Throws `unusable`.
std::vector<native_chain> native_chains(cordon::sequence<cordon::diagnostic>& remarks);
