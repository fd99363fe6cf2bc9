# Help and version; and the examples that every --help ends with work as they stand.
. tests/command/expect.sh

run --version
exits 0
version=$(sed -n 's/^project(cordon VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
out_is "cordon $version"

run --help
exits 0
for command in check diff audit graph lint matrix trace why fmt render schema completion man; do
  out_has "  $command "
done
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
[ "$(echo "$commands" | wc -w)" -ge 13 ] || fail 'not all commands are found in --help'

# Programs that an example takes beside cordon, so that it changes nothing here and needs no right.
incident=$PWD/tests/fixtures/incident
mkdir "$work/bin" "$work/here" "$work/home"
program() {
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
ln -s "$CORDON" "$work/bin/cordon"
for save in iptables-save iptables-nft-save; do program $save "cat '$incident/before.nft.v4'"; done
for save in ip6tables-save ip6tables-nft-save; do program $save "cat '$incident/before.nft.v6'"; done
for missing in iptables-legacy-save ip6tables-legacy-save nft ipset; do program $missing 'exit 127'; done
program ip 'echo "1: lo    inet 127.0.0.1/8 scope host lo"; echo "2: eth0    inet 10.9.0.1/24 scope global eth0"'
program ss "printf 'tcp LISTEN 0 4096 *:8000 *:*\ntcp LISTEN 0 4096 127.0.0.1:18443 0.0.0.0:*\n'"
program sudo '[ "$1" != sh ] || exec sh -n; exec "$@"'  # a script is read, not run
program man 'test -s "$1"'
command -v dot >/dev/null || program dot 'grep -q digraph'
cd "$work/here" || exit 1
cp "$incident/before.nft.v4" before.v4
cp "$incident/before.nft.v6" before.v6
cp "$incident/after.nft.v4" after.v4
cp "$incident/after.nft.v6" after.v6
cp before.v4 rules.v4
cp before.v6 rules.v6
printf 'before.v4\tbefore.v6\nafter.v4\tafter.v6\n' >dumps.list
printf 'uid 1001\ntcp:127.0.0.1:18443\n' >ci.policy
printf 'uid 1002\ntcp:127.0.0.1:8000\n' >build.policy
mkdir -p "$work/home/.local/share/bash-completion/completions" "$work/home/.config/fish/completions"

count=0
for command in '' $commands; do
  # shellcheck disable=SC2086  # no word for cordon itself
  run $command --help
  exits 0
  err_is_empty
  out_has 'Exit status: '
  sed -n '/^Example:$/,$p' "$work/out" | sed 1d >"$work/examples"
  grep -v '^  ' "$work/examples" | grep -q . && fail 'more than examples stands behind "Example:"'
  grep -q "^  .*cordon $command" "$work/examples" || fail 'there is no example with the command'
  while IFS= read -r example; do
    count=$((count + 1))
    last="(example)$example"
    status=0
    PATH=$work/bin:$PATH HOME=$work/home bash -o pipefail -c "$example" >"$work/out" 2>"$work/err" </dev/null || status=$?
    [ "$status" -le 2 ] || fail 'it does not work'
    grep -q 'error' "$work/err" && fail 'it says that something is wrong'
  done <"$work/examples"
done
[ "$count" -ge 20 ] || fail "only $count examples were found"
for written in rules.svg cordon.1 answers check.schema.json "$work/home/.config/fish/completions/cordon.fish"; do
  [ -s "$written" ] || fail "no example has written $written"
done
[ "$(wc -l <answers)" -eq 2 ] || fail 'the example of --batch has not judged two firewalls'
finish
