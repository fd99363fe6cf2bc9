# What zsh completes behind cordon; in a real zsh on a terminal, since its completion works nowhere else.
. tests/command/expect.sh
for needed in zsh python3; do
  command -v $needed >/dev/null || { echo "SKIP: $needed is not installed"; exit 77; }
done

run completion zsh
exits 0
err_is_empty
mkdir "$work/functions" "$work/files"
cp "$work/out" "$work/functions/_cordon"
zsh -n "$work/functions/_cordon" || fail 'zsh does not read it'
touch "$work/files/rules.v4" "$work/files/two words"

cat >"$work/rc" <<EOF
fpath=("$work/functions" \$fpath)
autoload -Uz compinit && compinit -u -D
PROMPT=; unsetopt prompt_cr prompt_sp; unset zle_bracketed_paste
cordon() { printf '<%s> ' called "\$@"; print }
LISTMAX=1000
print zsh' is ready'
EOF
last='(completion in zsh)'
python3 - "$work/rc" "$work/files" >"$work/out" 2>"$work/err" <<'PYTHON' || fail 'zsh does not complete so'
import fcntl, os, pty, select, struct, sys, termios, time
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(sys.argv[2])
    os.environ.update(TERM="dumb", HISTFILE="")
    os.execvp("zsh", ["zsh", "-f", "-i"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))

def ask(keys, *all_of):
    """Types the keys; each of these words has to come."""
    seen = b""
    os.write(terminal, keys)
    end = time.time() + 30
    while not all(words in seen for words in all_of):
        if time.time() > end or not select.select([terminal], [], [], 30)[0]:
            sys.exit(f"{keys!r}: not all of {all_of!r} in {seen!r}")
        seen += os.read(terminal, 4096)

clear = b"\x15"  # control-U
ask(b"source " + sys.argv[1].encode() + b"\n", b"zsh is ready")
ask(b"cordon ch\t--form\tsa\t\n", b"<called> <check> <--format=sarif>")
ask(b"cordon check --v4 ru\t\n", b"<check> <--v4> <rules.v4>")
ask(b"cordon check --v4 tw\t\n", b"<check> <--v4> <two words>")
ask(b"cordon check --v4 nft:ru\t\n", b"<check> <--v4> <nft:rules.v4>")
ask(b"cordon check --v4=legacy:ru\t\n", b"<check> <--v4=legacy:rules.v4>")
ask(b"cordon check --color al\t\n", b"<check> <--color> <always>")
ask(b"cordon schema mat\t\n", b"<schema> <matrix>")
ask(b"cordon completion z\t\n", b"<completion> <zsh>")
ask(b"cordon ma\t", b"Several sandboxes: who reaches whose endpoints?", b"The manual page.")
ask(clear + b"cordon render --format \t", b"commands", b"restore", b"undo")
ask(clear + b"cordon trace --o\t\n", b"<trace> <--output")
ask(b"cordon check --uid \t1001\n", b"<check> <--uid> <1001>")
PYTHON

# Every flag that --help tells stands in its command's part.
run --help
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
for command in $commands; do
  run "$command" --help
  sed -n "/^        ($command)\$/,/^          ;;\$/p" "$work/functions/_cordon" >"$work/part"
  for flag in $(grep -oE '^  (-h,)?--[a-z0-9-]+' "$work/out" | tr -d ' ' | tr ',' '\n'); do
    grep -Eq -- "[*)']$flag=?\[" "$work/part" || fail "$flag of $command is missing"
  done
done
finish
