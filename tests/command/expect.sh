# Runs the command and compares what it does with what it should. Read by the tests beside it (`.`), which end with `finish`.
# Files that a test makes go to $work; what the last run printed is in $work/out and $work/err.
set -u
: "${CORDON:?the path of the command}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
status=0
last=

fail() {
  failures=$((failures + 1))
  printf 'FAILED: %s\n  run: cordon %s (exit status %s)\n' "$1" "$last" "$status"
  sed 's/^/  out: /' "$work/out" | head -20
  sed 's/^/  err: /' "$work/err" | head -20
}

# run ARGUMENT...: standard input is $input, if that is set.
run() {
  last=$*
  status=0
  printf '%s' "${input:-}" | "$CORDON" "$@" >"$work/out" 2>"$work/err" || status=$?
}

exits() { [ "$status" -eq "$1" ] || fail "exit status $status, not $1"; }
out_has() { grep -Fq -e "$1" "$work/out" || fail "standard output lacks: $1"; }
out_lacks() { ! grep -Fq -e "$1" "$work/out" || fail "standard output has: $1"; }
err_has() { grep -Fq -e "$1" "$work/err" || fail "standard error lacks: $1"; }
out_is() { printf '%s\n' "$1" | cmp -s - "$work/out" || fail "standard output is not: $1"; }
first_is() { [ "$(head -n 1 "$work/out")" = "$1" ] || fail "the first line is not: $1"; }
out_is_empty() { [ ! -s "$work/out" ] || fail "standard output is not empty"; }
err_is_empty() { [ ! -s "$work/err" ] || fail "standard error is not empty"; }

# refused BEGINNING [WORDS]: exit status 3, nothing on standard output, one line on standard error that begins so.
refused() {
  exits 3
  out_is_empty
  [ "$(wc -l <"$work/err")" -eq 1 ] || fail "standard error is not one line"
  case $(cat "$work/err") in
    "$1"*) ;;
    *) fail "standard error does not begin with: $1" ;;
  esac
  [ $# -lt 2 ] || err_has "$2"
}

finish() {
  [ "$failures" -eq 0 ] || printf '%s failed\n' "$failures"
  [ "$failures" -eq 0 ]
}
