# What the tests share that hold cordon's text against the real iptables-restore and iptables-save (`.` this file): what they
# need, a working directory ($work), a save without what says nothing, and the count of what is excused.
PATH=$PATH:/usr/sbin:/sbin
: "${CORDON:?the path of the command}"

skip() { echo "SKIP: $1"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip 'needs root'
for tool in unshare iptables-legacy-restore iptables-nft-restore ip6tables-legacy-restore ip6tables-nft-restore; do
  command -v "$tool" >/dev/null || skip "needs $tool"
done
unshare -n true 2>/dev/null || skip 'cannot make a network namespace'
unshare -n iptables-legacy-save -t filter >/dev/null 2>&1 || skip 'the kernel has no ip_tables'
unshare -n iptables-nft-restore </dev/null >/dev/null 2>&1 || skip 'the kernel has no nf_tables'

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export XTABLES_LOCKFILE=$work/lock
declare -A excused=()

# Rules of a save by table, in the order of the kernel's tables; without counters, comments and tables that say nothing.
by_table() {
  awk '/^\*/ { table = substr($1, 2); next } /^#/ || /^COMMIT$/ || /^$/ { next }
       /^:/ { sub(/ \[[0-9]+:[0-9]+\]$/, "") }
       { count[table]++; line[table, count[table]] = $0; if (!/^:[A-Z]+ ACCEPT$/) says[table] = 1 }
       END { n = split("raw mangle nat filter security", order, " ")
             for (i = 1; i <= n; i++) if (says[order[i]])
               for (k = 1; k <= count[order[i]]; k++) print order[i] " " line[order[i], k] }'
}

count_excuse() { excused[$1]=$((${excused[$1]:-0} + 1)); }

report_excuses() {
  local why
  for why in "${!excused[@]}"; do printf '  %d excused: %s\n' "${excused[$why]}" "$why"; done
  excused=()
}
