# cordon check and trace --chain: what other machines send.
. tests/command/expect.sh

rules=$work/rules
cat >"$rules" <<'END'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lan -p tcp --dport 22 -j ACCEPT
-A FORWARD -i lan -o wan -m mac --mac-source 02:00:00:00:00:01 -j ACCEPT
COMMIT
END

run check --no-v6 --v4 "$rules" --chain INPUT --allow tcp:0.0.0.0/0:22
exits 0
out_has 'proved: packets of INPUT get to the endpoints below and nowhere else'
out_lacks 'attacker'
run check --no-v6 --v4 "$rules" --chain FORWARD --json
exits 1
out_has '"chain": "FORWARD", "rule": 1, "line": 6'
out_has '"region": [{"out": "wan", "in": "lan", "mac": "02:00:00:00:00:01"}]'
out_has 'socket=none proto=tcp'
out_has 'out=wan in=lan mac=02:00:00:00:00:01 state=NEW'
# A family without rules lets all through, here too.
run check --v4 "$rules" --chain INPUT --allow tcp:0.0.0.0/0:22 --json
exits 1
out_has '"family": "v6", "table": "filter", "chain": "INPUT", "rule": "policy"'
out_has '"trace": ["filter:INPUT:policy:1"]'

run trace --v4 "$rules" --chain FORWARD 'dst=198.51.100.1 dport=80 in=lan out=wan mac=02:00:00:00:00:01'
first_is 'ACCEPT filter:FORWARD:rule:1'
out_lacks 'program'
run trace --v4 "$rules" --chain FORWARD 'dst=198.51.100.1 dport=80 in=lan out=wan mac=02:00:00:00:00:02'
first_is 'DROP filter:FORWARD:policy:2'
run trace --v4 "$rules" --chain INPUT 'dst=198.51.100.1 dport=22 in=wan'
first_is 'DROP filter:INPUT:policy:2'
# In OUTPUT nothing has come in.
run trace --v4 "$rules" 'dst=198.51.100.1 dport=22'
first_is 'ACCEPT filter:OUTPUT:policy:1'

run check --v4 "$rules" --chain FORWARD --uid 1001
refused 'error: packets of FORWARD come from other machines and have no owner: leave out --uid'
run check --v4 "$rules" --chain DOCKER
refused 'error: --chain: "DOCKER" is no built-in chain of filter'
run check --live --chain FORWARD
refused 'error: --live and --chain exclude each other'
run trace --v4 "$rules" --chain FORWARD 'dst=198.51.100.1 dport=80 mac=2:0'
exits 3
out_has 'mac: '
finish
