// -m cluster: which node of a cluster handles a connection (net/netfilter/xt_cluster.c, xt_cluster_mt). An atom.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace cluster_option {
enum : std::uint8_t { local_node_mask, total_nodes, hash_seed, local_node };

inline constexpr value_form hexadecimal{
    "number", 1, forms::number<0, 0xffffffff>.read,
    [](const option& from, family, text& out) { out.append("0x").append_hexadecimal(from.numbers[0].low, 8); },
    forms::number<0, 0xffffffff>.draw};

// iptables-save prints masks that iptables-restore 1.8.9 does not take back: that reads 1 to 32 alone.
inline constexpr value_form node_mask{"number", 1, hexadecimal.read, hexadecimal.write, forms::number<1, 32>.draw};

inline constexpr value_form node_form{"number", 1, forms::number<1, 32>.read, forms::number<1, 32>.write,
                                      forms::number<1, 6>.draw};

inline constexpr option_description table[] = {
    {.name = "--cluster-local-nodemask", .form = &node_mask, .meaning = "the nodes that are local, as bits"},
    {.name = "--cluster-total-nodes",
     .form = &forms::number<1, 32>,
     .invertible = false,
     .least_count = 1,
     .meaning = "how many nodes there are"},
    {.name = "--cluster-hash-seed",
     .form = &hexadecimal,
     .invertible = false,
     .least_count = 1,
     .meaning = "the seed of the hash"},
    {.name = "--cluster-local-node", .form = &node_form, .only_read = true, .meaning = "the local node"},
};
}  // namespace cluster_option

namespace detail {
constexpr text cluster_check(const sequence<option>& options, const meaning_context&) {
  using namespace cluster_option;
  const auto total = find_option(options, total_nodes)->numbers[0].low;
  const option* const node = find_option(options, local_node);
  const option* const mask = find_option(options, local_node_mask);
  if ((node == nullptr) == (mask == nullptr))
    return "-m cluster needs exactly one of --cluster-local-node and --cluster-local-nodemask";
  if (node != nullptr && node->numbers[0].low > total)
    return "--cluster-local-node must not be greater than --cluster-total-nodes";
  if (mask != nullptr && mask->numbers[0].low >= uint128{1} << static_cast<unsigned>(total))
    return "--cluster-local-nodemask names nodes beyond --cluster-total-nodes";
  return {};
}

constexpr void cluster_normalise(sequence<option>& options, const meaning_context&) {
  for (option& one : options) {
    if (one.index != cluster_option::local_node) continue;
    const uint128 mask = uint128{1} << static_cast<unsigned>(one.numbers[0].low - 1);
    one = {cluster_option::local_node_mask, one.inverted, {{mask, mask}}, {}};
  }
}

constexpr match_meaning cluster_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("cluster", cluster_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m cluster`: its options, and what a use of it means.
inline constexpr match_extension cluster_match{.name = "cluster",
                                               .options = cluster_option::table,
                                               .check = detail::cluster_check,
                                               .normalise = detail::cluster_normalise,
                                               .meaning = detail::cluster_meaning};

}  // namespace cordon
