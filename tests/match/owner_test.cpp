#include <cordon/match/owner.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
packet from(socket_kind socket, std::uint32_t uid = 0, std::uint32_t gid = 0) {
  packet made;
  made.owner = {socket, uid, gid};
  return made;
}
}  // namespace

TEST_CASE("owners are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--uid-owner 1000-1000", "--uid-owner 1000"},
      {"--uid-owner 1000:2000", "--uid-owner 1000-2000"},
      {"--uid-owner 0x10", "--uid-owner 16"},
      {"--gid-owner 100 --uid-owner 7 --socket-exists", "--socket-exists --uid-owner 7 --gid-owner 100"},
      {"! --gid-owner 5-6", "! --gid-owner 5-6"},
      {"--gid-owner 100 --suppl-groups", "--gid-owner 100 --suppl-groups"},
      {"--uid-owner 0-4294967294", "--uid-owner 0-4294967294"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(owner_match, one.written) == one.printed);
  }
}

TEST_CASE("owners that iptables or the kernel refuses are refused") {
  for (const char* const words :
       {"", "--uid-owner 4294967295", "--uid-owner 2000-1000", "--uid-owner 1000-", "--uid-owner -1000",
        "--uid-owner nosuchuser", "--suppl-groups", "--suppl-groups --gid-owner 5", "--uid-owner 0-4294967295"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(owner_match, words)));
  }
}

TEST_CASE("a packet without a socket fits if every option is inverted, the kernel's own if no id is asked for") {
  using enum socket_kind;
  struct {
    const char* words;
    const char* no_socket;
    const char* of_kernel;
    const char* of_1000;
    const char* of_2000;
  } const cases[] = {
      {"--uid-owner 1000", "no", "no", "yes", "no"},
      {"! --uid-owner 1000", "yes", "yes", "no", "yes"},
      {"--uid-owner 0-4294967294", "no", "no", "yes", "yes"},
      {"! --uid-owner 0-4294967294", "yes", "yes", "no", "no"},
      {"--socket-exists", "no", "yes", "yes", "yes"},
      {"! --socket-exists", "yes", "no", "no", "no"},
      {"--socket-exists ! --uid-owner 1000", "no", "yes", "no", "yes"},
      {"! --socket-exists ! --uid-owner 1000", "yes", "no", "no", "no"},
      {"! --socket-exists --uid-owner 1000", "no", "no", "no", "no"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words);
    CHECK(decides(owner_match, one.words, from(none)) == one.no_socket);
    CHECK(decides(owner_match, one.words, from(kernel)) == one.of_kernel);
    CHECK(decides(owner_match, one.words, from(user, 1000, 7)) == one.of_1000);
    CHECK(decides(owner_match, one.words, from(user, 2000, 7)) == one.of_2000);
  }
}

TEST_CASE("user and group must both fit, and a supplementary group is not known") {
  const packet sent = from(socket_kind::user, 1000, 7);
  CHECK(decides(owner_match, "--uid-owner 1000 --gid-owner 8", sent) == "no");
  CHECK(decides(owner_match, "! --uid-owner 1 ! --gid-owner 7", sent) == "no");
  CHECK(decides(owner_match, "! --uid-owner 1 ! --gid-owner 8", sent) == "yes");
  CHECK(decides(owner_match, "--gid-owner 7 --suppl-groups", sent) == "yes");
  CHECK(decides(owner_match, "--gid-owner 8 --suppl-groups", sent) == "unknown");
  CHECK(decides(owner_match, "--gid-owner 8 --suppl-groups", from(socket_kind::none)) == "no");
}

TEST_CASE("with --suppl-groups a packet without a socket fits nothing, not even the negation") {
  CHECK(decides(owner_match, "! --gid-owner 8", from(socket_kind::none)) == "yes");
  CHECK(decides(owner_match, "! --gid-owner 8 --suppl-groups", from(socket_kind::none)) == "no");
  CHECK(decides(owner_match, "! --gid-owner 8 --suppl-groups", from(socket_kind::kernel)) == "yes");
}
