#include <cordon/render/difference_report.hpp>

#include <string>

#include <cordon/text/reader.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {

firewall output_of(std::string_view lines) {
  firewall made;
  made.v4 = *read_ruleset("*filter\n" + std::string(lines) + "COMMIT\n", {.family = family::ipv4, .file = "rules"});
  made.v6 = family_rules::none();
  return made;
}

}  // namespace

TEST_CASE("a report of differences says what of which packets, by which rules, and which way") {
  const firewall_difference made =
      differences(output_of("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -j DROP\n"), output_of("-A OUTPUT -j DROP\n"));
  const text said = write_report(made);
  CHECK(said.view() ==
        "different: packets of any sender do not meet the same fate any more\n"
        "\n"
        "newly stopped, IPv4:\n"
        "  tcp\n"
        "  before   let out by rule 1 of filter OUTPUT: rules:2: -A OUTPUT -p tcp -j ACCEPT\n"
        "  after    stopped by rule 1 of filter OUTPUT: rules:2: -A OUTPUT -j DROP\n"
        "  witness  uid=0 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=80 flags=SYN out=lo "
        "state=NEW\n"
        "  was      filter:OUTPUT:rule:1\n"
        "  is       filter:OUTPUT:rule:1\n");
  CHECK(write_json(made).view().starts_with(
      R"({"answer": "different", "families": {"v4": "different", "v6": "same"}, "differences": [{"family": "v4", )"
      R"("what": "stopped", "surely": true, "region": [{"protocol": "tcp"}], "witness": "uid=0 proto=tcp )"));
}

TEST_CASE("where nothing is different a report says only that") {
  const firewall host = output_of("-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j DROP\n");
  CHECK(write_report(differences(host, host, sandbox(uid{1001})), sandbox(uid{1001})).view() ==
        "same: every packet of uid 1001 meets the same fate, and goes to the same place\n");
  CHECK(write_json(differences(host, host)).view() ==
        R"({"answer": "same", "families": {"v4": "same", "v6": "same"}, "differences": [], "unknown": [], "notes": []})"
        "\n");
}
