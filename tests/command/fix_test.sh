# cordon check --fix: the incident, the hosts of examples/hosts, what it refuses; and that what it prints, done to the rules,
# is what check then proves and diff finds confined to the sandbox.
. tests/command/expect.sh
incident=tests/fixtures/incident
owner='-m owner --uid-owner 1001'
comment="$owner -m comment --comment code-interpreter-sandbox-egress"
closes_v6="ip6tables -I OUTPUT 1 $owner -j REJECT --reject-with icmp6-port-unreachable"
set -- --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53

# commands: what the last run tells to be done first, as its answer shows it.
commands() { sed -n '/^fix: /,/^[^ ]/{/^  /p;}' "$work/out" | sed -n '/^  ip6\{0,1\}tables/s/^  //p'; }
# lines_of PROGRAM TABLE: of these, what iptables-restore takes for one table.
lines_of() {
  if [ "$2" = filter ]; then sed -n "s/^$1 -\([A-Z]\)/-\1/p"; else sed -n "s/^$1 -t $2 -\([A-Z]\)/-\1/p"; fi
}
# changed FILE PROGRAM: the rules of the file, changed as the commands on standard input say: each is a line of its table.
changed() {
  cat >"$work/commands"
  cp "$1" "$work/rules"
  for table in raw mangle nat filter security; do
    lines_of "$2" $table <"$work/commands" >"$work/$table"
    grep -q "^\*$table" "$1" || [ ! -s "$work/$table" ] || printf '*%s\nCOMMIT\n' $table >>"$work/rules"
  done
  while IFS= read -r line; do
    case $line in
      \**) table=${line#\*} ;;
      COMMIT) cat "$work/$table" ;;
    esac
    printf '%s\n' "$line"
  done <"$work/rules"
}

for backend in legacy nft; do
  run check --v4 $incident/before.$backend.v4 --v6 $incident/before.$backend.v6 "$@" --fix
  exits 1
  first_is "$("$CORDON" check --v4 $incident/before.$backend.v4 --v6 $incident/before.$backend.v6 "$@" 2>/dev/null | head -n 1)"
  out_has 'fix: 3 commands, proved: '
  [ "$(commands)" = "iptables -I OUTPUT 2 -d 127.0.0.53/32 -o lo -p udp $comment -m udp --dport 53 -j ACCEPT
iptables -R OUTPUT 3 -d 127.0.0.53/32 -o lo -p tcp $comment -m tcp --dport 53 -j ACCEPT
$closes_v6" ] || fail 'another fix for the rules before'
  run check --v4 $incident/after.$backend.v4 --v6 $incident/after.$backend.v6 "$@" --fix
  exits 1
  [ "$(commands)" = "$closes_v6" ] || fail 'another fix for the rules behind the first'
done
run check --v4 $incident/after.nft.v4 --v6 $incident/after.nft.v6 "$@" --fix --json
exits 1
out_has ", \"fix\": {\"found\": \"change\", \"commands\": [\"$closes_v6\"], \"alternatives\": [], \"script\": null, \"stays_closed\": [], \"cut_off\": false}"
run check --v4 $incident/after.nft.v4 --no-v6 "$@" --fix --json
exits 0
out_has ', "fix": null'
run check --v4 $incident/after.nft.v4 --no-v6 "$@" --fix
exits 0
out_has 'fix: none is needed'

# Words that mean something to a shell stay what they are.
input='*filter
:OUTPUT DROP
-A OUTPUT -o lo -m comment --comment "it\"s a $HOME `id` '"it's"'" -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
'
run check --v4 - --no-v6 --uid 1001 --fix
exits 1
commands | sed 's/^iptables/printf "%s\\n"/' >"$work/shown"
[ "$(sh "$work/shown" | sed -n '/^--comment$/{n;p;}')" = "it\"s a \$HOME \`id\` it's" ] || fail 'the shell takes the comment for something else'

# What it is not for.
run check --no-v4 --uid 1001 --fix --format sarif
refused 'error: --fix answers in text and JSON'
run check --no-v4 --uid 1001 --fix --chain FORWARD
refused 'error: ' '--fix is for OUTPUT'
run check --batch - --uid 1001 --fix
refused 'error: --fix is for one firewall'

# The hosts: each question has an answer, and done to the rules it holds.
hosts=0
for ask in examples/hosts/*/ask; do
  folder=${ask%/ask}
  sed -n "s/^question '[^']*' //p" "$ask" >"$work/questions"
  while read -r line; do
    v4=$(echo "$line" | sed 's/.*--v4 \([^ ]*\).*/\1/') v6=$(echo "$line" | sed 's/.*--v6 \([^ ]*\).*/\1/')
    rest=$(echo "$line" | sed "s/--v4 [^ ]*//;s/--v6 [^ ]*//;s/--require-usable//;s#--\(policy\|ipset\|addresses\) #--\1 $folder/#g")
    # shellcheck disable=SC2086  # words of a file of ours
    run check --v4 "$folder/$v4" --v6 "$folder/$v6" $rest --fix
    case $status in
      0) out_has 'fix: none is needed'; continue ;;
      1) out_has ', proved: ' ;;
      *) fail "no leak and not proved" ;;
    esac
    hosts=$((hosts + 1))
    cp "$work/out" "$work/answer"
    commands >"$work/all"
    changed "$folder/$v4" iptables <"$work/all" >"$work/v4"
    changed "$folder/$v6" ip6tables <"$work/all" >"$work/v6"
    grep -q '^stays closed: ' "$work/answer" && usable= || usable=--require-usable
    # shellcheck disable=SC2086
    run check --v4 "$work/v4" --v6 "$work/v6" $rest $usable
    exits 0
    # Of another user nothing is different.
    ids=$(echo "$rest" | sed -n 's/.*\(--ipset [^ ]*\).*/\1/p') addresses=$(echo "$rest" | sed -n 's/.*\(--addresses [^ ]*\).*/\1/p')
    # shellcheck disable=SC2086
    run diff --old-v4 "$folder/$v4" --old-v6 "$folder/$v6" --new-v4 "$work/v4" --new-v6 "$work/v6" --uid 4242 $ids $addresses
    exits 0
  done <"$work/questions"
done
[ "$hosts" -ge 8 ] || fail "only $hosts questions of hosts had a leak"
finish
