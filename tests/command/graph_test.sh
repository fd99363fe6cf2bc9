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
run graph $rules --format svg
refused 'error: --format: "svg" is no format: write dot or mermaid'
finish
