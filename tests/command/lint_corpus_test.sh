# Each rule of a real rule set that lint says never decides, or is not needed, can be taken out: diff finds no difference.
. tests/command/expect.sh
corpus=../shared/corpus
[ -f "$corpus/MANIFEST.tsv" ] || { echo "SKIP: $corpus, real rule sets, is not here"; exit 77; }

asked=0 taken_out=0
while IFS='	' read -r category name kind family _; do
  file=$corpus/$category/$name
  case $kind in dump | generated-nft | generated-legacy | restore-input | embedded) ;; *) continue ;; esac
  [ -f "$file" ] || continue
  other=--no-v6
  [ "$family" = v4 ] || other=--no-v4
  run lint "--$family" "$file" $other
  [ "$status" -ne 3 ] || continue
  asked=$((asked + 1))
  # The lines of such rules, but for those that are several rules: `-s a,b`.
  sed -n "s#^[^ ]*:\([0-9]*\): [a-z]*: \[\(covered\|kept-away\|fits-nothing\|behind-unconditional\|needless\)\] .*#\1#p" \
    "$work/out" | sort -un >"$work/lines"
  awk 'NR == FNR { out[$1]; next } !(FNR in out) || / (-s|-d|--source|--destination|--src|--dst) [^ ]*,/' \
    "$work/lines" "$file" >"$work/left"
  [ -s "$work/lines" ] || continue
  taken_out=$((taken_out + $(wc -l <"$work/lines")))
  run diff "--old-$family" "$file" "--new-$family" "$work/left" $other
  exits 0
done <"$corpus/MANIFEST.tsv"
echo "$asked rule sets, $taken_out rules taken out"
[ "$asked" -gt 0 ] || fail 'no rule set was asked'
[ "$taken_out" -gt 0 ] || fail 'no rule was taken out'
finish
