# cordon check --live, on rules of a network namespace of its own.
. tests/command/expect.sh
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" -eq 0 ] || { echo 'SKIP: network namespaces take root'; exit 77; }
for needed in unshare iptables-nft iptables-legacy; do
  command -v "$needed" >/dev/null || { echo "SKIP: $needed is not installed"; exit 77; }
done
unshare -n true 2>/dev/null || { echo 'SKIP: no network namespace can be made here'; exit 77; }

# in_namespace COMMANDS ARGUMENT...: runs the command after the shell commands, in a namespace without rules.
in_namespace() {
  last="(after $1)"
  status=0
  unshare -n sh -c "$1"' && shift && exec "$CORDON" "$@"' sh "$@" >"$work/out" 2>"$work/err" || status=$?
}
export CORDON
policy='--uid 1001'

in_namespace true check --live $policy --json
exits 1
out_has '"families": {"v4": "leak", "v6": "leak"}'
in_namespace 'iptables-nft -A OUTPUT -j DROP && ip6tables-nft -A OUTPUT -j DROP' check --live $policy
exits 0
out_has 'iptables-nft-save'
in_namespace 'iptables-legacy -A OUTPUT -p tcp -j DROP && iptables-nft -A OUTPUT ! -p tcp -j DROP' check --live --no-v6 $policy
exits 0
out_has 'iptables-legacy-save'
out_has 'iptables-nft-save'
if command -v nft >/dev/null; then
  in_namespace 'iptables-nft -A OUTPUT -j DROP && nft "table inet mine { chain out { type filter hook output priority 5; tcp dport 1 drop; }; }"' \
    check --live --no-v6 $policy --json
  exits 2
  out_has '"match": "nft chain inet mine out"'
fi
if command -v ipset >/dev/null && unshare -n ipset list >/dev/null 2>&1; then
  in_namespace 'ipset create s hash:ip && ipset add s 127.0.0.1 && iptables-nft -P OUTPUT DROP && iptables-nft -A OUTPUT -m set --match-set s dst -j ACCEPT' \
    check --live --no-v6 $policy --allow any:127.0.0.1:any
  exits 0
  in_namespace 'ip link set lo up && iptables-nft -P OUTPUT DROP && iptables-nft -A OUTPUT -m addrtype --dst-type LOCAL -j ACCEPT' \
    check --live --no-v6 $policy --allow any:127.0.0.0/8:any
  exits 0
fi
finish
