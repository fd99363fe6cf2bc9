# cordon diff, on the incident's fix and on what else can change.
. tests/command/expect.sh
incident=tests/fixtures/incident

# The fix stops what left by lo, and opens the resolver's address by other interfaces; IPv6 stays as it was.
set -- --old-v4 $incident/before.nft.v4 --old-v6 $incident/before.nft.v6 --new-v4 $incident/after.nft.v4 --new-v6 $incident/after.nft.v6
run diff "$@"
exits 1
first_is 'different: packets of any sender do not meet the same fate any more'
out_has 'newly stopped, IPv4:'
out_has '  in short: any protocol by lo, uid 1001, but not'
out_has "  before   let out by rule 2 of filter OUTPUT: $incident/before.nft.v4:7: -A OUTPUT -o lo "
out_has "  after    stopped by rule 4 of filter OUTPUT: $incident/after.nft.v4:9: -A OUTPUT -m owner "
out_lacks 'IPv6'
for backend in legacy nft; do
  run diff --old-v4 $incident/before.$backend.v4 --new-v4 $incident/after.$backend.v4 --uid 1001 --json
  exits 1
  out_has '{"answer": "different", "families": {"v4": "different", "v6": "same"}, "differences": [{"family": "v4", "what": "let out", "surely": true, "region": [{'
  out_has '"what": "stopped", "surely": true, "region": [{"protocol": '
  out_has '"after": {"out": false, "by": {"family": "v4", "table": "filter", "chain": "OUTPUT", "rule": 4, "line": 9, '
done
run diff --old-v4 $incident/before.nft.v4 --new-v4 $incident/after.nft.v4 --uid 1002
exits 0
# On legacy the match of a new rule drops TCP fragments that begin behind the ports, whoever sends them.
run diff --old-v4 $incident/before.legacy.v4 --new-v4 $incident/after.legacy.v4 --uid 1002
exits 1
out_has '  later fragments of tcp to 127.0.0.53'

# Other text, the same fate.
printf '*filter\n-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -p udp -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/one"
printf '*filter\n:OUTPUT DROP\n:A -\n-A OUTPUT -j A\n-A A -p 17 -j ACCEPT\n-A A -p 6 -j ACCEPT\nCOMMIT\n' >"$work/other"
run diff --old-v4 "$work/one" --new-v4 "$work/other"
exits 0
out_is 'same: every packet of any sender meets the same fate, and goes to the same place'

# What nat leads elsewhere.
printf '*nat\n-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 5353\nCOMMIT\n' >"$work/nat"
run diff --new-v4 "$work/nat"
exits 1
out_has 'goes elsewhere, IPv4:'
out_has '  before   as sent'
out_has "  after    to 127.0.0.1:5353 by rule 1 of nat OUTPUT: $work/nat:2: -A OUTPUT -p udp --dport 53 -j REDIRECT "

# What hangs on what no packet decides is perhaps so.
printf '*filter\n-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/limit"
printf '*filter\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/none"
run diff --old-v4 "$work/limit" --new-v4 "$work/none"
exits 2
out_has 'perhaps newly stopped, IPv4:'
out_has '  limit --limit 5/sec in rule 1 of filter OUTPUT'
run diff --old-v4 "$work/limit" --new-v4 "$work/limit" --no-v6
exits 0

run diff --old-v4 "$work/missing"
refused "$work/missing: error: "
run diff --format xml
refused 'error: --format: "xml" is no format'
finish
