# The published schema describes what --json answers: all of it, and nothing else.
. tests/command/expect.sh
python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null ||
  { echo 'SKIP: python3 with jsonschema (Debian: python3-jsonschema) is not installed'; exit 77; }

run schema
exits 0
cmp -s "$work/out" examples/cordon/schema.json || fail 'it is not examples/cordon/schema.json'
run schema --output "$work/any.json"
exits 0
run schema nosuch
refused 'error: "nosuch" has no answer in JSON: write check, batch, diff, audit, lint, matrix, trace or why'
# Each command with --json has one, and it is a schema of its own.
run --help
for command in $(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out"); do
  run "$command" --help
  grep -q '^  --json ' "$work/out" || continue
  run schema "$command"
  exits 0
  out_has "\"\$id\": \"urn:cordon:schema:$command\","
  out_has "  \"\$ref\": \"#/\$defs/$command\","
done

# asked ANSWER ARGUMENT...: an answer more, which is kept; described ANSWER MEMBER...: the schema fits all that were kept.
asked() {
  answer=$1
  shift
  run "$@"
  [ "$status" -le 3 ] && [ -s "$work/out" ] || fail 'there is no answer'
  cat "$work/out" >>"$work/$answer.answers"
}
described() {
  run schema "$1"
  last="schema $1"
  cp "$work/out" "$work/schema"
  answers=$work/$1.answers
  shift
  python3 tests/command/schema_check.py "$work/schema" "$@" <"$answers" >"$work/out" 2>"$work/err" ||
    fail 'the schema does not describe the answers'
  head -n 1 "$answers" | python3 tests/command/schema_check.py "$work/any.json" >"$work/out" 2>"$work/err" ||
    fail 'the schema of any answer does not describe this one'
}

incident=tests/fixtures/incident
endpoints='--allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53 --allow any:10.0.0.0/8:any --allow icmp:192.0.2.1'
rules() { printf '%s\n' '*filter' "$@" COMMIT >"$work/rules"; }
# Everything that a region can name.
printf '%s\n' '*raw' '-A OUTPUT -p udp -j NOTRACK' COMMIT '*mangle' '-A OUTPUT -p tcp -j MARK --set-mark 1' COMMIT \
  '*nat' '-A OUTPUT -p tcp --dport 80 -j DNAT --to-destination 10.9.0.9:8080' '-A OUTPUT -p tcp --dport 81 -j REDIRECT --to-ports 18443' COMMIT \
  '*filter' ':OUTPUT DROP [0:0]' '-A OUTPUT -p icmp --icmp-type 8 -j ACCEPT' '-A OUTPUT -p tcp --tcp-flags SYN,ACK SYN -m tcpmss --mss 500:1000 -j ACCEPT' \
  '-A OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT' '-A OUTPUT -m conntrack --ctstate SNAT -j ACCEPT' '-A OUTPUT -m conntrack --ctstatus ASSURED -j ACCEPT' \
  '-A OUTPUT -m connmark --mark 5 -j ACCEPT' '-A OUTPUT -m mark --mark 7 -j ACCEPT' '-A OUTPUT -m length --length 500:600 -j ACCEPT' \
  '-A OUTPUT -m ttl --ttl-eq 3 -j ACCEPT' '-A OUTPUT -m tos --tos 0x10/0x3f -j ACCEPT' '-A OUTPUT -p tcp --tcp-option 8 -j ACCEPT' \
  '-A OUTPUT -p dccp --dccp-types REQUEST -j ACCEPT' '-A OUTPUT -p ah -m ah --ahspi 5 -j ACCEPT' '-A OUTPUT -f -j ACCEPT' \
  '-A OUTPUT -o eth0 -m limit --limit 1/s -j ACCEPT' '-A OUTPUT -s 10.0.0.0/9 -p udp --sport 5 --dport 6 -j ACCEPT' COMMIT >"$work/many.v4"

for before in before after; do
  for kind in legacy nft; do
    asked check check --v4 $incident/$before.$kind.v4 --v6 $incident/$before.$kind.v6 --uid 1001 $endpoints --json
  done
done
asked check check --v4 $incident/before.nft.v4 --v6 $incident/before.nft.v6 --uid 1001 --allow tcp:127.0.0.1:18443 --fix --json
asked check check --v4 $incident/after.nft.v4 --no-v6 --uid 1001 --allow tcp:127.0.0.1:18443 --fix --json
asked check check --v4 tests/fixtures/docker_resolver.nft.v4 --no-v6 --uid 1001 --allow udp:127.0.0.11:53 --json
asked check check --v4 "$work/many.v4" --uid 1001 $endpoints --json
asked check check --v4 "$work/many.v4" --uid 1001 $endpoints --attacker raw --flows new --require-usable --json
asked check check --v4 "$work/many.v4" --no-v6 --uid 1001 --gid 7 --json
asked check check --v4 "$work/many.v4" --no-v6 --chain FORWARD --json
rules '-A OUTPUT -o lo -m owner --uid-owner root -j DROP' '-A OUTPUT -p tcp --dport 18443 -j ACCEPT' '-A OUTPUT -m nosuch -j ACCEPT' '-A OUTPUT -j DROP' '-A OUTPUT -j DROP'
asked check check --v4 "$work/rules" --no-v6 --uid 1001 $endpoints --json
rules '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT' '-A OUTPUT -d 10.0.0.5 -j DROP' '-A OUTPUT -d 10.0.0.0/8 -j ACCEPT' '-A OUTPUT -j DROP'
asked check check --v4 "$work/rules" --no-v6 --uid 1001 $endpoints --json
rules '-A FORWARD -i eth1 -m mac --mac-source 00:11:22:33:44:55 -j DROP'
asked check check --v4 "$work/rules" --no-v6 --chain FORWARD --json
for host in examples/hosts/*/; do
  for v4 in "$host"*.v4; do
    asked check check --v4 "$v4" --v6 "${v4%4}6" --policy "${host}policy" --json
  done
done
described check fix verdict usable families leaks region witness trace needs reaches rewritten_by would_allow blocked match coverage \
  notes protocol source source_port destination destination_port portless icmp out in mac state mark flags ttl tos len mss options connmark ctdir

printf '%s\t%s\n%s\n%s\nno\tsuch\tline\n' "$work/many.v4" "$incident/before.nft.v6" "$incident/after.nft.v4" "$work/missing" >"$work/list"
asked batch check --batch "$work/list" --uid 1001 $endpoints
described batch v4_file v6_file error leaks

asked diff diff --old-v4 $incident/before.nft.v4 --old-v6 $incident/before.nft.v6 --new-v4 $incident/after.nft.v4 --new-v6 $incident/after.nft.v6 --json
asked diff diff --old-v4 $incident/before.nft.v4 --new-v4 "$work/many.v4" --no-v6 --json
asked diff diff --old-v4 "$work/many.v4" --new-v4 $incident/before.nft.v4 --no-v6 --uid 1001 --json
asked diff diff --old-v4 tests/fixtures/docker_resolver.nft.v4 --new-v4 $incident/before.nft.v4 --no-v6 --json
described diff answer families differences what surely before after by out reaches match

printf '%s\n' 'tcp LISTEN 0 1 *:8000 *:* users:(("api",pid=1,fd=3)) uid:7' 'tcp LISTEN 0 1 127.0.0.1:18443 0.0.0.0:*' 'udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*' \
  'tcp LISTEN 0 1 [::]:443 [::]:*' 'udp UNCONN 0 0 10.9.0.1:80 0.0.0.0:*' 'udp UNCONN 0 0 10.9.0.1%lo:81 0.0.0.0:*' >"$work/sockets"
printf '1: lo    inet 127.0.0.1/8 scope host lo\n1: lo    inet6 ::1/128 scope host\n2: eth0    inet 10.9.0.1/24 scope global eth0\n' >"$work/addresses"
for before in before after; do
  asked audit audit --v4 $incident/$before.nft.v4 --v6 $incident/$before.nft.v6 --addresses "$work/addresses" --listeners "$work/sockets" --uid 1001 $endpoints --json
done
asked audit audit --v4 "$work/many.v4" --v6 $incident/after.nft.v6 --listeners "$work/sockets" --uid 1001 $endpoints --json
rules '-A OUTPUT -p tcp --sport 40000:50000 -j ACCEPT' '-A OUTPUT -m nosuch -j ACCEPT' '-A OUTPUT -j DROP'
asked audit audit --v4 "$work/rules" --no-v6 --listeners "$work/sockets" --uid 1001 $endpoints --json
described audit listeners processes destinations but also open_for hangs_on errno after rule bound_to against_policy

for rules in $incident/before.nft.v4 $incident/after.legacy.v4 "$work/many.v4" "$work/rules" tests/fixtures/docker_resolver.nft.v4; do
  asked lint lint --v4 "$rules" --json
  asked lint lint --v4 "$rules" --no-v6 --uid 1001 $endpoints --json
done
rules '-N EMPTY' '-A OUTPUT -j ACCEPT' '-A OUTPUT -j DROP'
asked lint lint --v4 "$work/rules" --no-v6 --json
described lint findings id severity says todo

printf 'uid 1001\ntcp:127.0.0.1:18443\n' >"$work/a.policy"
printf 'uid 1001-1002\ntcp:127.0.0.1:8000\nudp:127.0.0.53:53\n' >"$work/b.policy"
printf 'uid 1003\nudp:127.0.0.53:53\n' >"$work/c.policy"
set -- --policy "$work/a.policy" --policy "$work/b.policy" --policy "$work/c.policy" --json
asked matrix matrix --v4 $incident/before.nft.v4 --v6 $incident/before.nft.v6 "$@"
asked matrix matrix --v4 "$work/many.v4" --no-v6 --require-usable "$@"
asked matrix matrix --v4 "$work/rules" --no-v6 "$@"
described matrix sandboxes crossings overlaps reached perhaps shared owner name leaks unknown

printf '%s\n' 'uid=1001 dst=127.0.0.1 dport=8000' 'dst=10.0.0.1 dport=80' 'dst=::1 dport=80' nonsense 'dst=10.0.0.1 proto=udp dport=9 out=eth0' >"$work/packets"
for rules in $incident/before.nft.v4 "$work/many.v4"; do
  asked trace trace --v4 "$rules" --packets "$work/packets" --json
  exits 3
  asked trace trace --v4 "$rules" --no-v6 --packets "$work/packets" --json
  asked why why --v4 "$rules" 'dst=10.0.0.1 dport=80' --json
  asked why why --v4 "$rules" 'dst=10.0.0.1 proto=udp dport=9 out=eth0' --json
  asked why why --v4 "$rules" --uid 1001 $endpoints --json
done
asked trace trace --v4 "$work/many.v4" --chain FORWARD 'dst=10.0.0.1 dport=80 in=eth0' --json
run trace --v4 $incident/before.nft.v4 'uid=1001 dst=127.0.0.1 dport=8000' --json
out_is '{"verdict": "ACCEPT", "packet": "uid=1001 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=8000 flags=SYN out=lo state=NEW", "trace": ["filter:OUTPUT:rule:2"], "hangs_on": [], "program": "connect() meets no error"}'
described trace trace hangs_on because program error packet
described why way step says but_for stopped_by command hangs_on

# Other rule sets hold what nobody thought of here.
if [ -d ../shared/corpus ]; then
  find ../shared/corpus -name '*.v4' -size -40k | sort | awk 'NR % 7 == 1' | head -n 40 >"$work/list"
  rm "$work/batch.answers" "$work/lint.answers"
  asked batch check --batch "$work/list" --no-v6 --uid 1001 $endpoints
  while IFS= read -r rules; do
    run lint --v4 "$rules" --no-v6 --json
    [ "$status" -eq 3 ] || cat "$work/out" >>"$work/lint.answers"  # some are for no iptables at all
  done <"$work/list"
  described batch
  described lint
else
  echo 'not tested: the rule sets of ../shared/corpus, which is not there'
fi
finish
