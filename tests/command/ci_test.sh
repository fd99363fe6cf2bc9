# The README's snippets for GitHub, GitLab and pre-commit do what they are there for: each is YAML of the right form, its
# command runs as it stands, fails for a leak, and what it writes tells the line.
. tests/command/expect.sh
python3 -c 'import yaml' 2>/dev/null || { echo 'SKIP: python3 with yaml (Debian: python3-yaml) is not installed'; exit 77; }
incident=$PWD/tests/fixtures/incident

# snippet WORD: the block of YAML in the README that holds the word.
snippet() {
  awk -v word="$1" '/^```/ { if (open && index(all, word)) { printf "%s", all; exit } all = ""; open = $0 == "```yaml"; next }
                    open { all = all $0 "\n" }' README.md
}
# form PROGRAM: holds for `block`, the snippet as data.
form() {
  python3 -c "import json, re, shlex, sys, yaml
block = yaml.safe_load(open(sys.argv[1]))
$1" "$work/snippet" >"$work/out" 2>"$work/err" || fail "$last has another form"
}
# asked COMMAND: runs what a snippet says, where the rules lie.
mkdir "$work/bin" "$work/here"
ln -s "$CORDON" "$work/bin/cordon"
asked() {
  last=$1
  status=0
  (cd "$work/here" && PATH=$work/bin:$PATH sh -c "$1") >"$work/out" 2>"$work/err" || status=$?
}
rules() {
  cp "$incident/$1.nft.v4" "$work/here/rules.v4"
  printf '*filter\n-A OUTPUT -m owner --uid-owner 1001 -j REJECT\nCOMMIT\n' >"$work/here/rules.v6"
}
printf 'uid 1001\ntcp:127.0.0.1:18443\nudp,tcp:127.0.0.53:53\n' >"$work/here/sandbox.policy"

last='the snippet for GitHub'
snippet upload-sarif >"$work/snippet"
form '
check, upload = block
assert set(check) == {"run"} and re.fullmatch(r"github/codeql-action/upload-sarif@v\d+", upload["uses"])
assert upload["if"] == "always()" and upload["with"]["sarif_file"] in shlex.split(check["run"])
print(check["run"])'
command=$(cat "$work/out")
rules before
asked "$command"
exits 1
python3 -c 'import json, sys
places = [(one["ruleId"], one["level"], place["physicalLocation"]) for one in json.load(open(sys.argv[1]))["runs"][0]["results"] for place in one["locations"]]
assert [(kind, level, place["artifactLocation"]["uri"], place["region"]["startLine"]) for kind, level, place in places] == [("leak", "error", "rules.v4", 7)], places' \
  "$work/here/cordon.sarif" 2>"$work/err" || fail 'the finding is not told at its line'
rules after
asked "$command"
exits 0

last='the snippet for GitLab'
snippet 'junit: ' >"$work/snippet"
form '
job, = block.values()
assert job["artifacts"]["when"] == "always" and job["artifacts"]["reports"]["junit"] in shlex.split(job["script"])
print(job["script"])'
command=$(cat "$work/out")
rules before
asked "$command"
exits 1
grep -q 'rules.v4:7' "$work/here/cordon.xml" || fail 'the failure does not tell its line'
rules after
asked "$command"
exits 0

last='the snippet for pre-commit'
snippet 'language: system' >"$work/snippet"
form '
repository, = block
hook, = repository["hooks"]
assert repository["repo"] == "local" and hook["language"] == "system" and hook["pass_filenames"] is False and hook["id"] and hook["name"]
words = shlex.split(hook["entry"])  # pre-commit runs it so, without a shell
assert words[0] == "cordon"
# It runs for every file that the command reads, and for no other.
for file in ("rules.v4", "rules.v6", "sandbox.policy"):
    assert re.search(hook["files"], file) and file in words, file
for file in ("README.md", "rules.v4.orig", "other/rules.v4x", "myrules.v4"):
    assert not re.search(hook["files"], file), file
print(hook["entry"])'
command=$(cat "$work/out")
rules before
asked "$command"
exits 1
out_has 'rules.v4:7: '
rules after
asked "$command"
exits 0
finish
