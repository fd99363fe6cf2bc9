// The few words of nf_tables that the harness speaks itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "netlink.hpp"

namespace cordon::kernel {

/// Changes to nf_tables that come into force together. Only what the harness needs of its own: base chains
/// that no iptables program knows, so that no rule of the rule set under test is touched or shifted.
class nft_batch {
 public:
  nft_batch();

  void add_table(std::uint8_t family, std::string_view table);
  /// Commit fails with EEXIST where it exists.
  void add_new_table(std::uint8_t family, std::string_view table);
  /// An empty name: every table of the family.
  void delete_table(std::uint8_t family, std::string_view table);
  /// `hook` as NF_INET_LOCAL_OUT; `policy` NF_ACCEPT or NF_DROP.
  void add_base_chain(std::uint8_t family, std::string_view table, std::string_view chain, std::uint32_t hook,
                      std::int32_t priority, std::uint32_t policy);

  void begin_rule(std::uint8_t family, std::string_view table, std::string_view chain);
  void set_trace(bool on);            ///< meta nftrace set 1
  void log(std::string_view prefix);  ///< log prefix "..." group 0
  void if_state(std::uint32_t bits);  ///< ct state ...; makes conntrack track, if nothing else does
  void accept();
  void end_rule();

  /// The first errno that is not 0 nor `forgiven`.
  int commit(netlink_socket& socket, int forgiven = 0);

 private:
  void begin(std::uint8_t message, std::uint16_t flags, std::uint8_t family);
  std::size_t open_expression(std::string_view name, std::size_t& data);
  void close_expression(std::size_t expression, std::size_t data);
  void load(std::uint32_t value);

  netlink_request request_;
  std::size_t expressions_ = 0;
};

/// Visits the rules of every chain of a family, in the order of each chain.
using rule_visitor = std::function<void(std::string_view table, std::string_view chain, std::uint64_t handle)>;
void for_each_nft_rule(netlink_socket& socket, std::uint8_t family, const rule_visitor& visit);

}  // namespace cordon::kernel
