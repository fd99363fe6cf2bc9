#include "watch.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "nft_batch.hpp"

namespace cordon::kernel {
namespace {

constexpr std::string_view silence_table = "cordon_silence";

// NF_IP_PRI_* of netfilter_ipv4.h: defragmentation -400, raw -300, conntrack -200, ..., security 50.
constexpr std::int32_t before_defragmentation = -450;
constexpr std::int32_t before_raw = -301;
constexpr std::int32_t after_conntrack = -199;
constexpr std::int32_t after_security = 1000;

void require(nft_batch& batch, netlink_socket& socket, const char* what) {
  if (const int error = batch.commit(socket); error != 0) throw std::system_error(error, std::generic_category(), what);
}

void remove_table(netlink_socket& socket, std::string_view table) {
  nft_batch batch;
  batch.delete_table(NFPROTO_INET, table);
  if (const int error = batch.commit(socket, ENOENT); error != 0) {
    throw std::system_error(error, std::generic_category(), "delete table");
  }
}

}  // namespace

namespace watch {
namespace {

struct named_state {
  const char* name;
  std::uint32_t bit;  // as nf_tables counts (NF_CT_STATE_BIT)
};
constexpr named_state states[] = {{"INVALID", 1}, {"ESTABLISHED", 2}, {"RELATED", 4}, {"NEW", 8}, {"UNTRACKED", 64}};

std::string prefix_of(std::string_view chain) { return std::string(log_prefix) + std::string(chain); }

void add_chains(nft_batch& batch, bool with_state) {
  batch.add_base_chain(NFPROTO_INET, table, begin_chain, NF_INET_LOCAL_OUT, before_raw, NF_ACCEPT);
  batch.begin_rule(NFPROTO_INET, table, begin_chain);
  batch.set_trace(true);
  batch.log(prefix_of(begin_chain));
  batch.accept();  // ends the chain without one more message, that of the policy
  batch.end_rule();

  if (with_state) {
    batch.add_base_chain(NFPROTO_INET, table, state_chain, NF_INET_LOCAL_OUT, after_conntrack, NF_ACCEPT);
    for (const named_state& state : states) {
      batch.begin_rule(NFPROTO_INET, table, state_chain);
      batch.if_state(state.bit);
      batch.log(prefix_of(state_chain) + ":" + state.name);
      batch.accept();
      batch.end_rule();
    }
  }

  batch.add_base_chain(NFPROTO_INET, table, end_chain, NF_INET_LOCAL_OUT, after_security, NF_ACCEPT);
  batch.begin_rule(NFPROTO_INET, table, end_chain);
  batch.log(prefix_of(end_chain));
  batch.end_rule();  // a rule of its own: once the trace is off, nf_tables tells nothing of the rule that did
                     // it
  batch.begin_rule(NFPROTO_INET, table, end_chain);
  batch.set_trace(false);
  batch.end_rule();
}

}  // namespace

void start(netlink_socket& socket, bool with_state) {
  // Deleting makes nf_tables wait for a grace period of RCU, now or when a netlink socket is closed: only
  // where needed.
  nft_batch first;
  first.add_new_table(NFPROTO_INET, table);
  add_chains(first, with_state);
  const int error = first.commit(socket);
  if (error == 0) return;
  if (error != EEXIST) throw std::system_error(error, std::generic_category(), "watch OUTPUT");
  nft_batch again;
  again.delete_table(NFPROTO_INET, table);
  again.add_new_table(NFPROTO_INET, table);
  add_chains(again, with_state);
  require(again, socket, "watch OUTPUT");
}

void stop(netlink_socket& socket) { remove_table(socket, table); }

}  // namespace watch

void silence_replies(netlink_socket& socket) {
  nft_batch batch;
  batch.add_table(NFPROTO_INET, silence_table);
  batch.add_base_chain(NFPROTO_INET, silence_table, "prerouting", NF_INET_PRE_ROUTING, before_defragmentation, NF_DROP);
  require(batch, socket, "silence replies");
}

void hear_replies(netlink_socket& socket) { remove_table(socket, silence_table); }

}  // namespace cordon::kernel
