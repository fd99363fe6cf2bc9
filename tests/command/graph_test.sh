# cordon graph: the chains for Graphviz and Mermaid.
. tests/command/expect.sh
rules='--v4 tests/fixtures/incident/before.nft.v4'
policy='--uid 1001 --allow tcp:127.0.0.1:18443'
run graph $rules $policy
exits 0
first_is 'digraph cordon {'
out_has '<font color="#c00000">2  -o lo'
out_has '<font color="#c00000">all is accepted'
if command -v dot >/dev/null; then
  dot -Tsvg "$work/out" >"$work/svg" 2>"$work/err" || fail 'Graphviz does not take it'
  err_is_empty
else
  echo 'SKIP in part: Graphviz is not installed, so what it makes of the graph is not looked at'
fi
run graph $rules --format mermaid
exits 0
first_is 'flowchart LR'
out_lacks '#c00000'
run graph $rules $policy --format svg
exits 0
out_has '<svg xmlns="http://www.w3.org/2000/svg" class="graph"'
out_has 'class="leaks">2  -o lo'
out_lacks 'var('
if command -v python3 >/dev/null; then
  python3 -c 'import sys, xml.etree.ElementTree as xml; xml.parse(sys.stdin.buffer)' <"$work/out" 2>"$work/err" || fail 'the picture is no XML'
else
  echo 'SKIP in part: python3 is not installed, so whether the picture is XML is not looked at'
fi
run graph $rules --format png
refused 'error: --format: "png" is no format: write dot, mermaid or svg'
# Many chains, and bytes that are no text: Graphviz takes it without a word.
{
  printf '*filter\n:OUTPUT DROP [0:0]\n'
  i=0
  while [ "$i" -lt 60 ]; do i=$((i + 1)); printf ':<c>&%s - [0:0]\n' "$i"; done
  i=0
  while [ "$i" -lt 60 ]; do
    i=$((i + 1))
    printf -- '-A OUTPUT -m comment --comment "<b> \\"%s\\" \377" -j <c>&%s\n' "$i" "$i"
    for port in 1 2 3; do printf -- '-A <c>&%s -p tcp -m tcp --dport %s -j ACCEPT\n' "$i" "$port"; done
  done
  printf 'COMMIT\n'
} >"$work/many"
run graph --v4 "$work/many" --no-v6
exits 0
out_has '37 more chains'
if command -v dot >/dev/null; then
  dot -Tsvg "$work/out" >"$work/svg" 2>"$work/err" || fail 'Graphviz does not take it'
  err_is_empty
fi
finish
