#include "queue_program.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <chrono>
#include <cstring>

namespace cordon::kernel {
namespace {

template <class Value>
std::span<const std::uint8_t> bytes_of(const Value& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

}  // namespace

queue_program::queue_program(std::uint16_t queue, std::uint32_t mark)
    : socket_(NETLINK_NETFILTER), queue_(queue), mark_(mark) {
  netlink_request request;
  request.begin_netfilter(NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, AF_UNSPEC, queue);
  request.attribute(NFQA_CFG_CMD, bytes_of(nfqnl_msg_config_cmd{NFQNL_CFG_CMD_BIND, 0, htons(AF_UNSPEC)}));
  request.end();
  request.begin_netfilter(NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, AF_UNSPEC, queue);
  request.attribute(NFQA_CFG_PARAMS, bytes_of(nfqnl_msg_config_params{0, NFQNL_COPY_META}));
  request.end();
  socket_.require(request, "a queue");
  thread_ = std::jthread([this](const std::stop_token& end) {
    while (!end.stop_requested()) {
      socket_.drain([this](const netlink_message& one) { answer(one); });
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
}

void queue_program::answer(const netlink_message& one) {
  if (one.type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET) || one.body.size() < sizeof(nfgenmsg)) return;
  for_each_attribute(one.body.subspan(sizeof(nfgenmsg)), [&](const netlink_attribute& part) {
    if (part.type != NFQA_PACKET_HDR) return;
    nfqnl_msg_packet_hdr header{};
    std::memcpy(&header, part.value.data(), sizeof header);
    netlink_request request;
    request.begin_netfilter(NFNL_SUBSYS_QUEUE, NFQNL_MSG_VERDICT, NLM_F_REQUEST, AF_UNSPEC, queue_);
    request.attribute(NFQA_VERDICT_HDR, bytes_of(nfqnl_msg_verdict_hdr{htonl(NF_ACCEPT), header.packet_id}));
    request.big32(NFQA_MARK, mark_);
    request.end();
    socket_.require(request, "a verdict");
  });
}

}  // namespace cordon::kernel
