# cordon fmt prints what loading a file and saving it again prints.
. tests/command/expect.sh

# What the real iptables-save printed comes out as it went in, but for comments. Tables are in another order there.
for file in tests/fixtures/incident/*.v4 tests/fixtures/policy_drop.*; do
  family=${file##*.}
  run fmt "--$family" "$file"
  exits 0
  grep -v '^#' "$file" | cmp -s - "$work/out" || fail "$file is not printed as it is"
done

input='*filter
[3:4] -A OUTPUT -p TCP --dport http -d 127.0.0.1 -m comment --comment two\ words -j ACCEPT
COMMIT
'
run fmt --v4 - --backend nft
exits 3
input='*filter
[3:4] -A OUTPUT -p TCP --dport http -d 127.0.0.1 -m comment --comment "two words" -j ACCEPT
COMMIT
'
run fmt --v4 -
exits 0
err_is_empty
out_is '*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -m comment --comment "two words" -j ACCEPT
COMMIT'
cp "$work/out" "$work/once"
run fmt --v4 "$work/once"
cmp -s "$work/once" "$work/out" || fail 'a second time prints something else'
input=
run fmt --v6 tests/fixtures/incident/after.nft.v6
exits 0
out_is_empty
finish
