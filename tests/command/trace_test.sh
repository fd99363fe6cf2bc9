# cordon trace: the verdict, then the way as the kernel's TRACE names it.
. tests/command/expect.sh
cat >"$work/rules" <<'RULES'
*raw
:OUTPUT ACCEPT [0:0]
COMMIT
*filter
:OUTPUT DROP [0:0]
:SANDBOX - [0:0]
:SIDE - [0:0]
-A OUTPUT -p udp -j SANDBOX
-A OUTPUT -p tcp -m tcp --dport 1 -j ACCEPT
-A OUTPUT -p tcp -m tcp --dport 2 -j DROP
-A OUTPUT -p tcp -m tcp --dport 3 -j REJECT --reject-with tcp-reset
-A OUTPUT -p tcp -m tcp --dport 4 -j RETURN
-A OUTPUT -p tcp -m tcp --dport 5 -g SIDE
-A OUTPUT -p tcp -m tcp --dport 6 -j LOG
-A OUTPUT -p tcp -m tcp --dport 7 -m nosuchmatch --at all -j ACCEPT
-A SANDBOX -p udp -m udp --dport 53 -j ACCEPT
-A SANDBOX -p udp -m udp --dport 54 -j RETURN
-A SANDBOX -p udp -m udp --dport 55 -j REJECT
-A SIDE -p tcp -m tcp --sport 1 -j ACCEPT
COMMIT
RULES

# way PACKET LINE
way() {
  run trace --v4 "$work/rules" "dst=127.0.0.1 $1"
  exits 0
  first_is "$2"
}
raw='raw:OUTPUT:policy:1'
way 'dport=1' "ACCEPT $raw filter:OUTPUT:rule:2"
way 'dport=2' "DROP $raw filter:OUTPUT:rule:3"
way 'dport=3' "REJECT:tcp-reset $raw filter:OUTPUT:rule:4"
way 'dport=4' "DROP $raw filter:OUTPUT:rule:5 filter:OUTPUT:policy:9"
way 'dport=5' "DROP $raw filter:OUTPUT:rule:6 filter:SIDE:return:2 filter:OUTPUT:policy:9"
way 'dport=5 sport=1' "ACCEPT $raw filter:OUTPUT:rule:6 filter:SIDE:rule:1"
way 'dport=6' "DROP $raw filter:OUTPUT:rule:7 filter:OUTPUT:policy:9"
way 'dport=99' "DROP $raw filter:OUTPUT:policy:9"
way 'proto=udp dport=53' "ACCEPT $raw filter:OUTPUT:rule:1 filter:SANDBOX:rule:1"
way 'proto=udp dport=54' "DROP $raw filter:OUTPUT:rule:1 filter:SANDBOX:rule:2 filter:OUTPUT:policy:9"
way 'proto=udp dport=55' "REJECT:icmp-port-unreachable $raw filter:OUTPUT:rule:1 filter:SANDBOX:rule:3"
way 'proto=udp dport=56' "DROP $raw filter:OUTPUT:rule:1 filter:SANDBOX:return:4 filter:OUTPUT:policy:9"

run trace --v4 "$work/rules" 'dst=127.0.0.1 dport=7'
exits 0
[ "$(head -n 1 "$work/out" | cut -d' ' -f1)" = UNKNOWN ] || fail 'the verdict is not UNKNOWN'
out_has 'hangs on -m nosuchmatch --at all'

# For one packet on the command line: the way rule by rule, and what the program sees.
run trace --v4 "$work/rules" 'uid=1001 dst=127.0.0.1 dport=3'
out_has 'line 11: -A OUTPUT -p tcp -m tcp --dport 3 -j REJECT --reject-with tcp-reset'
out_has "times out with ETIMEDOUT (110) after two minutes; a non-blocking one never gets an answer; OUTPUT stops REJECT's own answer"
run trace --v4 tests/fixtures/incident/after.nft.v4 'uid=1001 dst=10.9.0.1 dport=8000 out=lo'
out_has 'connect() fails with ENETUNREACH (101) after one second; a non-blocking one at once'
run trace --v4 "$work/rules" 'uid=1001 dst=127.0.0.1 dport=2'
out_has 'times out with ETIMEDOUT'

# A family without rules.
run trace --v4 "$work/rules" 'dst=::1 dport=80'
exits 0
first_is ACCEPT

# As the kernel does before OUTPUT.
run trace --v4 "$work/rules" 'dst=::ffff:127.0.0.1 dport=1'
first_is "ACCEPT $raw filter:OUTPUT:rule:2"
run trace --v4 "$work/rules" 'dst=0.0.0.0 dport=1'
first_is "ACCEPT $raw filter:OUTPUT:rule:2"

# Many packets, one line each; what is none says so in its place.
input='dst=127.0.0.1 dport=1
nonsense
dst=127.0.0.1
dst=::1 proto=udp dport=53

dst=127.0.0.1 dport=2'
run trace --v4 "$work/rules" --packets -
exits 3
[ "$(cut -d' ' -f1 <"$work/out" | tr '\n' ' ')" = 'ACCEPT ERROR ERROR ACCEPT ERROR DROP ' ] || fail 'the lines are not in their places'
input='dst=127.0.0.1 dport=1
dst=127.0.0.1 dport=2
'
run trace --v4 "$work/rules" --packets -
exits 0
out_is "ACCEPT $raw filter:OUTPUT:rule:2
DROP $raw filter:OUTPUT:rule:3"
input=
run trace --v4 "$work/rules" 'dst=127.0.0.1'
exits 3
[ "$(cut -c1-6 <"$work/out")" = 'ERROR ' ] || fail 'no ERROR in the place of the packet'
run trace --v4 "$work/rules" --no-v6 'dst=::1 dport=80'
exits 3

# The witnesses of the incident's leaks are accepted.
run check --v4 tests/fixtures/incident/before.nft.v4 --uid 1001 --json
tr '{' '\n' <"$work/out" | sed -n 's/.*"witness": "\([^"]*\)".*/\1/p' >"$work/witnesses"
[ "$(wc -l <"$work/witnesses")" -eq 3 ] || fail 'there are not three witnesses'
run trace --v4 tests/fixtures/incident/before.nft.v4 --packets "$work/witnesses"
[ "$(cut -d' ' -f1 <"$work/out" | sort -u)" = ACCEPT ] || fail 'a witness is not accepted'
finish
