# What the host says beside its rules: --ipset, --addresses and --no-ipsec.
. tests/command/expect.sh

sets=$work/sets addresses=$work/addresses rules=$work/rules
cat >"$sets" <<'END'
create allowed hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xb71ae9d8
add allowed 10.0.0.1,tcp:443
END
printf '%s\n' '1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever' \
  '2: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\       valid_lft forever preferred_lft forever' >"$addresses"
cat >"$rules" <<'END'
*filter
:OUTPUT DROP [0:0]
-A OUTPUT -m set --match-set allowed dst,dst -j ACCEPT
-A OUTPUT -m addrtype --dst-type LOCAL -j DROP
-A OUTPUT -m policy --dir out --pol none -j DROP
-A OUTPUT -j ACCEPT
COMMIT
END
policy='--no-v6 --uid 1001 --allow tcp:10.0.0.1:443'

run check --v4 "$rules" $policy
exits 2
out_has 'set --match-set allowed dst,dst'
run check --v4 "$rules" $policy --ipset "$sets" --no-ipsec
exits 0
run check --v4 "$rules" $policy --ipset "$sets" --addresses "$addresses" --no-ipsec --require-usable
exits 0
run check --v4 "$rules" $policy --no-ipsec
exits 2
out_lacks 'policy --dir out'

run trace --v4 "$rules" --ipset "$sets" 'dst=10.0.0.1 dport=443'
first_is 'ACCEPT filter:OUTPUT:rule:1'
run trace --v4 "$rules" --ipset "$sets" --addresses "$addresses" 'dst=127.3.4.5 dport=443'
first_is 'DROP filter:OUTPUT:rule:2'
run trace --v4 "$rules" --ipset "$sets" --addresses "$addresses" --no-ipsec 'dst=10.0.0.1 dport=80'
first_is 'DROP filter:OUTPUT:rule:3'

# A set that some rule changes may hold anything by then.
printf '%s\n' '*filter' ':OUTPUT DROP [0:0]' '-A OUTPUT -p udp -j SET --add-set allowed dst,dst' \
  '-A OUTPUT -m set --match-set allowed dst,dst -j ACCEPT' 'COMMIT' >"$rules"
run check --v4 "$rules" $policy --ipset "$sets"
exits 2

printf 'create s hash:ip\nadd s 10.0.0.300\n' >"$work/bad"
run check --v4 "$rules" $policy --ipset "$work/bad"
refused "$work/bad:2:7: error: " '10.0.0.300'
printf '1: lo inet 127.0.0.300/8\n' >"$work/bad"
run check --v4 "$rules" $policy --addresses "$work/bad"
refused "$work/bad:1:12: error: " '127.0.0.300'
run check --v4 "$rules" $policy --addresses "$work/missing"
refused "$work/missing: error: "
finish
