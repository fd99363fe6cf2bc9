# The manual page: well-formed, and with every command and flag that --help tells.
. tests/command/expect.sh
export SOURCE_DATE_EPOCH=86400

run man
exits 0
err_is_empty
cp "$work/out" "$work/cordon.1"
out_has '.Dd 1970-01-02'
run man --output "$work/file"
cmp -s "$work/file" "$work/cordon.1" || fail '--output writes something else'
last='(the page)'
if command -v mandoc >/dev/null; then
  mandoc -T lint -W warning "$work/cordon.1" >"$work/out" 2>"$work/err" || fail 'mandoc finds something'
  mandoc -T ascii "$work/cordon.1" >"$work/page" 2>"$work/err"
elif command -v groff >/dev/null; then
  groff -ww -mdoc -T ascii -P -c "$work/cordon.1" >"$work/page" 2>"$work/err"
  err_is_empty
else
  echo 'SKIP: neither mandoc nor groff is installed'
  exit 77
fi
# Without what makes a typewriter print twice, and blanks for tabs.
sed "s/.$(printf '\b')//g" "$work/page" | expand >"$work/plain"

# part TITLE: what stands under a title of the page; of a command, with the indentation that they have.
part() { awk -v title="$1" '/^ ? ? ?[^ ]/ { shown = $0 == title; next } shown' "$work/plain"; }
has_words() { part "$1" | tr -s ' \n' ' ' | grep -Fq -e "$2" || fail "under \"$1\" is no: $2"; }

run --help
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
count=0
for command in $commands; do
  run "$command" --help
  exits 0
  # The words and flags at the beginnings of lines, with what they take; an example and a sentence each.
  grep -oE '^  (-h,)?--[a-z0-9-]+' "$work/out" | sed 's/^  //; s/,/, /' >"$work/flags"
  while IFS= read -r flag; do
    part "   $command" | grep -Eq -- "^ +$flag( |\$)" || fail "$flag of $command is missing"
    count=$((count + 1))
  done <"$work/flags"
  has_words "   $command" "$(sed 1q "$work/out" | sed 's/\. .*//')"
  has_words "   $command" "$(sed -n 's/^Exit status: //p' "$work/out")"
  sed '1,/^Example:$/d' "$work/out" | sed 's/^  //' >"$work/examples"
  while IFS= read -r example; do has_words "   $command" "$example"; done <"$work/examples"
done
[ "$count" -ge 100 ] || fail "only $count flags were looked for"
has_words '   check' '--chain OUTPUT|FORWARD|INPUT'
has_words '   check' 'one V4FILE<TAB>V6FILE a line'
has_words '   trace' 'PACKET'
has_words 'EXIT STATUS' '0 proved, 1 leak, 2 unknown'
has_words 'ENVIRONMENT' 'NO_COLOR'
finish
