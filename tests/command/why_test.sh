# cordon why: a packet's way in sentences, and what would stop it.
. tests/command/expect.sh
incident=tests/fixtures/incident

run why --v4 $incident/before.nft.v4 'uid=1001 dst=127.0.0.1 dport=8000'
exits 0
first_is ACCEPT
out_has 'way      rule 1 of OUTPUT does not fit; rule 2 of filter OUTPUT fits, and ACCEPT lets it out'
out_has "but for  rule 2 of filter OUTPUT: $incident/before.nft.v4:7: -A OUTPUT -o lo "
out_has "stopped  it would be by rule 3 of filter OUTPUT (REJECT:icmp-net-unreachable): $incident/before.nft.v4:8: "
run why --v4 $incident/after.nft.v4 'uid=1001 dst=127.0.0.1 dport=8000'
exits 0
first_is REJECT:icmp-net-unreachable
out_lacks 'but for'

# Of leaks, their witnesses; in JSON one object a line.
run why --v4 $incident/before.nft.v4 --uid 1001 --allow tcp:127.0.0.1:18443 --json
exits 0
[ "$(wc -l <"$work/out")" -eq 2 ] || fail 'these are not two leaks'
out_has '"but_for": [{"family": "v4", "table": "filter", "chain": "OUTPUT", "rule": 2, '
out_has '"stopped_by": null, "command": "ip6tables -I OUTPUT 1 -d ::1 '
run why --v4 $incident/after.nft.v4 --no-v6 --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53
exits 0
out_is 'no packet of the sandbox surely leaks: cordon check tells more'

# So many leaks of so many rules that explaining each would take minutes: as many as take seconds, which is said.
awk 'BEGIN { print "*filter\n:OUTPUT DROP [0:0]"
  for (i = 0; i < 8500; i++) printf "-A OUTPUT -d 10.%d.%d.1/32 -j ACCEPT\n", i / 250, i % 250
  print "COMMIT" }' >"$work/many.v4"
run why --v4 "$work/many.v4" --no-v6 --uid 1001 --allow tcp:127.0.0.1:18443 --json
exits 0
[ "$(wc -l <"$work/out")" -eq 790 ] || fail 'not 2^25 / (5 * 8501) leaks, and one, are explained'
err_has 'note: of 8500 leaks, 790 are explained'
# Where many rules would let the same packet out, one behind the other, fewer are.
awk 'BEGIN { print "*filter\n:OUTPUT DROP [0:0]"
  for (i = 0; i < 1000; i++) printf "-A OUTPUT -d 10.%d.%d.1/32 -j ACCEPT\n", i / 250, i % 250
  for (i = 0; i < 500; i++) print "-A OUTPUT -j ACCEPT"
  print "COMMIT" }' >"$work/many.v4"
run why --v4 "$work/many.v4" --no-v6 --uid 1001 --allow tcp:127.0.0.1:18443 --json
exits 0
err_has 'note: of 1001 leaks, 45 are explained'

run why --v4 $incident/after.nft.v4
refused 'error: give one packet'
run why --no-v4 'dst=127.0.0.1 dport=80'
refused 'error: the host has no IPv4'
run why 'dst=here'
refused 'error: this is no packet: '
finish
