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

# Rules that ask for more members than may be: of the set that takes the most nothing is known, which is said; the other is known.
# What a list leads to stays known to change where a rule adds to the list.
awk 'BEGIN { print "create large hash:ip\ncreate small hash:ip\nadd small 10.0.0.1\ncreate both list:set"
  print "add both large\nadd both small"
  for (i = 0; i < 65536; i++) print "add large 10.1." int(i / 256) "." i % 256 }' >"$work/large_sets"
ask_often() { awk -v n="$1" -v name="$2" 'BEGIN { print "*filter\n:OUTPUT DROP [0:0]"
  for (i = 1; i <= n; i++) print "-A OUTPUT -p tcp --dport " i " -m set --match-set " name " dst -j DROP"
  print "-A OUTPUT -p tcp --dport 443 -m set --match-set small dst -j ACCEPT\nCOMMIT" }'; }
said="warning: too large: the set 'large' has 65536 members and 33 rules ask for it, and 2097152 members are asked for in all at most: what is in it stays unknown"
ask_often 33 large >"$rules"
run check --v4 "$rules" $policy --ipset "$work/large_sets"
exits 0
err_has "$work/large_sets: $said"
sed 's/-m set --match-set large dst -j DROP/-m set --match-set large dst -j ACCEPT/' "$rules" >"$work/accepts"
run check --v4 "$work/accepts" $policy --ipset "$work/large_sets"
exits 2
out_has 'set --match-set large dst'
ask_often 31 large >"$rules"
run check --v4 "$rules" $policy --ipset "$work/large_sets"
exits 0
err_is_empty
ask_often 33 both | sed 's/^COMMIT/-A OUTPUT -p udp -j SET --add-set both dst\nCOMMIT/' >"$rules"
run check --v4 "$rules" $policy --ipset "$work/large_sets"
exits 2
out_has 'set --match-set small dst'

printf 'create s hash:ip\nadd s 10.0.0.300\n' >"$work/bad"
run check --v4 "$rules" $policy --ipset "$work/bad"
refused "$work/bad:2:7: error: " '10.0.0.300'
printf '1: lo inet 127.0.0.300/8\n' >"$work/bad"
run check --v4 "$rules" $policy --addresses "$work/bad"
refused "$work/bad:1:12: error: " '127.0.0.300'
run check --v4 "$rules" $policy --addresses "$work/missing"
refused "$work/missing: error: "
finish
