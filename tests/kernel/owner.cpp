#include "owner.hpp"

#include <sys/fsuid.h>

#include <stdexcept>
#include <string>

namespace cordon::kernel {
namespace {

/// setfsuid(2) reports no error: an invalid number leaves things alone and returns what holds now.
constexpr std::uint32_t only_ask = 0xffffffffU;

}  // namespace

socket_owner::socket_owner(std::uint32_t uid, std::uint32_t gid)
    : previous_uid_(static_cast<std::uint32_t>(setfsuid(only_ask))),
      previous_gid_(static_cast<std::uint32_t>(setfsgid(only_ask))) {
  // The group first: once the uid is changed, changing the group back needs a capability that a caller may
  // lack.
  setfsgid(gid);
  setfsuid(uid);
  const bool changed =
      static_cast<std::uint32_t>(setfsgid(only_ask)) == gid && static_cast<std::uint32_t>(setfsuid(only_ask)) == uid;
  if (!changed) {
    setfsuid(previous_uid_);
    setfsgid(previous_gid_);
    throw std::runtime_error("cannot make sockets for uid " + std::to_string(uid) + " gid " + std::to_string(gid));
  }
}

socket_owner::~socket_owner() {
  setfsuid(previous_uid_);
  setfsgid(previous_gid_);
}

}  // namespace cordon::kernel
