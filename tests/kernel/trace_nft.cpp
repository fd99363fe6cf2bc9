#include "trace_nft.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>

#include "nft_batch.hpp"
#include "watch.hpp"

namespace cordon::kernel {
namespace {

constexpr int receive_buffer = 64 * 1024 * 1024;

std::string path_of(std::string_view table, std::string_view chain) {
  return std::string(table) + ":" + std::string(chain);
}

std::int32_t verdict_code(std::span<const std::uint8_t> nested) {
  std::int32_t code = 0;
  for_each_attribute(nested, [&](const netlink_attribute& attribute) {
    if (attribute.type == NFTA_VERDICT_CODE) code = static_cast<std::int32_t>(attribute.big32());
  });
  return code;
}

}  // namespace

nft_tracer::nft_tracer(world& where, options chosen) : world_(where), socket_(NETLINK_NETFILTER) {
  socket_.enlarge_receive_buffer(receive_buffer);
  socket_.join(NFNLGRP_NFTRACE);
  watch::start(world_.netfilter(), chosen.conntrack_state);
  read_rules();
}

void nft_tracer::read_rules() {
  numbers_.clear();
  counts_.clear();
  for (const std::uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
    for_each_nft_rule(world_.netfilter(), family,
                      [&](std::string_view table, std::string_view chain, std::uint64_t handle) {
                        const std::string path = path_of(table, chain);
                        numbers_[{family, path, handle}] = ++counts_[{family, path}];
                      });
  }
}

std::uint32_t nft_tracer::number_of(const place& where) const {
  const auto found = numbers_.find(where);
  return found == numbers_.end() ? 0 : found->second;
}

nft_tracer::event nft_tracer::event_of(const netlink_message& message) {
  event found;
  for_each_attribute(message.body.subspan(std::min(sizeof(nfgenmsg), message.body.size())),
                     [&](const netlink_attribute& attribute) {
                       switch (attribute.type) {
                         case NFTA_TRACE_TABLE: found.table = attribute.text(); break;
                         case NFTA_TRACE_CHAIN: found.chain = attribute.text(); break;
                         case NFTA_TRACE_RULE_HANDLE: found.handle = attribute.big64(); break;
                         case NFTA_TRACE_TYPE: found.type = attribute.big32(); break;
                         case NFTA_TRACE_VERDICT: found.verdict = verdict_code(attribute.value); break;
                         case NFTA_TRACE_ID: found.id = attribute.big32(); break;
                         case NFTA_TRACE_NFPROTO: found.protocol_family = attribute.big32(); break;
                         case NFTA_TRACE_MARK: found.mark = attribute.big32(); break;
                         case NFTA_TRACE_NETWORK_HEADER: found.network_header = attribute.value.size(); [[fallthrough]];
                         case NFTA_TRACE_TRANSPORT_HEADER:
                           found.bytes.insert(found.bytes.end(), attribute.value.begin(), attribute.value.end());
                           break;
                         default: break;
                       }
                     });
  return found;
}

void nft_tracer::read_log() {
  log_.drain([this](const log_report& report) { assembler_.note_bookend(report); });
}

void nft_tracer::bind(const event& found) {
  const ip_family family = found.protocol_family == NFPROTO_IPV6 ? ip_family::v6 : ip_family::v4;
  const std::span<const std::uint8_t> header = std::span(found.bytes).first(found.network_header);
  if (assembler_.bind(found.id, family, header)) return;
  read_log();  // it came after the log was read
  assembler_.bind(found.id, family, header);
}

void nft_tracer::note_step(event& found) {
  traced_packet* packet = assembler_.find_bound(found.id);
  if (packet == nullptr) return;
  const std::string path = path_of(found.table, found.chain);
  trace_step step;
  step.table = found.table;
  step.chain = found.chain;
  step.mark = found.mark;
  step.bytes = std::move(found.bytes);
  if (found.handle != 0) {
    step.number = number_of({found.protocol_family, path, found.handle});
    step.dropped = found.verdict == NF_DROP;
  } else {
    const auto count = counts_.find({found.protocol_family, path});
    step.number = 1 + (count == counts_.end() ? 0 : count->second);
    step.kind = found.type == NFT_TRACETYPE_POLICY ? step_kind::policy : step_kind::returned;
  }
  // A base chain's end is told twice, as the end of a chain and as the policy that it leads to.
  std::vector<trace_step>& steps = packet->steps;
  const bool told = step.kind == step_kind::policy && !steps.empty() && steps.back().kind == step_kind::returned &&
                    steps.back().table == step.table && steps.back().chain == step.chain;
  if (told && step.bytes.empty()) step.bytes = std::move(steps.back().bytes);
  if (told) steps.pop_back();
  steps.push_back(std::move(step));
}

void nft_tracer::read(const netlink_message& message) {
  if (message.type != ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_TRACE)) return;
  event found = event_of(message);
  if (found.table != watch::table) {
    note_step(found);
  } else if (found.chain == watch::begin_chain) {
    bind(found);
  }
}

std::vector<traced_packet> nft_tracer::take() {
  read_log();
  socket_.drain([this](const netlink_message& message) { read(message); });
  return assembler_.take();
}

}  // namespace cordon::kernel
