# cordon matrix: several sandboxes on one host, each a policy file.
. tests/command/expect.sh
printf '%s\n' 'uid 1001' 'tcp:127.0.0.1:18443' 'udp:127.0.0.53:53@lo' >"$work/ci.policy"
printf '%s\n' 'uid 1002' 'tcp:127.0.0.1:18444' 'udp:127.0.0.53:53@lo' >"$work/build.policy"
printf '%s\n' 'uid 1003-1005' 'tcp:[::1]:18445' >"$work/test.policy"
resolver='-A OUTPUT -o lo -d 127.0.0.53 -p udp --dport 53 -m owner --uid-owner 1001-1002 -j ACCEPT'
proxy='-A OUTPUT -p tcp -d 127.0.0.1 --dport 18443 -m owner --uid-owner 1001 -j ACCEPT'
end='-A OUTPUT -m owner --uid-owner 1001-1005 -j REJECT'
printf '%s\n' '*filter' "$proxy" "$resolver" '-A OUTPUT -p tcp -d 127.0.0.1 --dport 18444 -m owner --uid-owner 1002 -j ACCEPT' "$end" COMMIT >"$work/good.v4"
printf '%s\n' '*filter' "$proxy" "$resolver" '-A OUTPUT -p tcp -d 127.0.0.1 --dport 18440:18450 -m owner --uid-owner 1002 -j ACCEPT' "$end" COMMIT >"$work/wide.v4"
printf '%s\n' '*filter' '-A OUTPUT -p tcp -d ::1 --dport 18445 -m owner --uid-owner 1003-1005 -j ACCEPT' "$end" COMMIT >"$work/good.v6"
three="--policy $work/ci.policy --policy $work/build.policy --policy $work/test.policy"

# Apart, each proved; what both may reach is shared, and said.
run matrix --v4 "$work/good.v4" --v6 "$work/good.v6" $three --require-usable
exits 0
first_is "proved: of 3 sandboxes 3 proved, 0 leak, 0 unknown; of 6 ways to another one's endpoints 6 apart, 0 reaches, 0 unknown"
out_has 'sandbox  owner          verdict  ci       build    test'
out_has 'ci       uid 1001       proved   its own  shared   apart'
out_has 'test     uid 1003-1005  proved   apart    apart    its own'
out_has 'ci shares with build what both policies allow: udp:127.0.0.53:53@lo'
out_has '=== build'
out_has 'proved: packets of uid 1002 get to the endpoints below and nowhere else; IPv4 proved: filter (nft, '
run matrix --v4 "$work/good.v4" --v6 "$work/good.v6" $three --json
exits 0
out_has '{"verdict": "proved", "usable": true, "sandboxes": [{"name": "ci", "owner": "uid 1001", "verdict": "proved", "usable": true, '
out_has '"crossings": [{"from": "ci", "to": "build", "answer": "apart", "reached": [], "perhaps": [], "shared": ["udp:127.0.0.53:53@lo"], "leaks": [], "unknown": []}, {"from": "ci", "to": "test", '
out_has '"overlaps": [], "notes": []}'

# One rule is too wide: build gets to ci's proxy. The rule, and a packet that shows it.
run matrix --v4 "$work/wide.v4" --v6 "$work/good.v6" $three
exits 1
out_has 'build    uid 1002       leak     reaches  its own  apart'
out_has 'build reaches endpoints of ci that its own policy forbids, in IPv4: tcp:127.0.0.1:18443'
out_has "  rule     $work/wide.v4:4: -A OUTPUT -p tcp -d 127.0.0.1 --dport 18440:18450 "
out_has '  witness  uid=1002 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=18443 flags=SYN out=lo state=NEW'
for backend in legacy nft; do
  run matrix --v4 "$work/wide.v4" --v6 "$work/good.v6" $three --json --backend $backend
  exits 1
  out_has '{"from": "build", "to": "ci", "answer": "reaches", "reached": ["tcp:127.0.0.1:18443"], "perhaps": [], "shared": ["udp:127.0.0.53:53@lo"], "leaks": [{"family": "v4", "table": "filter", "chain": "OUTPUT", "rule": 3, "line": 4, '
  out_has '{"from": "ci", "to": "build", "answer": "apart", '
done

# No rules for a family: everybody reaches what somebody has there.
run matrix --v4 "$work/good.v4" $three --json
exits 1
out_has '{"from": "ci", "to": "test", "answer": "reaches", "reached": ["tcp:[::1]:18445"], '
out_has '{"from": "ci", "to": "build", "answer": "apart", '
out_has '"trace": ["filter:OUTPUT:policy:1"]'

# What no packet decides; an endpoint that is not reached; owners that overlap.
printf '%s\n' '*filter' '-A OUTPUT -m limit --limit 5/sec -j ACCEPT' '-A OUTPUT -j DROP' COMMIT >"$work/limit.v4"
run matrix --v4 "$work/limit.v4" --no-v6 $three --json
exits 2
out_has '{"from": "ci", "to": "build", "answer": "unknown", "reached": [], "perhaps": ["tcp:127.0.0.1:18444"], "shared": '
printf '*filter\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/none.v4"
run matrix --v4 "$work/none.v4" --no-v6 $three
exits 0
run matrix --v4 "$work/none.v4" --no-v6 $three --require-usable
exits 1
printf '%s\n' 'uid 1004-1009' 'gid 7' >"$work/more.policy"
run matrix --v4 "$work/none.v4" --no-v6 $three --policy "$work/more.policy"
exits 0
out_has 'test and more overlap: packets of uid 1004-1005 and gid 7 belong to both'
run matrix --v4 "$work/none.v4" --no-v6 $three --policy "$work/more.policy" --json
out_has '"overlaps": [{"sandboxes": ["test", "more"], "owner": "uid 1004-1005 and gid 7"}]'

# Two files of one name are told apart by their folders.
mkdir "$work/other"
printf 'uid 1006\n' >"$work/other/ci.policy"
run matrix --v4 "$work/none.v4" --no-v6 --policy "$work/ci.policy" --policy "$work/other/ci.policy" --json
exits 0
out_has "{\"from\": \"$work/ci.policy\", \"to\": \"$work/other/ci.policy\", "

run matrix --v4 "$work/none.v4" --no-v6
refused 'error: whose packets? give --policy FILE for each sandbox'
run matrix --v4 "$work/none.v4" --no-v6 --policy "$work/ci.policy" --policy "$work/ci.policy"
refused "$work/ci.policy: error: is given twice"
printf 'tcp:127.0.0.1:1\n' >"$work/nobody.policy"
run matrix --v4 "$work/none.v4" --no-v6 --policy "$work/nobody.policy"
refused "$work/nobody.policy: error: whose packets?"
run matrix --v4 "$work/none.v4" --no-v6 --policy "$work/missing"
refused "$work/missing: error: "
finish
