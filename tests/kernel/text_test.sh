#!/usr/bin/env bash
# What cordon reads and prints of a text of rules against what the real iptables-restore and iptables-save make of it, with
# both back ends: the texts of text_cases.txt, the project's fixtures, and the corpus of real rule sets where there is one
# beside the project. A difference is excused by its cause alone, never by the text's name; the excuses are counted.
#
# CORDON is the path of the command. `text_test.sh FILE...` compares these files (*.v6: as IPv6).
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/restore.sh"
equal=0 refused=0 failures=0

# Why a difference is none of ours, or nothing.
excuse() {
  if grep -Eq "Set .* doesn't exist" "$work/live.err"; then echo 'an ipset that is not there'
  elif grep -q 'missing kernel module' "$work/live.err"; then echo 'a module that this kernel lacks'
  elif [ "$live" -eq 139 ]; then echo 'iptables-nft-restore crashes'
  elif grep -Eq 'error: .*(control character|carriage returns|holds a quote|holds a blank)' "$work/our.err"; then
    echo 'it could not be printed safely'
  elif grep -q 'this quote is never closed' "$work/our.err"; then echo 'iptables-save prints a line feed inside a rule'
  elif grep -Eq "(target|match) '.*' is not known here" "$work/our.err" && grep -q "Couldn't load" "$work/live.err"; then
    echo 'an extension that neither knows'
  elif grep -Eq "error: '(-h|--help|-V|--version)' has no place" "$work/our.err"; then echo 'iptables-restore stops there and says it is well'
  fi
}

# compare NAME FILE FAMILY
compare() {
  local name=$1 file=$2 family=$3 backend live ours why
  local program=ip; [ "$family" = 6 ] && program=ip6
  for backend in legacy nft; do
    unshare -n sh -c '"$1tables-$2-restore" <"$3" >/dev/null 2>"$4/live.err"; echo $? >"$4/live.rc"
                      "$1tables-$2-save" 2>/dev/null' sh "$program" "$backend" "$file" "$work" >"$work/live.out"
    live=$(cat "$work/live.rc")
    ours=0
    "$CORDON" fmt "--v$family" - --backend "$backend" <"$file" >"$work/our.out" 2>"$work/our.err" || ours=$?
    if [ "$live" -ne 0 ] && [ "$ours" -eq 3 ]; then refused=$((refused + 1)); continue; fi
    if [ "$live" -eq 0 ] && [ "$ours" -eq 0 ]; then
      by_table <"$work/live.out" >"$work/live.rules"
      by_table <"$work/our.out" >"$work/our.rules"
      if cmp -s "$work/live.rules" "$work/our.rules"; then equal=$((equal + 1)); continue; fi
    fi
    why=$(excuse)
    if [ -n "$why" ]; then count_excuse "$why"; continue; fi
    failures=$((failures + 1))
    printf 'DIFFERENT: %s (%s, IPv%s): iptables-restore exits with %s, cordon with %s\n' "$name" "$backend" "$family" "$live" "$ours"
    if [ "$live" -eq 0 ] && [ "$ours" -eq 0 ]; then
      diff "$work/live.rules" "$work/our.rules" | sed 's/^/  /' | head -8
    else
      head -3 "$work/live.err" "$work/our.err" | sed 's/^/  /'
    fi
  done
}

report() {
  printf '%s: %d printed alike, %d refused alike, %d different\n' "$1" "$equal" "$refused" "$failures"
  report_excuses
  equal=0 refused=0
}

# The cases: `### name` or `### name (IPv6)`, then the text up to the next. `(escaped)`: \r and the like stand in it.
run_cases() {
  awk -v work="$work" '/^### / { close(file); file = work "/case" ++count; print substr($0, 5) > (work "/name" count); printf "" > file; next }
                       { print > file } END { print count }' "$here/text_cases.txt" >"$work/count"
  local i name count
  count=$(cat "$work/count")
  for ((i = 1; i <= count; i++)); do
    name=$(cat "$work/name$i")
    case $name in
      *'(escaped)'*) printf '%b' "$(tr -d '\n' <"$work/case$i")" >"$work/text" ;;
      *) cp "$work/case$i" "$work/text" ;;
    esac
    case $name in *'(IPv6)'*) compare "$name" "$work/text" 6 ;; *) compare "$name" "$work/text" 4 ;; esac
  done
}

if [ $# -gt 0 ]; then
  for file in "$@"; do case $file in *.v6) compare "$file" "$file" 6 ;; *) compare "$file" "$file" 4 ;; esac; done
  report 'files'
  [ "$failures" -eq 0 ]
  exit
fi

# Lines that the buffer of iptables-restore does not hold.
run_long_lines() {
  local length
  for length in 10200 10221 10222 10223 10240; do
    printf '*filter\n-A OUTPUT -j ACCEPT%*s-A OUTPUT -j DROP\nCOMMIT\n' "$length" '' >"$work/text"
    compare "a line cut behind $length blanks" "$work/text" 4
    printf '*filter\n#%*s-A OUTPUT -j DROP\nCOMMIT\n' "$length" '' >"$work/text"
    compare "a comment cut behind $length blanks" "$work/text" 4
  done
}

run_cases
run_long_lines
report 'cases'
for file in "$here"/../fixtures/*.v[46] "$here"/../fixtures/incident/*.v[46]; do
  case $file in *.v6) compare "$file" "$file" 6 ;; *) compare "$file" "$file" 4 ;; esac
done
report 'fixtures'
corpus=$here/../../../shared/corpus
if [ -f "$corpus/MANIFEST.tsv" ]; then
  while IFS=$'\t' read -r category name kind family _; do
    case $kind in dump | generated-nft | generated-legacy | restore-input | embedded) ;; *) continue ;; esac
    [ -f "$corpus/$category/$name" ] && compare "$category/$name" "$corpus/$category/$name" "${family#v}"
  done < <(tail -n +2 "$corpus/MANIFEST.tsv")
  report 'corpus'
else
  echo 'corpus: not here, nothing compared'
fi
[ "$failures" -eq 0 ]
