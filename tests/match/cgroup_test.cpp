#include <cordon/match/cgroup.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m cgroup is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --cgroup 0x10", "! --cgroup 16"},     {"--path /", "--path \"/\""},
      {"--path / --cgroup 5", nullptr},         {"", nullptr},
      {"--cgroup 1048577", "--cgroup 1048577"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(cgroup_match, cases, {.family = in, .backend = of});
}

TEST_CASE("-m cgroup fits no packet without a socket, not even negated") {
  packet sent;
  CHECK(decides(cgroup_match, "--cgroup 1", sent) == "unknown");
  sent.owner.socket = socket_kind::none;
  CHECK(decides(cgroup_match, "--cgroup 1", sent) == "no");
  CHECK(decides(cgroup_match, "! --cgroup 1", sent) == "no");
}

TEST_CASE(
    "a socket's control group is one question, asked of its negation too, of the kernel's sockets as of a program's") {
  const auto answer = [](const char* words, socket_kind of, truth in_group) {
    packet sent;
    sent.owner.socket = of;
    const match_meaning made = meaning_of(cgroup_match, read_use(cgroup_match, words, {}).options, {});
    CHECK(evaluate(made.drops, sent) == truth::no);
    CHECK(made.holds.atoms().size() == 1);
    return evaluate(made.holds, sent, 0, [&](const atom&) { return in_group; });
  };
  for (const truth in_group : {truth::no, truth::yes}) {
    for (const socket_kind of : {socket_kind::kernel, socket_kind::user}) {
      CHECK(answer("--cgroup 1", of, in_group) == in_group);
      CHECK(answer("! --cgroup 1", of, in_group) == !in_group);
      CHECK(answer("! --path a/b", of, in_group) == !in_group);
    }
    CHECK(answer("--cgroup 1", socket_kind::none, in_group) == truth::no);
    CHECK(answer("! --cgroup 1", socket_kind::none, in_group) == truth::no);
  }
}
