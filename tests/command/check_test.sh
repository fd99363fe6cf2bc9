# cordon check, on the incident and on what the flags change.
. tests/command/expect.sh
incident=tests/fixtures/incident
set -- --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53

for backend in legacy nft; do
  # Before the fix: rule 2 lets out all that leaves by lo, and IPv6 has no rules.
  run check --v4 $incident/before.$backend.v4 --v6 $incident/before.$backend.v6 "$@" --json
  exits 1
  out_has '"verdict": "leak", "usable": true, "families": {"v4": "leak", "v6": "leak"}'
  out_has '"leaks": [{"family": "v4", "table": "filter", "chain": "OUTPUT", "rule": 2, "line": 7, "text": "-A OUTPUT -o lo '
  out_has '"trace": ["filter:OUTPUT:rule:2"], "needs": null}, {"family": "v6", "table": "filter", "chain": "OUTPUT", "rule": "policy", "line": null, "text": null'
  out_has '"region": [{}], "witness": "uid=1001 proto=tcp src=::1 dst=::1 '
  out_has '"trace": ["filter:OUTPUT:policy:1"], "needs": null}], "endpoints": [{"allow": "tcp:127.0.0.1:18443", "status": "open"}, {"allow": "udp,tcp:127.0.0.53:53", "status": "open"}], "unknown": []'
  err_has "$incident/before.$backend.v6: note: holds no rules"

  # After it: IPv4 holds.
  run check --v4 $incident/after.$backend.v4 --v6 $incident/after.$backend.v6 "$@" --json
  exits 1
  out_has '"verdict": "leak", "usable": true, "families": {"v4": "proved", "v6": "leak"}'
  out_lacks '"family": "v4"'
  run check --v4 $incident/after.$backend.v4 --no-v6 "$@" --json
  exits 0
  out_has '"verdict": "proved", "usable": true, "families": {"v4": "proved", "v6": "absent"}, "leaks": []'
done

# For people: the verdict and what it covers first; a leak with its rule, witness, way and command.
run check --v4 $incident/before.nft.v4 --v6 $incident/before.nft.v6 "$@"
exits 1
[ "$(head -n 1 "$work/out" | cut -d: -f1)" = leak ] || fail 'the first line is not the verdict'
out_has "IPv4 leak: filter (nft, $incident/before.nft.v4); IPv6 leak: $incident/before.nft.v6 holds no rules"
out_has 'attacker unprivileged; flows any; not judged: packets that it causes without its socket'
out_has "  rule     $incident/before.nft.v4:7: -A OUTPUT -o lo "
out_has '  way      filter:OUTPUT:rule:2'
out_has '  try      setpriv --reuid=1001 '
out_has '  open     tcp:127.0.0.1:18443'

# No rules and nothing said of a family: a leak, not an omission. Neither family: proved, over nothing.
run check --uid 1001 --json
exits 1
out_has '"families": {"v4": "leak", "v6": "leak"}'
run check --uid 1001 --no-v4 --no-v6
exits 0
out_has 'there is no packet to judge'

# From standard input, from a policy file, to a file; the command line outranks the file.
input='*filter
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
'
printf '%s\n' '# the sandbox' '--uid 1001' 'tcp:127.0.0.1:18443' >"$work/policy"
run check --v4 - --no-v6 --policy "$work/policy"
exits 0
out_has '  blocked  tcp:127.0.0.1:18443'
run check --v4 - --no-v6 --policy "$work/policy" --uid 1002
exits 1
run check --v4 - --no-v6 --policy "$work/policy" --output "$work/answer"
exits 0
out_is_empty
grep -q '^proved: ' "$work/answer" || fail 'the file holds no answer'

# An endpoint that is blocked counts where it has to be usable.
run check --v4 - --no-v6 --uid 1001 --allow tcp:127.0.0.1:18443 --require-usable --json
exits 1
out_has '"verdict": "leak", "usable": false, "families": {"v4": "proved", "v6": "absent"}, "leaks": []'

# What no packet decides makes it unknown, and is named.
input='*filter
-A OUTPUT -m nosuchmatch --at all -j ACCEPT
-A OUTPUT -j DROP
COMMIT
'
run check --v4 - --no-v6 --uid 1001 --json
exits 2
out_has '"verdict": "unknown"'
out_has '"match": "-m nosuchmatch --at all"'

# A leak that only connections from before have; flows new does not count it.
input='*filter
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A OUTPUT -j DROP
COMMIT
'
run check --v4 - --no-v6 --uid 1001 --json
exits 1
out_has '"needs": "established"'
run check --v4 - --no-v6 --uid 1001 --flows new
exits 0

# A mark on entry takes a privilege.
input='*filter
-A OUTPUT -m mark --mark 0x5 -j ACCEPT
-A OUTPUT -j DROP
COMMIT
'
run check --v4 - --no-v6 --uid 1001
exits 0
run check --v4 - --no-v6 --uid 1001 --attacker raw --json
exits 1
out_has '"needs": "mark"'
run check --v4 - --no-v6 --uid 1001 --attacker raw
out_has 'AF_PACKET'

# Both back ends: a packet must pass both.
printf '*filter\n-A OUTPUT -p tcp -j DROP\nCOMMIT\n' >"$work/one"
printf '*filter\n-A OUTPUT ! -p tcp -j DROP\nCOMMIT\n' >"$work/other"
run check --v4 "legacy:$work/one" --v4 "nft:$work/other" --no-v6 --uid 1001
exits 0
run check --v4 "nft:$work/other" --no-v6 --uid 1001
exits 1

# Warnings: a flag against the header; back ends that come to different answers; names of this machine; later hooks.
run check --v4 $incident/after.nft.v4 --backend legacy --no-v6 "$@"
exits 0
err_has "$incident/after.nft.v4:1:1: warning: "
input='*filter
-A OUTPUT -p tcp -m tcp ! --dport 0:65535 -j ACCEPT
-A OUTPUT -j DROP
COMMIT
'
run check --v4 - --no-v6 --uid 1001
exits 1
err_has 'note: the back ends differ on these rules: with the other one the answer is proved for IPv4'
input='*filter
-A OUTPUT -m owner --uid-owner root -j ACCEPT
-A OUTPUT -j DROP
COMMIT
*nat
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
'
run check --v4 - --no-v6 --uid 1001
exits 0
err_has 'warning: the user root is 0 on this machine'
err_has '<stdin>:6: note: behind OUTPUT, in POSTROUTING, rule 1 of nat POSTROUTING may rewrite what OUTPUT let out'
finish
