# What real rule sets leave unknown, and why: only what no packet decides, never an extension whose meaning is exact.
# The corpus of real rule sets and the generated ones beside the project are asked where they are there.
. tests/command/expect.sh

exact=' tcp udp udplite sctp dccp icmp icmp6 icmpv6 esp ah multiport owner conntrack state mark connmark iprange length ttl hl
 tos dscp ecn tcpmss pkttype comment frag rt hbh dst mh ipv6header
 ACCEPT DROP REJECT RETURN LOG NFLOG MARK CONNMARK DNAT REDIRECT NETMAP NOTRACK TOS DSCP TTL HL TRACE AUDIT CLASSIFY TCPMSS
 CHECKSUM HMARK IDLETIMER RATEEST ECN TCPOPTSTRIP '
asked=0 unknown=0
: >"$work/reasons"

ask() {  # FILE FAMILY
  if [ "$2" = v6 ]; then other=--no-v4; else other=--no-v6; fi
  "$CORDON" check "--$2" "$1" $other --uid 1001 --gid 1001 --json >"$work/out" 2>"$work/err"
  case $? in
    0 | 1 | 2) ;;
    *) return ;;  # refused: not the matter here
  esac
  asked=$((asked + 1))
  grep -q '"unknown": \[\]' "$work/out" && return
  unknown=$((unknown + 1))
  # One reason a rule set: the name behind -m or -j, or the words that say what no packet tells.
  sed 's/.*"unknown": \[//' "$work/out" | grep -o '"match": "[^"]*"' | sed 's/^"match": "//; s/"$//; s/^-[mj] //; t name
    b
    :name
    s/ .*//' | sort -u | sed "s|\$|	$1|" >>"$work/reasons"
}

for file in tests/fixtures/*.v[46] tests/fixtures/incident/*.v[46]; do ask "$file" "${file##*.}"; done
for file in ../shared/classbench/*.v4; do [ -f "$file" ] && ask "$file" v4; done
if [ -f ../shared/corpus/MANIFEST.tsv ]; then
  while IFS='	' read -r category name kind family _; do
    case $kind in dump | generated-nft | generated-legacy | restore-input | embedded) ;; *) continue ;; esac
    [ -f "../shared/corpus/$category/$name" ] && ask "../shared/corpus/$category/$name" "$family"
  done <../shared/corpus/MANIFEST.tsv
else
  echo 'the corpus is not here: only the fixtures were asked'
fi

echo "$asked rule sets asked, $unknown with something open, because of"
cut -f 1 "$work/reasons" | sort | uniq -c | sort -rn
while IFS='	' read -r reason file; do
  for name in $exact; do
    [ "$reason" = "$name" ] && fail "$file: $reason is exact, and left something open"
  done
done <"$work/reasons"
[ "$asked" -gt 0 ] || fail 'no rule set was asked'
finish
