#include <cordon/render/matrix_report.hpp>

#include <string>

#include <cordon/prove/policy_text.hpp>
#include <cordon/text/reader.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {

firewall v4_output(std::string_view lines) {
  firewall made;
  made.v4 = *read_ruleset("*filter\n" + std::string(lines) + "COMMIT\n", {.family = family::ipv4, .file = "rules"});
  made.v6 = family_rules::none();
  return made;
}

named_policy called(std::string_view name, uid user, std::string_view allowed) {
  egress_policy policy = sandbox(user);
  if (!allowed.empty()) policy.allow(*read_endpoint(allowed));
  return {name, policy};
}

}  // namespace

TEST_CASE("a report of several sandboxes has a table whose rows reach its columns, and tells what is behind it") {
  const sandbox_matrix made = matrix(v4_output("-A OUTPUT -o lo -m owner --uid-owner 1 -j ACCEPT\n-A OUTPUT -j DROP\n"),
                                     {called("wide", uid{1}, ""), called("b", uid{2}, "tcp:127.0.0.1:80"),
                                      called("c\x1b", uid{1, 3}, "tcp:127.0.0.1:80")});
  const text said = write_report(made);
  const std::string_view beginning =
      "leak: of 3 sandboxes 1 proved, 2 leak, 0 unknown; of 6 ways to another one's endpoints 4 apart, 2 "
      "reaches, 0 "
      "unknown\n"
      "\n"
      "sandbox  owner    verdict  wide     b        c\\x1b\n"
      "wide     uid 1    leak     its own  reaches  reaches\n"
      "b        uid 2    proved   apart    its own  shared\n"
      "c\\x1b    uid 1-3  leak     apart    shared   its own\n"
      "\n"
      "wide reaches endpoints of b that its own policy forbids, in IPv4: tcp:127.0.0.1:80\n"
      "let out by rule 1 of filter OUTPUT:\n"
      "  tcp to 127.0.0.1 port 80 by lo (and later fragments with such bytes in that place)\n"
      "  rule     rules:2: -A OUTPUT -o lo -m owner --uid-owner 1 -j ACCEPT\n"
      "  witness  uid=1 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=80 flags=SYN out=lo "
      "state=NEW\n"
      "  way      filter:OUTPUT:rule:1\n";
  CHECK(std::string(said.view().substr(0, beginning.size())) == beginning);
  for (const std::string_view line :
       {"wide and c\\x1b overlap: packets of uid 1 belong to both, and have to keep to both policies\n",
        "b shares with c\\x1b what both policies allow: tcp:127.0.0.1:80\n",
        "\n=== b\nproved: packets of uid 2 get to the endpoints below and nowhere else; "})
    CHECK(said.view().find(line) != std::string_view::npos);
}

TEST_CASE("of a family without rules it is said that the family lets everything out") {
  firewall host = v4_output("-A OUTPUT -j DROP\n");
  host.v6 = family_rules{};
  const text said = write_report(matrix(host, {called("a", uid{1}, ""), called("b", uid{2}, "tcp:[::1]:80")}));
  CHECK(said.view().find("a reaches endpoints of b that its own policy forbids, in IPv6: tcp:[::1]:80\n"
                         "let out by the family, which has no rules:\n") != std::string_view::npos);
}

TEST_CASE("an endpoint that is not reached counts where it has to be usable") {
  const sandbox_matrix made =
      matrix(v4_output("-A OUTPUT -j DROP\n"), {called("a", uid{1}, "tcp:127.0.0.1:80"), called("b", uid{2}, "")});
  CHECK(reported_verdict(made, {}) == answer::proved);
  CHECK(reported_verdict(made, {.require_usable = true}) == answer::leak);
  CHECK(write_json(made, {.require_usable = true}).view().starts_with(R"({"verdict": "leak", "usable": false, )"));
  CHECK(write_json(made).view().starts_with(R"({"verdict": "proved", "usable": false, )"));
}
