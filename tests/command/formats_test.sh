# --format sarif and junit: well-formed, with the places of rules.
. tests/command/expect.sh
command -v python3 >/dev/null || { echo 'SKIP: python3, which reads JSON and XML here, is not installed'; exit 77; }

python() { python3 -c "import json, sys, xml.etree.ElementTree as xml
$1" <"$work/out" 2>"$work/err" || fail "not so: $1"; }

printf '*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -m comment --comment "<&\\" \377x" -o lo -j ACCEPT\n-A OUTPUT -m limit --limit 1/sec -j ACCEPT\nCOMMIT\n' >"$work/my rules"
policy='--uid 1001 --allow tcp:127.0.0.1:18443'

run check --v4 "$work/my rules" $policy --format sarif
exits 1
python '
log = json.load(sys.stdin)
assert log["version"] == "2.1.0" and len(log["runs"]) == 1
run = log["runs"][0]
names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
for one in run["results"]:
  assert names[one["ruleIndex"]] == one["ruleId"] and one["level"] in ("error", "warning", "note") and one["message"]["text"]
first = run["results"][0]["locations"][0]["physicalLocation"]
assert first["region"]["startLine"] == 3 and first["artifactLocation"]["uri"].endswith("my%20rules")
assert run["results"][-1]["ruleId"] == "leak"  # IPv6, which has no rules'
run lint --v4 "$work/my rules" --no-v6 $policy --format sarif
exits 1
python 'assert json.load(sys.stdin)["runs"][0]["results"]'

run check --v4 "$work/my rules" $policy --format junit
exits 1
python '
suite = xml.parse(sys.stdin.buffer).getroot().find("testsuite")
assert suite.get("tests") == "3" and suite.get("failures") == "2"
assert [len(one) for one in suite] == [2, 1, 0]'
run lint --v4 "$work/my rules" --no-v6 $policy --format junit
exits 1
python 'assert xml.parse(sys.stdin.buffer).getroot().tag == "testsuites"'

run check --v4 "$work/my rules" $policy --format xml
refused 'error: --format: "xml" is no format: write text, json, sarif, junit or html'
run diff --old-v4 "$work/my rules" --new-v4 "$work/my rules" --no-v6 --format sarif
refused 'error: --format: "sarif" is no format: write text or json'
run check --v4 "$work/my rules" $policy --json --format text
refused 'error: --json and --format contradict each other'
finish
