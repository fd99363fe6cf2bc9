// Findings in the formats that CI services read.
#include <cordon/render/junit.hpp>
#include <cordon/render/sarif.hpp>

#include <string>

#include <cordon/lint/lint.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/text/reader.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy reaches_its_proxy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);

constexpr const char* rules_that_leak =
    ":OUTPUT DROP [0:0]\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n";

bool contains_words(const text& in, const std::string& words) {
  return testing::shown(in).find(words) != std::string::npos;
}

std::string fingerprint_in(const text& sarif) {
  const std::string all = testing::shown(sarif);
  const auto at = all.find("cordonFinding/v1\": \"");
  return all.substr(at + 20, 16);
}

}  // namespace

TEST_CASE("a proof's leaks, doubts and closed endpoints are findings; a proved one has none") {
  const sequence<finding> found = findings_of(prove(host_with(rules_that_leak), reaches_its_proxy));
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == "leak");
  CHECK(found[0].severity == severity::error);
  CHECK(found[0].at.line == 3);
  CHECK(contains_words(found[0].says,
                       "rule 1 of filter OUTPUT (IPv4) lets out packets of uid 1001 that their policy forbids: "));
  CHECK(contains_words(found[0].todo, "curl"));
  CHECK(found[1].id == "unknown");
  CHECK(found[1].at.number == 2);

  const proof closed = prove(host_with(":OUTPUT DROP [0:0]\n"), reaches_its_proxy);
  REQUIRE(findings_of(closed).size() == 1);
  CHECK(findings_of(closed)[0].severity == severity::warning);
  CHECK(findings_of(closed, {.require_usable = true})[0].severity == severity::error);
  CHECK(findings_of(
            prove(host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -j ACCEPT\n"),
                  reaches_its_proxy))
            .empty());
}

TEST_CASE("SARIF tells the file, the line and the kind of each finding") {
  const text made = write_sarif(findings_of(prove(host_with(rules_that_leak), reaches_its_proxy)));
  CHECK(contains_words(
      made,
      "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"cordon\""));
  CHECK(contains_words(
      made, "\"rules\": [{\"id\": \"leak\", \"shortDescription\": {\"text\": \"leak\"}}, {\"id\": \"unknown\""));
  CHECK(contains_words(made, "\"ruleId\": \"leak\", \"ruleIndex\": 0, \"level\": \"error\""));
  CHECK(contains_words(
      made, "\"physicalLocation\": {\"artifactLocation\": {\"uri\": \"rules\"}, \"region\": {\"startLine\": 3}}"));
  CHECK(contains_words(made, "\"fullyQualifiedName\": \"v4:filter:OUTPUT\""));
  CHECK(contains_words(write_sarif({}), "\"results\": []"));
}

TEST_CASE("a file's name becomes a URI, whatever is in it") {
  CHECK(testing::shown(detail::uri_of("/srv/my rules#1.v4")) == "/srv/my%20rules%231.v4");
  CHECK(testing::shown(detail::uri_of("\xc3\xa9%")) == "%c3%a9%25");
}

TEST_CASE("a finding keeps its fingerprint when its line moves, and only then") {
  const auto fingerprint = [](const std::string& rules) {
    return fingerprint_in(write_sarif(findings_of(prove(host_with(rules), reaches_its_proxy))));
  };
  const std::string rule = "-A OUTPUT -o lo -j ACCEPT\n";
  const std::string first = fingerprint(":OUTPUT DROP [0:0]\n" + rule);
  CHECK(first == fingerprint("# moved\n:OUTPUT DROP [0:0]\n-A OUTPUT -p udp -j DROP\n" + rule));
  CHECK(first != fingerprint(":OUTPUT DROP [0:0]\n-A OUTPUT -o eth0 -j ACCEPT\n"));
  CHECK(first.size() == 16);
}

TEST_CASE("JUnit has a test for each family and each endpoint") {
  const text made = write_junit(prove(host_with(rules_that_leak), reaches_its_proxy));
  CHECK(contains_words(made, "<testsuite name=\"cordon check\" tests=\"2\" failures=\"1\">"));
  CHECK(contains_words(
      made,
      "<testcase classname=\"cordon check\" name=\"IPv4: every packet keeps to the policy\">\n      <failure type=\"leak\" message=\"rule 1 of filter OUTPUT"));
  CHECK(contains_words(made, "<testcase classname=\"cordon check\" name=\"endpoint tcp:127.0.0.1:18443 is open\"/>"));
  const proof closed = prove(host_with(":OUTPUT DROP [0:0]\n"), reaches_its_proxy);
  CHECK(contains_words(write_junit(closed), "failures=\"0\""));
  CHECK(contains_words(write_junit(closed, {.require_usable = true}), "<failure type=\"endpoint-not-open\""));
}

TEST_CASE("JUnit of lint fails but for notes") {
  firewall made = host_with(rules_that_leak);
  const text all = write_junit(lint(made, {}));
  CHECK(contains_words(all, "<testsuite name=\"cordon lint\""));
  CHECK(contains_words(write_junit(sequence<finding>()), "tests=\"1\" failures=\"0\""));
  CHECK(contains_words(write_junit({{"needless", severity::note, {}, "says", "todo"}}), "tests=\"1\" failures=\"0\""));
  CHECK(contains_words(write_junit({{"open-family", severity::warning, {}, "says", "todo"}}),
                       "tests=\"1\" failures=\"1\""));
}

TEST_CASE("whatever words come in, XML stays XML") {
  text out;
  detail::append_xml(out, "a<b>&\"\n\t\x01\xff\xef\xbf\xbf\xc3\xa9");
  CHECK(testing::shown(out) == "a&lt;b&gt;&amp;&quot;&#10;&#9;\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9");
}
