# cordon check and audit --live, on rules of a network namespace of its own.
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
  # What somebody puts into iptables' own tables with nft, iptables-save tells wrongly or not at all: the first for a DROP
  # of all TCP, the second for a rule that does nothing. And it prints tables that are switched off.
  # It takes any order of addresses and protocols for equality, too.
  tells_wrongly='which has rules that iptables-save does not tell, or tells wrongly'
  for foreign in 'insert rule ip filter OUTPUT tcp dport { 80, 443 } drop' 'insert rule ip filter OUTPUT ip daddr set 10.0.0.1' \
    'insert rule ip filter OUTPUT ip daddr > 10.0.0.1 drop' 'insert rule ip filter OUTPUT meta l4proto 5-6 drop' \
    'insert rule ip filter called tcp dport { 80, 443 } counter drop'; do
    in_namespace "iptables-nft -N called && iptables-nft -A OUTPUT -p tcp -j called && iptables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP && nft '$foreign'" \
      check --live --no-v6 $policy --json
    exits 2
    out_has "$tells_wrongly"
  done
  in_namespace "iptables-nft -A OUTPUT -j DROP && nft 'insert rule ip filter OUTPUT ip dscp 1 accept'" check --live --no-v6 $policy
  refused 'error: --live: iptables-nft-save failed with exit status 3: are you root, and do its tables hold rules of iptables alone?'
  in_namespace "nft 'add table ip filter { flags dormant; }' && iptables-nft -A OUTPUT -j DROP" check --live --no-v6 $policy
  exits 2
  out_has '  nft table ip filter, in which no rule is asked, for it is dormant in '
  in_namespace "iptables-nft -A OUTPUT -j DROP && nft 'add table ip nat; add chain ip nat OUTPUT { type nat hook output priority -100; }; add rule ip nat OUTPUT tcp dport 1 dnat to 10.0.0.1'" \
    check --live --no-v6 $policy
  exits 2
  out_has '  nft table ip nat, which iptables-save does not tell in '
  # What iptables itself makes is told, in all its words.
  in_namespace "iptables-nft -A OUTPUT -p tcp -m multiport --dports 80,443 -m comment --comment 'drop { jump set' -m limit --limit 5/sec -j LOG \
      && iptables-nft -A OUTPUT ! -o lo -d 10.0.0.0/9 -p udp ! --dport 5:6 -m mark --mark 5/7 -j REJECT \
      && iptables-nft -A OUTPUT -p tcp --tcp-flags SYN,ACK SYN -m conntrack --ctstate NEW -j NFLOG && iptables-nft -A OUTPUT -f -j DROP && iptables-nft -A OUTPUT -p tcp --sport :9 ! --dport :8 -j TRACE \
      && iptables-nft -A OUTPUT -p udp --sport 7 --dport 8 -j LOG && iptables-nft -A OUTPUT -p udp ! --dport 9: -j LOG \
      && iptables-nft -t mangle -A OUTPUT -j MARK --set-mark 5 && iptables-nft -t raw -A OUTPUT -p icmp --icmp-type 8 -j NOTRACK \
      && iptables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP && ip6tables-nft -A OUTPUT -d fe80::/10 -s ::1 -p icmpv6 --icmpv6-type 1 -j DROP \
      && ip6tables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP" check --live $policy --json
  exits 0
  out_has '"unknown": []'
fi

# What the README has systemd ask before it starts a service.
asked=$(sed -n 's/^ExecStartPre=+[^ ]*cordon //p' README.md | sed "s|/etc/sandbox.policy|$work/sandbox.policy|")
case $asked in
  *"$work/sandbox.policy"*) ;;
  *) fail "the README has no ExecStartPre with /etc/sandbox.policy" ;;
esac
printf 'uid 1001\n' >"$work/sandbox.policy"
for family in ip ip6; do
  # shellcheck disable=SC2086  # words
  in_namespace "${family}tables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP" $asked
  exits 1
done
in_namespace 'iptables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP && ip6tables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP' $asked
exits 0

# Several sandboxes.
printf 'uid 1001\n' >"$work/a.policy"
printf 'uid 1002\ntcp:127.0.0.1:80\n' >"$work/b.policy"
in_namespace 'iptables-nft -A OUTPUT -m owner --uid-owner 1001 -j DROP' matrix --live --no-v6 --policy "$work/a.policy" --policy "$work/b.policy" --json
exits 1
out_has '{"from": "a", "to": "b", "answer": "apart", '
if command -v ipset >/dev/null && unshare -n ipset list >/dev/null 2>&1; then
  in_namespace 'ipset create s hash:ip && ipset add s 127.0.0.1 && iptables-nft -P OUTPUT DROP && iptables-nft -A OUTPUT -m set --match-set s dst -j ACCEPT' \
    check --live --no-v6 $policy --allow any:127.0.0.1:any
  exits 0
  in_namespace 'ip link set lo up && iptables-nft -P OUTPUT DROP && iptables-nft -A OUTPUT -m addrtype --dst-type LOCAL -j ACCEPT' \
    check --live --no-v6 $policy --allow any:127.0.0.0/8:any
  exits 0
fi

# Who listens, asked of ss, or read from /proc/net where there is none: a socket of both families and one of loopback.
if command -v python3 >/dev/null && command -v ss >/dev/null; then
  listeners='ip link set lo up
    python3 -c "import socket as s, time
for family, at, kind in ((s.AF_INET6, \"::\", s.SOCK_STREAM), (s.AF_INET, \"127.0.0.1\", s.SOCK_DGRAM)):
  one = s.socket(family, kind)
  one.bind((at, 8000))
  if kind == s.SOCK_STREAM: one.listen(1)
  globals()[kind.name] = one
print(flush=True)
time.sleep(60)" >"$WORK/ready" &
    echo $! >"$WORK/listener"
    while [ ! -s "$WORK/ready" ]; do sleep 0.1; done
    iptables-nft -A OUTPUT -p tcp -m owner --uid-owner 1001 -j REJECT'
  export WORK="$work"
  in_namespace "$listeners" audit --live $policy
  kill "$(cat "$work/listener")"
  exits 1
  out_has 'tcp *:8000   python3 (pid '
  out_has 'udp 127.0.0.1:8000   python3 (pid '
  out_has '  stopped   127.0.0.1, 0.0.0.0, the rest of 127.0.0.0/8'
  out_has '  OPEN      [::1], [::]'
  out_has '  OPEN      127.0.0.1, 0.0.0.0'
  if command -v nft >/dev/null; then
    : >"$work/ready"
    in_namespace "$listeners; nft 'table inet mine { chain out { type filter hook output priority 5; tcp dport 1 drop; }; }'" \
      audit --live $policy
    kill "$(cat "$work/listener")"
    exits 2
    out_has '            hangs on nft chain inet mine out'
    out_lacks 'OPEN'
  fi
  : >"$work/ready"
  in_namespace "$listeners; PATH=/usr/sbin:/sbin" audit --live $policy
  kill "$(cat "$work/listener")"
  exits 1
  err_has 'ss -lntup is not installed: who listens is read from /proc/net, without processes'
  out_has 'tcp *:8000   uid 0'
  out_has '            if it takes IPv4 too, which /proc/net does not tell'
fi
finish
