// Making sockets for another user.
#pragma once

#include <cstdint>

namespace cordon::kernel {

/// While it lives, sockets that this thread makes belong to `uid` and `gid` (xt_owner.c reads the file's
/// f_cred->fsuid, frozen at socket() and accept()). The other credentials, CAP_NET_RAW among them, stay as
/// they are.
class socket_owner {
 public:
  /// Throws std::runtime_error if the kernel refuses the numbers.
  socket_owner(std::uint32_t uid, std::uint32_t gid);
  ~socket_owner();
  socket_owner(const socket_owner&) = delete;
  socket_owner& operator=(const socket_owner&) = delete;

 private:
  std::uint32_t previous_uid_;
  std::uint32_t previous_gid_;
};

}  // namespace cordon::kernel
