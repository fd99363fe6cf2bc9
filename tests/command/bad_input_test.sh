# Input that cannot be used: one clear line with its place, exit status 3, and nothing that could be taken for an answer.
. tests/command/expect.sh
rules=$work/rules

# says CONTENT BEGINNING WORDS: for a file of IPv4 rules (a format of printf), with each command that reads one.
says() {
  # shellcheck disable=SC2059
  printf -- "$1" >"$rules"
  run check --v4 "$rules" --uid 1001
  refused "$rules:$2: error: " "$3"
  run trace --v4 "$rules" 'dst=127.0.0.1 dport=80'
  refused "$rules:$2: error: " "$3"
  run fmt --v4 "$rules"
  refused "$rules:$2: error: " "$3"
  run render --v4 "$rules" --uid 1001
  refused "$rules:$2: error: " "$3"
}

says '*filter\n-A OUTPUT -j ACCEPT\n' 2:1 'COMMIT'
says '*filter\n-A OUTPUT -p t\000p -j ACCEPT\nCOMMIT\n' 2:15 'no text'
says '*filter\r\n-A OUTPUT -j ACCEPT\r\nCOMMIT\r\n' 1:8 'CR LF'
says '*filter\n-A OUTPUT --frobnicate -j ACCEPT\nCOMMIT\n' 2:11 "'--frobnicate'"
says '*filter\n-A OUTPUT -j NOWHERE\nCOMMIT\n' 2:14 "'NOWHERE'"
says '*filter\n-A NOWHERE -j ACCEPT\nCOMMIT\n' 2:4 "'NOWHERE'"
says '*filter\n:A - [0:0]\n:B - [0:0]\n-A OUTPUT -j A\n-A A -j B\n-A B -j A\nCOMMIT\n' 6:1 'loop'
says '*filter\n-A OUTPUT -p tcp --dport 0:70000 -j ACCEPT\nCOMMIT\n' 2:26 "'70000'"
says '*filter\n-A OUTPUT -d 10.0.0.0/40 -j ACCEPT\nCOMMIT\n' 2:14 "'40'"
says '*filter\n-A OUTPUT -m owner --uid-owner -1 -j ACCEPT\nCOMMIT\n' 2:32 "'-1'"
says '*filter\n-A OUTPUT -m owner --uid-owner 4294967295 -j ACCEPT\nCOMMIT\n' 2:32 "'4294967295'"
says '*filter\n-A OUTPUT -d example.com -j ACCEPT\nCOMMIT\n' 2:14 'names are never looked up'
says '*filter\n-A OUTPUT -d ::1 -j ACCEPT\nCOMMIT\n' 2:14 'this looks like ip6tables-save'
says '-A OUTPUT -j ACCEPT\n' 1:1 "'*filter'"
says '*nosuchtable\nCOMMIT\n' 1:2 "'nosuchtable'"

head -c 4000 "$CORDON" >"$rules"
run check --v4 "$rules" --uid 1001
refused "$rules:1:" 'no text'

run check --v4 "$work/missing" --uid 1001
refused "$work/missing: error: " 'No such file'
run check --v4 "$work" --uid 1001
refused "$work: error: " 'Is a directory'

printf '*filter\n-A OUTPUT -j ACCEPT\nCOMMIT\n' >"$rules"
run check --v4 "$rules" --uid -1
refused 'error: --uid: "-1" is no user id'
run check --v4 "$rules" --uid 4294967295
refused 'error: --uid: "4294967295" is no user id'
run check --v4 "$rules" --uid nobody
refused 'error: --uid: "nobody" is no user id' 'id -u NAME'
run check --v4 "$rules" --gid 10-5
refused 'error: --gid: "10-5" is no group id'
run check --v4 "$rules"
refused 'error: ' '--uid N'
run check --v4 "$rules" --uid 1 --uid 2
refused 'error: ' 'twice'
run check --v4 "$rules" --uid 1001 --allow 127.0.0.1
refused 'error: --allow: "127.0.0.1" is no endpoint'
run check --v4 "$rules" --uid 1001 --allow tcp:127.0.0.1:70000
refused 'error: --allow: ' '"70000" is no port'
run check --v4 "$rules" --uid 1001 --attacker root
refused 'error: --attacker: '
run check --v4 "$rules" --uid 1001 --flows some
refused 'error: --flows: '
run check --v4 "$rules" --uid 1001 --backend xtables
refused 'error: --backend: '
run check --v4 "$rules" --uid 1001 --format yaml
refused 'error: --format: '
run check --v4 "$rules" --no-v4 --uid 1001
refused 'error: --no-v4 and --v4'
run check --v4 "$rules" --v4 "$rules" --uid 1001
refused 'error: --v4 is given twice'
run check --v4 - --v6 - --uid 1001
refused 'error: standard input'
run check --v4 "$rules" --uid 1001 --ipset "$work/missing"
refused "$work/missing: error: "
run check --v4 "$rules" --uid 1001 --output "$work/missing/file"
refused "$work/missing/file: error: cannot be written"
run check --v4 "$rules" --uid 1001 --frobnicate
refused 'error: ' '--frobnicate'
run check --v4 "$rules" --uid 1001 left over
refused 'error: '
run frobnicate
refused 'error: "frobnicate" is no command'
run
refused 'error: a command is missing'

printf 'uid 1001\nallow tcp:1.2.3:80\n' >"$work/policy"
run check --v4 "$rules" --policy "$work/policy"
refused "$work/policy:2:11: error: "
printf 'uid 1001\r\n' >"$work/policy"
run check --v4 "$rules" --policy "$work/policy"
refused "$work/policy:1:9: error: " 'CR LF'
run check --v4 "$rules" --policy "$work/missing"
refused "$work/missing: error: "

run trace --v4 "$rules"
refused 'error: ' 'one packet'
run trace --v4 "$rules" --packets "$work/missing"
refused "$work/missing: error: "
run fmt
refused 'error: ' '--v4'
run fmt --v4 "$rules" --v6 "$rules"
refused 'error: ' '--v4'
run render --uid 1001 --format restore
refused 'error: ' '--family 4'
run render --uid 1001 --format restore --family 5
refused 'error: --family'
run render --uid 1001 --format restore --family 6 --no-v6
refused 'error: --family 6'
run render --uid 1001 --format xml
refused 'error: --format'
finish
