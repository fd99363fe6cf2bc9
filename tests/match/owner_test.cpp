#include <cordon/match/owner.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

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

TEST_CASE("owners of every packet, against what owner_mt says of its socket and of each option by itself") {
  struct {
    int exists;  // 1: asked for, 0: asked not to be, -1: not asked
    int uid;
    int gid;
    bool supplementary;
  } const cases[] = {{1, -1, -1, false}, {0, -1, -1, false}, {-1, 1, -1, false}, {-1, 0, -1, false}, {-1, -1, 1, false},
                     {-1, -1, 0, false}, {-1, 1, 1, false},  {-1, 1, 0, false},  {-1, 0, 1, false},  {-1, 0, 0, false},
                     {1, 1, -1, false},  {1, 0, -1, false},  {0, 1, -1, false},  {0, 0, -1, false},  {1, 1, 1, false},
                     {1, 0, 0, false},   {0, 0, 0, false},   {1, -1, 0, false},  {-1, -1, 1, true},  {-1, -1, 0, true},
                     {-1, 1, 1, true},   {-1, 0, 1, true},   {-1, 1, 0, true},   {-1, 0, 0, true},   {1, -1, 1, true},
                     {1, -1, 0, true},   {0, -1, 0, true},   {1, 1, 1, true},    {1, 0, 0, true}};
  for (const auto& [low, high] : {std::pair{1000U, 1000U}, std::pair{1000U, 1005U}, std::pair{0U, 1000U},
                                  std::pair{1000U, 4294967294U}, std::pair{0U, 0U}, std::pair{0U, 4294967294U}}) {
    std::vector<uint128> ids = around({1000, 1005});
    ids.insert(ids.end(), {0, 1, 4294967293, 4294967294});
    const std::vector<packet> packets =
        mixed_packets(family::ipv4, {{field::socket, {0, 1, 2, 2, 2, 2}}, {field::uid, ids}, {field::gid, ids}}, 1500);
    const std::string range = std::to_string(low) + "-" + std::to_string(high);
    for (const auto& asked : cases) {
      std::string words;
      const auto add = [&](int how, const std::string& option) {
        if (how >= 0) words += (words.empty() ? "" : " ") + std::string(how == 0 ? "! " : "") + option;
      };
      add(asked.exists, "--socket-exists");
      add(asked.uid, "--uid-owner " + range);
      add(asked.gid, "--gid-owner " + range);
      if (asked.supplementary) words += " --suppl-groups";
      check_each(
          owner_match, words, {}, packets,
          [&](const packet& sent) {
            // Each option's own answer, xor its inversion, where there is a user; see the steps of owner_mt.
            const auto in_range = [&](std::uint32_t id) { return id >= low && id <= high; };
            const bool every_one_inverted =
                asked.exists != 1 && asked.uid != 1 && asked.gid != 1 && !asked.supplementary;
            if (sent.owner.socket == socket_kind::none) return truth_of(every_one_inverted);
            if (asked.exists == 0) return truth::no;
            if (sent.owner.socket == socket_kind::kernel) return truth_of(asked.uid != 1 && asked.gid != 1);
            if (asked.uid >= 0 && in_range(sent.owner.uid) != (asked.uid == 1)) return truth::no;
            if (asked.gid < 0) return truth::yes;
            if (in_range(sent.owner.gid)) return truth_of(asked.gid == 1);
            if (asked.supplementary) return truth::unknown;
            return truth_of(asked.gid == 0);
          },
          /*may_fare_alike=*/true);
    }
  }
}

TEST_CASE("whether a user has a supplementary group is one question, asked of its negation too") {
  packet sent = from(socket_kind::user, 1000, 7);
  const auto answer = [&](const char* words, truth has_group) {
    const match_meaning made = meaning_of(owner_match, read_use(owner_match, words, {}).options, {});
    return evaluate(made.holds, sent, 0, [&](const atom& one) {
      return one.name.view() == "owner supplementary group 8-9" && !one.stateful ? has_group : truth::unknown;
    });
  };
  for (const truth has_group : {truth::no, truth::yes}) {
    CHECK(answer("--gid-owner 8-9 --suppl-groups", has_group) == has_group);
    CHECK(answer("! --gid-owner 8-9 --suppl-groups", has_group) == !has_group);
    CHECK(answer("--uid-owner 1000 --gid-owner 8-9 --suppl-groups", has_group) == has_group);
    CHECK(answer("! --uid-owner 1 ! --gid-owner 8-9 --suppl-groups", has_group) == !has_group);
    CHECK(answer("! --uid-owner 1 --gid-owner 8-9 --suppl-groups", has_group) == has_group);
    CHECK(answer("--uid-owner 1000 ! --gid-owner 8-9 --suppl-groups", has_group) == !has_group);
    CHECK(answer("--socket-exists ! --gid-owner 8-9 --suppl-groups", has_group) == !has_group);
  }
}
