# What --json prints is JSON, whatever the rules hold.
. tests/command/expect.sh
command -v python3 >/dev/null || { echo 'SKIP: python3, which reads the JSON here, is not installed'; exit 77; }

reads_as_json() {
  python3 -c 'import json, sys; json.loads(sys.stdin.buffer.read().decode("utf-8"))' <"$work/out" 2>"$work/err" ||
    fail 'this is no JSON'
}

printf '*filter\n-A OUTPUT -m comment --comment "quote \\" backslash \\\\ \303\251 \377\300" -j ACCEPT\nCOMMIT\n' >"$work/rules"
run check --v4 "$work/rules" --uid 1001 --json
exits 1
reads_as_json
run check --v4 tests/fixtures/policy_drop.nft.v4 --v6 tests/fixtures/policy_drop.nft.v6 --uid 1001 --allow tcp:127.0.0.1:18443 --json
reads_as_json
run check --v4 tests/fixtures/docker_resolver.nft.v4 --no-v6 --uid 1001 --allow udp:127.0.0.11:53 --format json
reads_as_json
printf 'tcp LISTEN 0 1 *:80 *:* users:(("\"\\ \303\251 \377",pid=1,fd=1))\n' >"$work/sockets"
run audit --v4 "$work/rules" --no-v6 --listeners "$work/sockets" --uid 1001 --json
exits 1
reads_as_json
finish
