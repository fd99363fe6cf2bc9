# What bash completes behind cordon; asked as readline asks, without a terminal.
. tests/command/expect.sh
command -v bash >/dev/null || { echo 'SKIP: bash is not installed'; exit 77; }

run completion bash
exits 0
err_is_empty
cp "$work/out" "$work/completion"
bash -n "$work/completion" || fail 'bash does not read it'
run completion bash --output "$work/file"
cmp -s "$work/file" "$work/completion" || fail '--output writes something else'
run completion tcsh
refused 'error: "tcsh" is no shell whose completion is known: write bash, zsh or fish'
run completion
refused 'error: whose completion? write cordon completion bash, zsh or fish'

mkdir "$work/files"
touch "$work/files/rules.v4" "$work/files/rules.v6" "$work/files/two words" "$work/files/-odd"
# completed WORD...: what may stand for the last of these words, a line each, in $work/out. Readline has taken them apart.
completed() {
  last="(completion of) $*"
  status=0
  (cd "$work/files" && bash -c '. ../completion
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
    function_of=$(complete -p cordon) && [[ $function_of == "complete -F _cordon cordon" ]] || exit 9
    _cordon cordon "${@: -1}" "${@: -2:1}"
    printf "%s\n" "${COMPREPLY[@]}"' bash "$@") >"$work/out" 2>"$work/err" || status=$?
  exits 0
  err_is_empty
}
# are WORD...: it is these and no others.
are() {
  printf '%s\n' "$@" | sort >"$work/expected"
  sort "$work/out" | cmp -s - "$work/expected" || fail "not these: $*"
}

completed cordon ''
run --help
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
completed cordon ''
are $commands -h --help --version
completed cordon ma
are man matrix
completed cordon check --form
are --format
run check --help
formats=$(sed -n 's/^  --format \([a-z|]*\).*/\1/p' "$work/out" | tr '|' ' ')
completed cordon check --format ''
are $formats
completed cordon check --format j
are json junit
completed cordon check --format = s
are sarif
completed cordon check --format =
are $formats
completed cordon check --chain ''
are OUTPUT FORWARD INPUT
completed cordon check --uid 1001 --backend ''
are legacy nft
completed cordon render --family ''
are 4 6
completed cordon lint --color a
are always auto
completed cordon completion ''
are -h --help --output bash fish zsh
completed cordon schema ma
are matrix
completed cordon check --v4 ''
are rules.v4 rules.v6 'two words' -odd
completed cordon check --v4 t
are 'two words'
completed cordon check --v4 nft : rules.v
are rules.v4 rules.v6
completed cordon check --v4 nft :
are rules.v4 rules.v6 'two words' -odd
completed cordon check --v4 = nft : rules.v4
are rules.v4
completed cordon check --policy ../files/r
are ../files/rules.v4 ../files/rules.v6
completed cordon check --uid ''
are ''
completed cordon check --allow tcp : 127.0.0.1 : 1
are ''
completed cordon check --v4 rules.v4 --j
are --jobs --json
completed cordon nosuch ''
are ''

# Every flag that --help tells, and no other.
for command in $commands; do
  run "$command" --help
  # shellcheck disable=SC2046  # words
  set -- $(grep -oE '^  (-h,)?--[a-z0-9-]+' "$work/out" | tr -d ' ' | tr ',' '\n')
  completed cordon "$command" -
  are "$@"
done

# In bash itself, which completes as a user sees it: the one way to see that quoting is right.
if command -v python3 >/dev/null; then
  python3 - "$work/completion" "$work/files" >"$work/out" 2>"$work/err" <<'PYTHON' || fail 'a real bash does not complete so'
import os, pty, select, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(sys.argv[2])
    os.environ.update(TERM="dumb", PS1="$ ", HISTFILE="")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
seen = b""
def until(words, line=None):
    global seen
    if line is not None:
        seen = b""
        os.write(terminal, line)
    end = time.time() + 20
    while words not in seen:
        if time.time() > end or not select.select([terminal], [], [], 20)[0]:
            sys.exit(f"no {words!r} in {seen!r}")
        seen += os.read(terminal, 4096)
until(b"$ ")
until(b"read so", b". ../completion && PS1= && bind 'set enable-bracketed-paste off' && echo 'read' so\n")
until(b"<text> <check> <--format> <sarif>", b"cordon() { printf '<%s> ' text \"$@\"; }\ncordon che\t--form\tsa\t\n")
until(b"<check> <--v4> <two words>", b"cordon check --v4 tw\t\n")
until(b"<check> <--v4=nft:rules.v4>", b"cordon check --v4=nft:rules.v4\t\n")
PYTHON
else
  echo 'not tested: completion on a terminal, for there is no python3'
fi
finish
