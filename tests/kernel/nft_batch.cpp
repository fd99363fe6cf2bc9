#include "nft_batch.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace cordon::kernel {
namespace {

constexpr std::uint32_t word_register = NFT_REG_1;

}  // namespace

nft_batch::nft_batch() {
  request_.begin_netfilter(NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  request_.end();
}

void nft_batch::begin(std::uint8_t message, std::uint16_t flags, std::uint8_t family) {
  request_.begin_netfilter(NFNL_SUBSYS_NFTABLES, message, static_cast<std::uint16_t>(flags | NLM_F_ACK), family);
}

void nft_batch::add_table(std::uint8_t family, std::string_view table) {
  begin(NFT_MSG_NEWTABLE, NLM_F_CREATE, family);
  request_.text(NFTA_TABLE_NAME, table);
  request_.end();
}

void nft_batch::add_new_table(std::uint8_t family, std::string_view table) {
  begin(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, family);
  request_.text(NFTA_TABLE_NAME, table);
  request_.end();
}

void nft_batch::delete_table(std::uint8_t family, std::string_view table) {
  begin(NFT_MSG_DELTABLE, 0, family);
  if (!table.empty()) request_.text(NFTA_TABLE_NAME, table);
  request_.end();
}

void nft_batch::add_base_chain(std::uint8_t family, std::string_view table, std::string_view chain, std::uint32_t hook,
                               std::int32_t priority, std::uint32_t policy) {
  begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, family);
  request_.text(NFTA_CHAIN_TABLE, table);
  request_.text(NFTA_CHAIN_NAME, chain);
  const std::size_t place = request_.open(NFTA_CHAIN_HOOK);
  request_.big32(NFTA_HOOK_HOOKNUM, hook);
  request_.big32(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(priority));
  request_.close(place);
  request_.big32(NFTA_CHAIN_POLICY, policy);
  request_.text(NFTA_CHAIN_TYPE, "filter");
  request_.end();
}

void nft_batch::begin_rule(std::uint8_t family, std::string_view table, std::string_view chain) {
  begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family);
  request_.text(NFTA_RULE_TABLE, table);
  request_.text(NFTA_RULE_CHAIN, chain);
  expressions_ = request_.open(NFTA_RULE_EXPRESSIONS);
}

void nft_batch::end_rule() {
  request_.close(expressions_);
  request_.end();
}

std::size_t nft_batch::open_expression(std::string_view name, std::size_t& data) {
  const std::size_t expression = request_.open(NFTA_LIST_ELEM);
  request_.text(NFTA_EXPR_NAME, name);
  data = request_.open(NFTA_EXPR_DATA);
  return expression;
}

void nft_batch::close_expression(std::size_t expression, std::size_t data) {
  request_.close(data);
  request_.close(expression);
}

void nft_batch::set_trace(bool on) {
  std::size_t data = 0;
  const std::size_t value = open_expression("immediate", data);
  request_.big32(NFTA_IMMEDIATE_DREG, word_register);
  const std::size_t nested = request_.open(NFTA_IMMEDIATE_DATA);
  const std::uint8_t byte = on ? 1 : 0;
  request_.attribute(NFTA_DATA_VALUE, {&byte, 1});
  request_.close(nested);
  close_expression(value, data);

  const std::size_t expression = open_expression("meta", data);
  request_.big32(NFTA_META_KEY, NFT_META_NFTRACE);
  request_.big32(NFTA_META_SREG, word_register);
  close_expression(expression, data);
}

void nft_batch::log(std::string_view prefix) {
  std::size_t data = 0;
  const std::size_t expression = open_expression("log", data);
  request_.big16(NFTA_LOG_GROUP, 0);
  request_.text(NFTA_LOG_PREFIX, prefix);
  close_expression(expression, data);
}

void nft_batch::if_state(std::uint32_t bits) {
  std::size_t data = 0;
  const std::size_t load = open_expression("ct", data);
  request_.big32(NFTA_CT_DREG, word_register);
  request_.big32(NFTA_CT_KEY, NFT_CT_STATE);
  close_expression(load, data);

  const std::size_t masked = open_expression("bitwise", data);
  request_.big32(NFTA_BITWISE_SREG, word_register);
  request_.big32(NFTA_BITWISE_DREG, word_register);
  request_.big32(NFTA_BITWISE_LEN, sizeof bits);
  const std::size_t mask = request_.open(NFTA_BITWISE_MASK);
  request_.number32(NFTA_DATA_VALUE, bits);
  request_.close(mask);
  const std::size_t flip = request_.open(NFTA_BITWISE_XOR);
  request_.number32(NFTA_DATA_VALUE, 0);
  request_.close(flip);
  close_expression(masked, data);

  const std::size_t compare = open_expression("cmp", data);
  request_.big32(NFTA_CMP_SREG, word_register);
  request_.big32(NFTA_CMP_OP, NFT_CMP_NEQ);
  const std::size_t zero = request_.open(NFTA_CMP_DATA);
  request_.number32(NFTA_DATA_VALUE, 0);
  request_.close(zero);
  close_expression(compare, data);
}

void nft_batch::accept() {
  std::size_t data = 0;
  const std::size_t expression = open_expression("immediate", data);
  request_.big32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  const std::size_t nested = request_.open(NFTA_IMMEDIATE_DATA);
  const std::size_t verdict = request_.open(NFTA_DATA_VERDICT);
  request_.big32(NFTA_VERDICT_CODE, NF_ACCEPT);
  request_.close(verdict);
  request_.close(nested);
  close_expression(expression, data);
}

int nft_batch::commit(netlink_socket& socket, int forgiven) {
  request_.begin_netfilter(NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  request_.end();
  return socket.transact(request_, forgiven);
}

void for_each_nft_rule(netlink_socket& socket, std::uint8_t family, const rule_visitor& visit) {
  netlink_request request;
  request.begin_netfilter(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETRULE, NLM_F_DUMP, family);
  request.end();
  socket.dump(request, [&](const netlink_message& message) {
    std::string_view table;
    std::string_view chain;
    std::uint64_t handle = 0;
    for_each_attribute(message.body.subspan(std::min(sizeof(nfgenmsg), message.body.size())),
                       [&](const netlink_attribute& attribute) {
                         if (attribute.type == NFTA_RULE_TABLE) table = attribute.text();
                         if (attribute.type == NFTA_RULE_CHAIN) chain = attribute.text();
                         if (attribute.type == NFTA_RULE_HANDLE) handle = attribute.big64();
                       });
    visit(table, chain, handle);
  });
}

}  // namespace cordon::kernel
