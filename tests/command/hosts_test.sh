# The hosts of examples/hosts: what each answers is what its answer.txt shows, and each is told as the table tells it.
: "${CORDON:?the path of the command}"
failures=0
fail() { failures=$((failures + 1)); echo "FAILED: $*"; }

hosts=0
for ask in examples/hosts/*/ask; do
  folder=${ask%/ask}
  name=${folder##*/}
  hosts=$((hosts + 1))
  sh "$ask" | diff -u "$folder/answer.txt" - || fail "$ask prints another answer"
  # A host is wrong as found, and its last question shows how it is put right.
  grep -q '^exit status 1$' "$folder/answer.txt" || fail "$name has nothing to find"
  grep -q '^proved: ' "$folder/answer.txt" || fail "$name is never proved"
  grep -q "^| \[$name\]" examples/hosts/README.md || fail "$name is missing in the table"
  [ -s "$folder/README.md" ] || fail "$name has no README"
  # Every variant that is made is asked about.
  for rules in "$folder"/*.v4; do
    grep -q -e "--v4 ${rules##*/} " "$folder/answer.txt" || fail "$name: nothing is asked of ${rules##*/}"
    # What programs of the host try are packets.
    "$CORDON" trace --v4 "$rules" --v6 "${rules%4}6" --packets "$folder/packets" >/dev/null 2>&1 || fail "$name: packets are no packets"
  done
done
[ "$hosts" -ge 5 ] || fail "only $hosts hosts were found"
[ "$failures" -eq 0 ]
