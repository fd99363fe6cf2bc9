#include "packet_log.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace cordon::kernel {
namespace {

constexpr int receive_buffer = 64 * 1024 * 1024;
constexpr std::uint32_t copied_bytes = 160;  // IPv6, some extension headers, and a transport header

/// Who writes the reports of trace_packet is a setting of the namespace; PF_INET and PF_INET6 are 2 and 10.
/// Nothing sets it back: the namespace dies, and a destructor might run outside of it.
void choose_logger(const char* name) {
  for (const char* path : {"/proc/sys/net/netfilter/nf_log/2", "/proc/sys/net/netfilter/nf_log/10"})
    std::ofstream(path) << name << std::flush;
}

void bind_group_zero(netlink_socket& socket) {
  nfulnl_msg_config_cmd bind{};
  bind.command = NFULNL_CFG_CMD_BIND;
  netlink_request request;
  request.begin_netfilter(NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG, NLM_F_ACK, AF_UNSPEC, 0);
  request.attribute(NFULA_CFG_CMD, {&bind.command, sizeof bind});
  nfulnl_msg_config_mode mode{};
  mode.copy_mode = NFULNL_COPY_PACKET;
  std::uint8_t mode_bytes[sizeof mode];
  mode.copy_range = __builtin_bswap32(copied_bytes);
  std::memcpy(mode_bytes, &mode, sizeof mode);
  request.attribute(NFULA_CFG_MODE, mode_bytes);
  // Messages leave the kernel only when one does not fit any more, or when this many wait.
  request.big32(NFULA_CFG_QTHRESH, 1);
  request.end();
  socket.require(request, "bind NFLOG group 0");
}

log_report report_of(const netlink_message& message) {
  log_report found;
  for_each_attribute(message.body.subspan(std::min(sizeof(nfgenmsg), message.body.size())),
                     [&](const netlink_attribute& attribute) {
                       switch (attribute.type) {
                         case NFULA_PREFIX: found.prefix = attribute.text(); break;
                         case NFULA_PACKET_HDR:
                           found.hook = attribute.value.size() > 2 ? attribute.value[2] : std::uint8_t{0};
                           break;
                         case NFULA_MARK: found.mark = attribute.big32(); break;
                         case NFULA_IFINDEX_OUTDEV: found.out_interface = attribute.big32(); break;
                         case NFULA_UID: found.uid = attribute.big32(); break;
                         case NFULA_PAYLOAD: found.bytes = attribute.value; break;
                         default: break;
                       }
                     });
  return found;
}

}  // namespace

packet_log::packet_log() : socket_(NETLINK_NETFILTER) {
  socket_.enlarge_receive_buffer(receive_buffer);
  bind_group_zero(socket_);
  choose_logger("nfnetlink_log");
}

void packet_log::drain(const std::function<void(const log_report&)>& visit) {
  socket_.drain([&](const netlink_message& message) {
    if (message.type != ((NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET)) return;
    const log_report report = report_of(message);
    if (report.hook == NF_INET_LOCAL_OUT) visit(report);
  });
}

}  // namespace cordon::kernel
