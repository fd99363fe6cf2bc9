# cordon lint, on the incident, on what render prints, and on rules that never decide.
. tests/command/expect.sh
incident=tests/fixtures/incident
set -- --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53

for backend in legacy nft; do
  run lint --v4 $incident/before.$backend.v4 --v6 $incident/before.$backend.v6 "$@"
  exits 1
  out_has "$incident/before.$backend.v4:7: error: [wide-accept] lets the sandbox out further than its policy allows: any protocol by lo"
  out_has "$incident/before.$backend.v6: error: [open-family] IPv6 is left open"
  run lint --v4 $incident/after.$backend.v4 --v6 $incident/after.$backend.v6 "$@" --json
  exits 1
  out_lacks wide-accept
  out_has '{"id": "open-family", "severity": "error", "family": "v6", '
done

# Nothing in what render prints, for a host without rules or with the incident's.
for family in 4 6; do
  run render --format restore --family $family "$@"
  cp "$work/out" "$work/ours.v$family"
done
run lint --v4 "$work/ours.v4" --v6 "$work/ours.v6" "$@"
exits 0
out_is 'nothing found'
run lint --v4 "$work/ours.v4" --v6 "$work/ours.v6" --json
exits 0
out_is '{"findings": [], "notes": []}'

input='*filter
-A OUTPUT -d 10.0.0.0/9 -j DROP
-A OUTPUT -d 10.128.0.0/9 -j DROP
-A OUTPUT -d 10.0.0.0/8 -p tcp -j ACCEPT
-A OUTPUT -p tcp -m comment --comment "to the proxy -j ACCEPT"
COMMIT
'
run lint --v4 - --no-v6
exits 1
out_has '<stdin>:4: warning: [covered] every packet that this rule is for is taken by rules 1 and 2 of OUTPUT before'
out_has '    -A OUTPUT -d 10.0.0.0/8 -p tcp -j ACCEPT'
out_has '<stdin>:5: warning: [comment-swallows-target]'
run lint --v4 - --no-v6 --output "$work/answer"
exits 1
out_is_empty

input='*filter
-A OUTPUT -p tcp -m tcp ! --dport 0:65535 -j ACCEPT
-A OUTPUT -j DROP
COMMIT
'
run lint --v4 - --no-v6
exits 1
out_has '<stdin>:2: warning: [back-ends-differ] '

run lint --v4 "$work/missing"
refused "$work/missing: error: "
finish
