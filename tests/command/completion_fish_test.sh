# What fish completes behind cordon.
. tests/command/expect.sh
command -v fish >/dev/null || { echo 'SKIP: fish is not installed'; exit 77; }

run completion fish
exits 0
err_is_empty
cp "$work/out" "$work/completion.fish"
fish --no-execute "$work/completion.fish" || fail 'fish does not read it'
mkdir "$work/files" "$work/home"
touch "$work/files/rules.v4" "$work/files/two words"

# completed LINE: what may stand at its end, a line each, without descriptions.
completed() {
  last="(completion of) $1"
  status=0
  (cd "$work/files" && HOME=$work/home XDG_CONFIG_HOME=$work/home fish --private -c \
    'source ../completion.fish; complete -C "$argv[1]"' "$1") >"$work/described" 2>"$work/err" || status=$?
  cut -f 1 "$work/described" >"$work/out"
  exits 0
  err_is_empty
}
are() {
  printf '%s\n' "$@" | sort >"$work/expected"
  sort "$work/out" | cmp -s - "$work/expected" || fail "not these: $*"
}

run --help
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
completed 'cordon '
are $commands
completed 'cordon ma'
are man matrix
grep -q "^man	The manual page\.$" "$work/described" || fail 'the description is another'
run check --help
formats=$(sed -n 's/^  --format \([a-z|]*\).*/\1/p' "$work/out" | tr '|' ' ')
completed 'cordon check --format '
are $formats
completed 'cordon check --format=s'
are --format=sarif
completed 'cordon check --backend l'
are legacy
completed 'cordon check --v4 r'
are rules.v4
completed 'cordon check --v4 nft:r'
are nft:rules.v4
completed 'cordon check --v4=legacy:r'
are --v4=legacy:rules.v4
completed 'cordon check --uid '
out_is_empty
completed 'cordon schema check'
are check
completed 'cordon schema check '
out_lacks --v4
completed 'cordon matrix --policy check --'
out_has --policy
out_lacks --batch
for command in $commands; do
  run "$command" --help
  # shellcheck disable=SC2046  # words
  set -- $(grep -oE '^  (-h,)?--[a-z0-9-]+' "$work/out" | tr -d ' ' | tr ',' '\n' | grep '^--')
  completed "cordon $command --"
  are "$@"
done
finish
