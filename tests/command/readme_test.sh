# What the README shows is what is there: its program is examples/quickstart.cpp, its output that of the demonstration.
: "${EXAMPLES:?the directory of the example programs}"
failures=0
fail() { failures=$((failures + 1)); echo "FAILED: $*"; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# block WORDS: the fenced block of the README whose first lines hold these words.
block() {
  awk -v words="$1" '/^```/ { if (open) { if (index(all, words)) { printf "%s", all; exit } } all = ""; open = !open; next }
                     open { all = all $0 "\n" }' README.md
}

block '#include <cordon/cordon.hpp>' >"$work/program"
sed '/^\/\//d' examples/quickstart.cpp | cmp -s - "$work/program" || fail 'the program is not examples/quickstart.cpp'

"$EXAMPLES/demonstration" tests/fixtures/incident >"$work/printed" || fail 'the demonstration failed'
block '=== Before' | grep -Fvx -e '...' | sed '/^$/d' >"$work/shown"
[ -s "$work/shown" ] || fail 'the README shows no output'
while IFS= read -r line; do
  grep -Fqx -e "$line" "$work/printed" || fail "the demonstration does not print: $line"
done <"$work/shown"

# The answers that the incident calls for.
has() { grep -Eq -e "$1" "$work/printed" || fail "the demonstration lacks: $1"; }
has '^API \(HTTPS\) +127\.0\.0\.1:8000 +let out +stopped +stopped$'
has '^API \(HTTPS\) +10\.9\.0\.1:8000 +let out +stopped +stopped$'
has '^API \(HTTPS\) +\[::1\]:8000 +let out +let out +stopped$'
has '^egress proxy +127\.0\.0\.1:18443 +let out +let out +let out$'
has '^resolver +127\.0\.0\.53:53 udp +let out +let out +let out$'
has '^proved: packets of uid 1001 get to the endpoints below and nowhere else; IPv4 proved'
has '^-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset$'
[ "$failures" -eq 0 ]
