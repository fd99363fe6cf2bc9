# A line on standard error tells that work goes on: on a terminal, once that takes over a second, and it is cleared.
. tests/command/expect.sh
command -v script >/dev/null || { echo 'SKIP: script(1), which makes a terminal, is not installed'; exit 77; }
clear=$(printf '\033[K')
printf '*filter\n-A OUTPUT -j DROP\nCOMMIT\n' >"$work/rules"
printf 'tcp LISTEN 0 1 *:80 *:*\n' >"$work/sockets"
printf 'uid 1001\n' >"$work/a.policy"
mkfifo "$work/slow"

# on_terminal SECONDS COMMANDS: what cordon's terminal shows, in $work/out; $work/slow is a file whose reading takes so
# long, however late it begins.
on_terminal() {
  last="(rules after $1 s) $2"
  timeout 60 sh -c 'exec 3>"$1/slow"; sleep "$2"; cat "$1/rules" >&3' sh "$work" "$1" &
  TERM=${terminal-xterm} script -qec "$2" /dev/null >"$work/out" 2>"$work/err" </dev/null
  wait
}
# shows WORDS: they come, with the time; then the line is cleared, and nothing of it comes behind.
shows() {
  tr '\r' '\n' <"$work/out" >"$work/lines"
  grep -Eq "^.\[K$1, [1-9][0-9]* s\$" "$work/lines" || fail "no progress is shown: $1"
  sed "1,/, [1-9][0-9]* s\$/d" "$work/lines" | grep -v ', [1-9][0-9]* s$' >"$work/behind"
  [ "$(sed -n '1s/^\(...\).*/\1/p' "$work/behind")" = "$clear" ] || fail 'the line is not cleared'
  out_has "$2"
}
shows_nothing() { ! grep -q ', [0-9]* s' "$work/out" && ! grep -qF "$clear" "$work/out" || fail 'progress is shown'; }
given="--v4 '$work/slow' --no-v6 --uid 1001"

on_terminal 1.6 "'$CORDON' check $given"
shows 'checking every packet' proved
on_terminal 1.6 "'$CORDON' check $given >'$work/answer'"
shows 'checking every packet' ''
grep -q "^proved" "$work/answer" || fail 'the answer is not in its file'
grep -qF "$clear" "$work/answer" && fail 'progress got into the answer'
on_terminal 1.6 "'$CORDON' diff --old-v4 '$work/slow' --new-v4 '$work/rules' --no-v6"
shows 'comparing over every packet' same
on_terminal 1.6 "'$CORDON' audit $given --listeners '$work/sockets'"
shows 'asking for every socket that listens' kept
on_terminal 1.6 "'$CORDON' lint --v4 '$work/slow' --no-v6"
shows 'asking what each rule is for' ''
on_terminal 1.6 "'$CORDON' graph --v4 '$work/slow' --no-v6"
shows 'asking which rules decide' digraph
on_terminal 1.6 "'$CORDON' why --v4 '$work/slow' --no-v6 'uid=1001 dst=127.0.0.1 dport=80'"
shows 'asking why' DROP
on_terminal 1.6 "'$CORDON' matrix --v4 '$work/slow' --no-v6 --policy '$work/a.policy'"
shows 'checking every sandbox against every other' proved
printf '%s\n%s\n' "$work/rules" "$work/slow" >"$work/list"
on_terminal 1.6 "'$CORDON' check --batch '$work/list' --no-v6 --uid 1001 --jobs 1 --output /dev/null"
shows "$work/list: 1 of 2 firewalls: 1 proved" "$work/list: 2 firewalls: 2 proved"
# What cannot be used is told on a line of its own.
cp "$work/rules" "$work/good"
printf '*filter\n-A OUTPUT -j NOWHERE\nCOMMIT\n' >"$work/rules"
on_terminal 1.6 "'$CORDON' check $given"
shows 'checking every packet' "$clear$work/slow:2:"
cp "$work/good" "$work/rules"
# In a narrow window it does not wrap.
on_terminal 1.6 "stty cols 12; '$CORDON' check $given"
tr '\r' '\n' <"$work/out" | grep -q "^.\[Kchecking ev\$" || fail 'it is not cut'

on_terminal 0 "'$CORDON' check $given"
shows_nothing
on_terminal 1.6 "'$CORDON' check $given 2>'$work/said'"
shows_nothing
[ ! -s "$work/said" ] || fail 'progress is shown in a file'
on_terminal 1.6 "'$CORDON' check --batch '$work/list' --no-v6 --uid 1001 --jobs 1"  # the answers come out here
grep -q ', 1 s' "$work/out" && fail 'progress gets between the answers'
terminal=dumb
on_terminal 1.6 "'$CORDON' check $given"
shows_nothing
finish
