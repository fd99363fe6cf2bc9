// A whole firewall from files, as iptables-save and ip6tables-save write them.
#pragma once

#include <string_view>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/address_text.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/file.hpp>
#include <cordon/text/ipset_text.hpp>
#include <cordon/text/reader.hpp>

namespace cordon {

/// The files of a firewall's rules. A family without a file has no rules, and so accepts everything.
struct firewall_files {
  const char* v4 = nullptr;  ///< null: none
  const char* v6 = nullptr;  ///< as `v4`, of ip6tables
  bool no_v4 = false;        ///< the host has no IPv4
  bool no_v6 = false;        ///< the host has no IPv6
  /// Whose rules they are; nothing: what the header of each file says, else nft.
  maybe<cordon::backend> backend = no_value;
  const char* sets = nullptr;           ///< what `ipset save` printed; null: what sets hold is not known
  const char* addresses = nullptr;      ///< what `ip -o addr` printed; null: the host's addresses are not known
  bool without_ipsec = false;           ///< the host has no IPsec policy
  const name_sources* names = nullptr;  ///< where user, group and service names are looked up; null: nowhere
};

/// Reads the rules of both families. With one error there is no firewall; warnings of both files stand beside one.
inline read_result<firewall> read_firewall(const firewall_files& from) {
  firewall made;
  sequence<diagnostic> said;
  for (const family of : both_families) {
    const char* const file = of == family::ipv4 ? from.v4 : from.v6;
    if (of == family::ipv4 ? from.no_v4 : from.no_v6) {
      made.of(of) = family_rules::none();
      continue;
    }
    if (file == nullptr) continue;
    const auto content = read_file(file);
    if (!content) return read_result<firewall>::failure(content.diagnostics());
    auto rules = read_ruleset(
        *content, {.family = of, .backend = from.backend, .file = shown_file_name(file), .names = from.names});
    if (!rules) return read_result<firewall>::failure(rules.diagnostics());
    said.append(rules.diagnostics());
    made.of(of) = family_rules(std::move(*rules));
  }
  made.host.without_ipsec = from.without_ipsec;
  if (from.sets != nullptr) {
    const auto content = read_file(from.sets);
    if (!content) return read_result<firewall>::failure(content.diagnostics());
    auto sets = read_sets(*content, shown_file_name(from.sets));
    if (!sets) return read_result<firewall>::failure(sets.diagnostics());
    said.append(sets.diagnostics());
    made.host.sets = std::move(*sets);
  }
  if (from.addresses != nullptr) {
    const auto content = read_file(from.addresses);
    if (!content) return read_result<firewall>::failure(content.diagnostics());
    auto addresses = read_addresses(*content, shown_file_name(from.addresses));
    if (!addresses) return read_result<firewall>::failure(addresses.diagnostics());
    made.host.addresses = std::move(*addresses);
  }
  return {std::move(made), std::move(said)};
}

}  // namespace cordon
