# Text in colors: on a terminal, if NO_COLOR and TERM let it; never in what a program reads.
. tests/command/expect.sh
incident=tests/fixtures/incident
escape=$(printf '\033')
red="${escape}[1;31m" green="${escape}[1;32m" yellow="${escape}[1;33m" place="${escape}[36m" faint="${escape}[2m" plain="${escape}[0m"
cp $incident/before.nft.v4 "$work/v4"
printf '%s\n' '*filter' '-A OUTPUT -m owner --uid-owner 1001 -m limit --limit 1/s -j ACCEPT' '-A OUTPUT -j DROP' \
  '-A OUTPUT -d 10.0.0.1 -j DROP' COMMIT >"$work/doubtful"
cp "$work/v4" "$work/leak: ${escape}[31m"
printf 'uid 1001\ntcp:127.0.0.1:18443\n' >"$work/ci.policy"
printf 'uid 1002\ntcp:127.0.0.1:8000\n' >"$work/build.policy"
printf 'tcp LISTEN 0 1 *:8000 *:*\ntcp LISTEN 0 1 127.0.0.1:18443 0.0.0.0:*\n' >"$work/sockets"

without_colors() { sed "s/${escape}\[[0-9;]*m//g"; }
# in_colors ARGUMENT...: with colors it is what it is without them.
in_colors() {
  run "$@"
  grep -q "$escape" "$work/out" && fail 'there are colors where no terminal is'
  cp "$work/out" "$work/without"
  run "$@" --color never
  cmp -s "$work/out" "$work/without" || fail '--color never prints something else'
  run "$@" --color always
  without_colors <"$work/out" | cmp -s - "$work/without" || fail 'more differs than colors'
  out_has "$plain"
}
in_colors check --v4 "$work/v4" --uid 1001 --allow tcp:127.0.0.1:18443 --allow tcp:10.0.0.1:80@eth0
out_has "${red}leak:${plain} packets of uid 1001"
out_has "${red}leak:${plain} IPv4, let out by"
out_has "${faint}  rule     ${plain}${place}$work/v4:7:${plain} -A OUTPUT -o lo"
out_has "${faint}  witness  ${plain}uid=1001"
out_has "${faint}  way      ${plain}${place}filter:OUTPUT:rule:2${plain}"
out_has "  ${green}open${plain}     tcp:127.0.0.1:18443"
out_has "  ${red}blocked${plain}  tcp:10.0.0.1:80@eth0"
in_colors check --v4 "$work/doubtful" --no-v6 --uid 1001
out_has "${yellow}unknown:${plain} whether"
in_colors check --v4 "$work/doubtful" --no-v6 --uid 1001-1002 --flows new --allow any:0.0.0.0/0:any
out_has "${green}proved:${plain}"
in_colors check --v4 "$work/leak: ${escape}[31m" --no-v6 --uid 1001
out_has "${place}$work/leak: \\x1b[31m:7:${plain}"
in_colors diff --old-v4 $incident/after.nft.v4 --new-v4 $incident/before.nft.v4 --no-v6
out_has "${red}different:${plain}"
out_has "${red}newly let out${plain}, IPv4:"
in_colors audit --v4 "$work/v4" --no-v6 --listeners "$work/sockets" --uid 1001 --allow tcp:127.0.0.1:18443
out_has "${red}open:${plain}"
out_has "  ${red}OPEN${plain}      127.0.0.1"
out_has "  ${green}open${plain}      127.0.0.1"
in_colors lint --v4 "$work/doubtful" --no-v6
out_has "$work/doubtful:4:${plain} ${yellow}warning:${plain} ["
in_colors matrix --v4 "$work/v4" --no-v6 --policy "$work/ci.policy" --policy "$work/build.policy"
out_has "ci ${red}reaches${plain} endpoints of build"
out_has "${red}leak:${plain} of 2 sandboxes"
in_colors trace --v4 "$work/v4" 'uid=1001 dst=10.0.0.1 dport=80'
out_has "${red}REJECT:icmp-net-unreachable${plain}${place} filter:OUTPUT:rule:3${plain}"
in_colors trace --v4 "$work/v4" 'uid=1001 dst=127.0.0.1 dport=80'
out_has "${green}ACCEPT${plain}${place} filter:OUTPUT:rule:2${plain}"
in_colors why --v4 "$work/v4" 'uid=1001 dst=127.0.0.1 dport=8000'
out_has "${green}ACCEPT${plain}"
out_has "${faint}program  ${plain}"

run check --v4 "$work/v4" --uid 1001 --color sometimes
refused 'error: --color: "sometimes" is no answer to when: write auto, always or never'
for format in json sarif junit; do
  run check --v4 "$work/v4" --uid 1001 --format $format --color always
  grep -q "$escape" "$work/out" && fail "there are colors in $format"
done

command -v script >/dev/null || { echo 'not tested: colors on a terminal, for there is no script(1)'; finish; exit; }
unset NO_COLOR
# on_terminal VARIABLES ARGUMENT...: what it prints on one, in $work/out.
on_terminal() {
  variables=$1
  shift
  last="(on a terminal, $variables) $*"
  script -qec "env $variables '$CORDON' $*" /dev/null >"$work/out" 2>"$work/err" </dev/null
}
colored() { grep -Fq "${red}leak:" "$work/out" || fail 'there are no colors'; }
uncolored() { out_has leak; ! grep -q "$escape" "$work/out" || fail 'there are colors'; }
question="check --v4 $work/v4 --uid 1001"
on_terminal TERM=xterm $question; colored
on_terminal 'TERM=xterm NO_COLOR=' $question; colored
on_terminal 'TERM=xterm NO_COLOR=1' $question; uncolored
on_terminal 'TERM=xterm NO_COLOR=1' $question --color always; colored
on_terminal 'TERM=dumb' $question; uncolored
on_terminal '-u TERM' $question; uncolored
on_terminal 'TERM=xterm' $question --color never; uncolored
on_terminal 'TERM=xterm' $question --json; uncolored
on_terminal 'TERM=xterm' $question --format junit; uncolored
on_terminal 'TERM=xterm' $question --output "$work/file"
cp "$work/file" "$work/out"; uncolored
on_terminal 'TERM=xterm' $question '| cat'; uncolored
finish
