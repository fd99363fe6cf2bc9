# cordon check --batch: many firewalls, one answer a line.
. tests/command/expect.sh
incident=tests/fixtures/incident
list=$work/list
set -- --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53

# line N: the N-th line of standard output.
line() { sed -n "$1p" "$work/out"; }
line_has() {
  case $(line "$1") in
    *"$2"*) ;;
    *) fail "line $1 lacks: $2" ;;
  esac
}

printf '*filter\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/closed"
printf '*filter\n-A OUTPUT -m nosuchmatch -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/doubtful"
printf '*filter\n-A OUTPUT -j NOWHERE\nCOMMIT\n' >"$work/wrong"
printf '*filter\n-A OUTPUT -m owner --uid-owner root -j DROP\nCOMMIT\n' >"$work/named"

# Each line is the object of --json, and tells its files.
printf '%s\t%s\n' "$incident/before.nft.v4" "$incident/before.nft.v6" "$incident/after.legacy.v4" "$incident/after.legacy.v6" \
  "$work/doubtful" "$work/named" "$work/closed" "$work/closed" >"$list"
: >"$work/expected"
while IFS='	' read -r v4 v6; do
  run check --v4 "$v4" --v6 "$v6" "$@" --json
  printf '{"v4_file": "%s", "v6_file": "%s", ' "$v4" "$v6" >>"$work/expected"
  sed 's/^{//' "$work/out" >>"$work/expected"
done <"$list"
run check --batch "$list" "$@"
exits 1
cmp -s "$work/out" "$work/expected" || fail 'the lines are not what check --json says of each'
[ "$(cat "$work/err")" = "$list: 4 firewalls: 1 proved, 3 leak" ] || fail 'the summary is another'

# Any number of threads, a file or standard output, the list from a file or from standard input: the same.
i=0
while [ $i -lt 60 ]; do cat "$list"; i=$((i + 1)); done >"$work/long"
run check --batch "$work/long" "$@" --jobs 1
cp "$work/out" "$work/expected"
[ "$(wc -l <"$work/out")" -eq 240 ] || fail 'some of 240 lines are missing'
for jobs in 2 7 32; do
  run check --batch "$work/long" "$@" --jobs $jobs --json --output "$work/answers"
  exits 1
  out_is_empty
  cmp -s "$work/answers" "$work/expected" || fail "$jobs threads write something else than one"
done
input=$(cat "$work/long")
run check --batch - "$@"
cmp -s "$work/out" "$work/expected" || fail 'a list on standard input gives something else'
err_has '<stdin>: 240 firewalls: 60 proved, 180 leak'
input=

# A family without a file has no rules, and so leaks; a host can be said not to have it.
printf '%s\t\n%s\n\t%s\n\t\n' "$work/closed" "$work/closed" "$work/closed" >"$list"
run check --batch "$list" --uid 1001
exits 1
line_has 1 "{\"v4_file\": \"$work/closed\", \"v6_file\": null, \"verdict\": \"leak\""
line_has 1 '"families": {"v4": "proved", "v6": "leak"}'
line_has 2 '"families": {"v4": "proved", "v6": "leak"}'
line_has 3 '"families": {"v4": "leak", "v6": "proved"}'
line_has 4 '{"v4_file": null, "v6_file": null, "verdict": "leak"'
printf '%s\n%s\n' "$work/closed" "nft:$work/closed" >"$list"
run check --batch "$list" --uid 1001 --no-v6
exits 0
line_has 2 "{\"v4_file\": \"nft:$work/closed\", \"v6_file\": null, \"verdict\": \"proved\""

# Comments and empty lines are no entries.
printf '# hosts\n\n%s\t%s\n' "$work/closed" "$work/closed" >"$list"
run check --batch "$list" --uid 1001
exits 0
[ "$(wc -l <"$work/out")" -eq 1 ] || fail 'a comment or an empty line is answered'
[ "$(cat "$work/err")" = "$list: 1 firewall: 1 proved" ] || fail 'the summary is another'

