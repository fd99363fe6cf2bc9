# cordon audit: who listens, and what of it the sandbox reaches.
. tests/command/expect.sh
incident=tests/fixtures/incident
policy='--uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53'
sockets=tests/docs/sockets addresses=tests/docs/addresses  # what the README shows

# The incident's port table, before and after its fix, and under what render makes.
for backend in legacy nft; do
  run audit --v4 $incident/before.$backend.v4 --v6 $incident/before.$backend.v6 --addresses "$addresses" --listeners "$sockets" $policy
  exits 1
  first_is 'open: 6 of 9 destinations of 4 sockets let packets of uid 1001 in against its policy'
  out_has 'tcp *:8000   api (pid 811), api (pid 812)'
  out_has '  OPEN      127.0.0.1, 0.0.0.0, 127.0.0.53, the rest of 127.0.0.0/8, 10.9.0.1'
  out_has "            not in the policy: let out by rule 2 of filter OUTPUT: $incident/before.$backend.v4:7: -A OUTPUT -o lo "
  out_has '  OPEN      [::1], [::], [fd09::1]'
  out_has '            not in the policy: let out by IPv6, which has no rules'
  out_has 'tcp 127.0.0.1:18443   egress-proxy (pid 900)'
  out_has '  open      127.0.0.1, 0.0.0.0'
  run audit --v4 $incident/after.$backend.v4 --v6 $incident/after.$backend.v6 --addresses "$addresses" --listeners "$sockets" $policy
  exits 1
  first_is 'open: 2 of 9 destinations of 4 sockets let packets of uid 1001 in against its policy'
  out_has '  stopped   127.0.0.1, 0.0.0.0, 127.0.0.53, the rest of 127.0.0.0/8, 10.9.0.1'
  out_has '            connect() fails with ENETUNREACH (101) after one second; a non-blocking one at once'
  out_has '  OPEN      [::1], [::], [fd09::1]'
done
for family in 4 6; do
  run render --format restore --family $family $policy
  cp "$work/out" "$work/ours.v$family"
done
run audit --v4 "$work/ours.v4" --v6 "$work/ours.v6" --addresses "$addresses" --listeners "$sockets" $policy
exits 0
first_is 'kept: none of 9 destinations of 4 sockets lets packets of uid 1001 in, but as its policy allows'
out_has '            connect() fails with ECONNREFUSED (111) at once'
run audit --v4 "$work/ours.v4" --v6 "$work/ours.v6" --addresses "$addresses" --listeners "$sockets" $policy --json
exits 0
out_has '{"verdict": "kept", "sandbox": "uid 1001", "addresses_known": true, "listeners": [{"protocol": "tcp", "address": "127.0.0.53%lo", "port": 53, '
out_has '{"to": "::1", "also": ["::"], "status": "stopped", "against_policy": "no", "allowed": false, '

# Several texts, of the kernel too; without the host's addresses, and without a family.
printf '  0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 17 1 0 100 0 0 10 0\n' >"$work/tcp"
run audit --v4 $incident/before.nft.v4 --no-v6 --listeners "$sockets" --listeners "$work/tcp" $policy
exits 1
first_is 'open: 4 of 7 destinations of 5 sockets let packets of uid 1001 in against its policy'
out_has 'tcp 127.0.0.1:6379   uid 999'
out_has "The host's other addresses are not known: --addresses FILE (ip -o addr) tells them."
out_lacks '[::1]'
input=$(cat "$work/tcp")
run audit --v4 $incident/after.nft.v4 --no-v6 --listeners - $policy --output "$work/answer"
exits 0
out_is_empty
grep -q '^  stopped   127.0.0.1, 0.0.0.0$' "$work/answer" || fail 'the answer is not in the file'

# What no packet decides is neither open nor stopped.
printf '%s\n' '*filter' '-A OUTPUT -m limit --limit 1/sec -j ACCEPT' '-A OUTPUT -j DROP' 'COMMIT' >"$work/limited"
run audit --v4 "$work/limited" --no-v6 --listeners - $policy
exits 2
out_has '            hangs on limit --limit 1/sec in rule 1 of filter OUTPUT'

# What the back ends read differently is said.
printf '%s\n' '*filter' '-A OUTPUT -p tcp -m tcp ! --dport 0:65535 -j ACCEPT' '-A OUTPUT -j DROP' 'COMMIT' >"$work/differs"
run audit --v4 "$work/differs" --no-v6 --listeners - $policy
exits 1
err_has 'note: the back ends differ on these rules: with the other one 1 destination is judged otherwise'

run audit --v4 $incident/after.nft.v4 --listeners "$sockets"
refused 'error: '
run audit --v4 $incident/after.nft.v4 $policy
refused 'error: who listens is not said: give --listeners FILE'
run audit --v4 $incident/after.nft.v4 --listeners "$work/missing" $policy
refused "$work/missing: error: "
printf 'tcp LISTEN 0 128 localhost:80 *:*\n' >"$work/bad"
run audit --v4 $incident/after.nft.v4 --listeners "$work/bad" $policy
refused "$work/bad:1:18: error: 'localhost' is no address"
head -c 4096 /dev/urandom >"$work/bad"
run audit --v4 $incident/after.nft.v4 --listeners "$work/bad" $policy
refused "$work/bad:"
finish
