#!/usr/bin/env bash
# What comes out of a tunnel with the mark of the packet that carried it, by a real VXLAN device between two network namespaces:
# the kernel lets it in by a rule that asks for the mark, which rules of INPUT or of the other family have given, so that cordon
# must not have proved that nothing gets in there; where no rule gives the mark the kernel lets nothing in, and cordon proves it.
#
# CORDON is the path of the command.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/restore.sh"
if [ "${1:-}" != --inside ]; then
  command -v ip >/dev/null || skip 'needs ip'
  command -v nsenter >/dev/null || skip 'needs nsenter'
  unshare -n ip link add t0 type vxlan id 5 dstport 4789 local 10.9.0.1 remote 10.9.0.2 2>/dev/null || skip 'the kernel has no VXLAN'
  rm -rf "$work"
  exec unshare -n bash "${BASH_SOURCE[0]}" --inside
fi

unshare -n sleep 60 &
other=$!
trap 'kill "$other"; rm -rf "$work"' EXIT
inside() { nsenter -t "$other" -n "$@"; }
until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$other/ns/net")" ]; do sleep 0.05; done
tunnel=(type vxlan id 5 dstport 4789)
set -e
ip link set lo up
ip link add v0 type veth peer name v1 netns "$other"
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
inside ip addr add 10.9.0.2/24 dev v1
inside ip link set v1 up
ip link add t0 address 02:00:00:00:00:01 "${tunnel[@]}" local 10.9.0.1 remote 10.9.0.2
inside ip link add t0 address 02:00:00:00:00:02 "${tunnel[@]}" local 10.9.0.2 remote 10.9.0.1
ip addr add 10.8.0.1/24 dev t0
ip addr add fd00::1/64 dev t0 nodad
inside ip addr add 10.8.0.2/24 dev t0
inside ip addr add fd00::2/64 dev t0 nodad
ip link set t0 up
inside ip link set t0 up
inside ip neigh add fd00::1 lladdr 02:00:00:00:00:01 dev t0 nud permanent
inside ip neigh add 10.8.0.1 lladdr 02:00:00:00:00:01 dev t0 nud permanent
set +e

marks='-d 10.9.0.1/32 -p udp -m udp --dport 4789 -j MARK --set-xmark 0x1/0xffffffff'
accepts='-A INPUT -p udp -m mark --mark 0x1 -j ACCEPT'
carrier='-A INPUT -d 10.9.0.1/32 -p udp -m udp --dport 4789 -j ACCEPT'
neighbours='-A INPUT -p ipv6-icmp -j ACCEPT'
none=$'*mangle\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT'
failures=0

# expect WORD FAMILY ADDRESS V4 V6: with these rules cordon's word for the family, and whether a datagram comes to the address out
# of the tunnel: only where the word is not "proved".
expect() {
  local word=$1 family=$2 address=$3 backend got let_in answer program saved=iptables
  printf '%b' "$4" >"$work/v4"
  printf '%b' "$5" >"$work/v6"
  [ "$family" = 4 ] || saved=ip6tables
  for backend in legacy nft; do
    "iptables-$backend-restore" <"$work/v4" && "ip6tables-$backend-restore" <"$work/v6" || { failures=$((failures + 1)); continue; }
    inside bash -c "for i in 1 2 3; do echo x >/dev/udp/$address/99; sleep 0.1; done" 2>/dev/null
    let_in=$("$saved-$backend-save" -c -t filter 2>/dev/null | sed -n 's/^\[\([0-9]*\):.*--mark 0x1 -j ACCEPT$/\1/p')
    answer=$("$CORDON" check --chain INPUT --backend "$backend" --v4 "$work/v4" --v6 "$work/v6" --allow any:10.9.0.1:any \
      --allow 'icmpv6:[::]/0' --json 2>"$work/errors" | sed -n "s/.*\"families\": {[^}]*\"v$family\": \"\([a-z]*\)\".*/\1/p")
    got=stopped
    [ "${let_in:-0}" -eq 0 ] || got='let in'
    if [ "$answer" != "$word" ] || { [ "$word" = proved ] && [ "$got" != stopped ]; } || { [ "$word" != proved ] && [ "$got" = stopped ]; }; then
      failures=$((failures + 1))
      printf '%s: the kernel %s, cordon says "%s" and not "%s"\n%s\n' "$backend" "$got" "$answer" "$word" "$4$5"
      cat "$work/errors"
    fi
    for program in iptables ip6tables; do "$program-$backend-restore" <<<"$none"; done
  done
}

filter='*filter\n:INPUT DROP [0:0]\n'
mangle='*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING '"$marks"'\nCOMMIT\n'
nothing="${filter}COMMIT\n"
expect unknown 4 10.8.0.1 "$filter-A INPUT $marks\n$carrier\n$accepts\nCOMMIT\n" "$nothing"
expect unknown 6 fd00::1 "$filter-A INPUT $marks\n$carrier\nCOMMIT\n" "$filter$neighbours\n$accepts\nCOMMIT\n"
expect unknown 6 fd00::1 "$mangle$filter$carrier\nCOMMIT\n" "$filter$neighbours\n$accepts\nCOMMIT\n"
expect proved 4 10.8.0.1 "$filter$carrier\n$accepts\nCOMMIT\n" "$nothing"
expect proved 6 fd00::1 "$filter$carrier\nCOMMIT\n" "$filter$neighbours\n$accepts\nCOMMIT\n"
[ "$failures" -eq 0 ] && echo 'what comes out of a tunnel is as cordon says, by both back ends'
exit "$((failures > 0))"