# What cannot be used is told in its place, and the run goes on.
printf '%s\t\n%s\tx\ty\n-\t%s\nmissing\t\n%s\t%s\r\n%s\t%s\n' "$work/wrong" "$work/closed" "$work/closed" "$work/closed" \
  "$work/closed" "$work/closed" "$work/closed" >"$list"
run check --batch "$list" --uid 1001
exits 3
line_has 1 "{\"v4_file\": \"$work/wrong\", \"v6_file\": null, \"verdict\": null, \"error\": \"$work/wrong:2:14: error: "
line_has 2 "\"verdict\": null, \"error\": \"$list:2:"
line_has 2 'a second tab'
line_has 3 "\"error\": \"$list:3:1: error: standard input"
line_has 4 '"error": "missing: error: cannot be opened: '
line_has 5 "\"error\": \"$list:5:"
line_has 5 'CR LF'
line_has 6 '"verdict": "proved"'
[ "$(cat "$work/err")" = "$list: 6 firewalls: 1 proved, 5 unusable" ] || fail 'the summary is another'
printf '%s\t%s\n' "$work/closed" "$work/closed" >"$list"
run check --batch "$list" --uid 1001 --no-v6
exits 3
line_has 1 "\"error\": \"$list:1:1: error: --no-v6 and --v6"

# The worst exit status, in the order 3, 1, 2, 0.
printf '%s\n%s\n' "$work/closed" "$work/doubtful" >"$list"
run check --batch "$list" --uid 1001 --no-v6
exits 2
printf '%s\n' "$incident/before.nft.v4" >>"$list"
run check --batch "$list" --uid 1001 --no-v6
exits 1
printf '%s\n' "$work/closed" >>"$list"
run check --batch "$list" --uid 1001 --no-v6
exits 1
printf '%s\n' "$work/wrong" >>"$list"
run check --batch "$list" --uid 1001 --no-v6
exits 3

# A name of this machine is told of the firewall that has it, whatever was judged before in the same thread.
printf '%s\n' "$work/named" "$work/closed" "$work/named" >"$list"
run check --batch "$list" --uid 1001 --no-v6 --jobs 1
line_has 1 'the user root is 0 on this machine'
case $(line 2) in *'the user root'*) fail 'a warning of another firewall is told' ;; esac
line_has 3 'the user root is 0 on this machine'

# Flags hold for all: what is wrong with them is told at once.
printf 'create inside hash:ip\nadd inside 10.0.0.1\n' >"$work/sets"
printf '*filter\n-A OUTPUT -m set --match-set inside dst -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/with_set"
printf '%s\n' "$work/with_set" >"$list"
run check --batch "$list" --uid 1001 --no-v6 --ipset "$work/sets" --allow any:10.0.0.1:any
exits 0
run check --batch "$list" --uid 1001 --no-v6 --allow any:10.0.0.1:any
exits 2
run check --batch "$list" --uid nobody
refused 'error: --uid: "nobody"'
run check --batch "$list" --uid 1001 --ipset "$work/missing"
refused "$work/missing: error: "
run check --batch "$list" --uid 1001 --backend xtables
refused 'error: --backend: '
for jobs in 0 -1 many 1025 2x; do
  run check --batch "$list" --uid 1001 --jobs "$jobs"
  refused 'error: --jobs: ' 'write 1 to 1024'
done
run check --v4 "$work/closed" --uid 1001 --jobs 2
refused 'error: --jobs goes with --batch'
run check --batch "$list" --v4 "$work/closed" --uid 1001
refused 'error: --batch, --live and files of rules exclude each other'
run check --batch "$list" --uid 1001 --live
refused 'error: --batch, --live and files of rules exclude each other'
run check --batch "$list" --uid 1001 --format text
refused 'error: --batch answers in JSON'
run check --batch "$work/missing" --uid 1001
refused "$work/missing: error: "
run check --batch '' --uid 1001
exits 3
out_is_empty
printf '# nothing\n' >"$list"
run check --batch "$list" --uid 1001
refused "$list: error: no firewall is listed here"
run check --batch "$list" --uid 1001 --output "$work/missing/file"
exits 3

finish
