# The demonstration gives the answers that the incident calls for.
: "${EXAMPLES:?the directory of the example programs}"
failures=0
fail() { failures=$((failures + 1)); echo "FAILED: $*"; }

printed=$("$EXAMPLES/demonstration" tests/fixtures/incident) || fail 'the demonstration failed'
has() { printf '%s\n' "$printed" | grep -Eq -e "$1" || fail "the demonstration lacks: $1"; }
has '^API \(HTTPS\) +127\.0\.0\.1:8000 +let out +stopped +stopped$'
has '^API \(HTTPS\) +10\.9\.0\.1:8000 +let out +stopped +stopped$'
has '^API \(HTTPS\) +\[::1\]:8000 +let out +let out +stopped$'
has '^egress proxy +127\.0\.0\.1:18443 +let out +let out +let out$'
has '^resolver +127\.0\.0\.53:53 udp +let out +let out +let out$'
has '^proved: packets of uid 1001 get to the endpoints below and nowhere else; IPv4 proved'
has '^-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset$'
[ "$failures" -eq 0 ]
