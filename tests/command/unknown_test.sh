# What rule sets leave unknown, and why: only what no packet decides, never an extension whose meaning is exact. Asked are
# the project's fixtures and, where they are beside the project, the corpus of real rule sets and ClassBench's: of a user
# that they do not name and of one that they do, with both back ends, with and without what the host says of itself.
. tests/command/expect.sh

# What no packet decides; and what hangs on the host, which is asked again where the host says it.
by_nature=' limit hashlimit recent quota statistic connlimit connbytes time string u32 bpf cgroup helper cpu realm'
by_nature="$by_nature devgroup nfacct physdev cluster connlabel rateest NFQUEUE SET supplementary-groups "
up_to_host=' addrtype policy '
up_to_sets=' set '
corpus=../shared/corpus
classbench=../shared/classbench
classbench_sizes='1k'
asked=0 unknown=0

printf '%s\n' '1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever' \
  '1: lo    inet6 ::1/128 scope host \       valid_lft forever preferred_lft forever' \
  '2: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\       valid_lft forever preferred_lft forever' \
  '2: eth0    inet6 2001:db8::2/64 scope global \       valid_lft forever preferred_lft forever' >"$work/addresses"
: >"$work/reasons"

# What may be open, as far as $given goes.
may_be_open() {
  case $given in
    'the host said nothing') echo "$by_nature$up_to_host$up_to_sets" ;;
    'no sets given') echo "$by_nature$up_to_sets" ;;
    *) echo "$by_nature" ;;
  esac
}

# ask FILE FAMILY FLAG...: one question, and what it hangs on: `reason<TAB>what was given<TAB>file` in $work/reasons.
ask() {
  file=$1 family=$2
  shift 2
  if [ "$family" = v6 ]; then other=--no-v4 server='[::1]'; else other=--no-v6 server=127.0.0.1; fi
  status=0
  last="check --$family $file $other $* --allow tcp:$server:18443 --json"
  "$CORDON" check "--$family" "$file" $other "$@" --allow "tcp:$server:18443" --json >"$work/out" 2>"$work/err" || status=$?
  case $status in
    0 | 1 | 2) ;;
    3)  # rules that are refused: not the matter here
      ! grep -Eq "\.ipset:|/addresses:" "$work/err" || fail "$file: what the host says is refused"
      return 1 ;;
    *) fail "$file: the command ends with $status"; return 1 ;;
  esac
  asked=$((asked + 1))
  given='the host said nothing'
  case " $* " in *' --ipset '*) given='all given' ;; *' --no-ipsec '*) given='no sets given' ;; esac
  doubts=$(sed 's/.*"unknown": \[//' "$work/out" | grep -o '"match": "[^"]*"' |
    sed 's/^"match": "//; s/"$//; s/^owner supplementary group.*/supplementary-groups/; s/ .*//' | sort -u)
  # One whose answer is unknown names what it hangs on. An endpoint's status names nothing: the file must hold a reason.
  if [ "$status" -eq 2 ] && [ -z "$doubts" ]; then doubts='no reason given'; fi
  if [ -z "$doubts" ] && grep -q '"status": "unknown"' "$work/out"; then
    for reason in $(may_be_open); do
      if grep -Eq -- "(-[mj]|--match|--jump) +$reason( |\$)" "$file"; then doubts=$reason; break; fi
    done
    [ -n "$doubts" ] || doubts='no reason for an endpoint'
  fi
  [ -n "$doubts" ] || return 0
  unknown=$((unknown + 1))
  printf '%s\n' "$doubts" | sed "s|\$|	$given	$file|" >>"$work/reasons"
}

# ask_all FILE FAMILY: whatever is asked of a rule set.
ask_all() {
  ask "$1" "$2" --uid 1001 || return 0
  read_sets=$((read_sets + 1))
  # Sets that were saved with the rules have their name.
  sets=${1##*/}
  sets=${1%/*}/${sets%%.*}.ipset
  facts="--addresses $work/addresses --no-ipsec"
  [ ! -f "$sets" ] || facts="$facts --ipset $sets"
  for backend in legacy nft; do
    ask "$1" "$2" --uid 1001 --backend "$backend" $facts
  done
  # The first user, or else the first group, that an owner match names.
  for kind in uid gid; do
    owner=$(grep -Eo -- "--$kind-owner [^ ]+" "$1" | sed 's/.* //; s/^root$/0/' | grep -Ex '[0-9]+(-[0-9]+)?' | head -n 1)
    [ -n "$owner" ] || continue
    owners=$((owners + 1))
    for backend in legacy nft; do
      ask "$1" "$2" "--$kind" "$owner" --backend "$backend" $facts
    done
    break
  done
}

# report NAME: how many rule sets hang on what, and whether they may.
report() {
  printf '%s: %d rule sets, %d with owners of their own; %d questions, %d with something open' \
    "$1" "$read_sets" "$owners" "$asked" "$unknown"
  if [ -s "$work/reasons" ]; then echo ', rule sets by reason:'; else echo; fi
  sort -u "$work/reasons" | cut -f 1,2 | sort | uniq -c | sort -rn | sed 's/	\(.*\)/ (\1)/'
  sort -u "$work/reasons" >"$work/each"
  while IFS='	' read -r reason given file; do
    case $(may_be_open) in *" $reason "*) continue ;; esac
    failures=$((failures + 1))
    echo "FAILED: $file has something open: $reason"
  done <"$work/each"
  [ "$read_sets" -gt 0 ] || fail "$1: no rule set was asked"
  : >"$work/reasons"
  asked=0 unknown=0 read_sets=0 owners=0
}

read_sets=0 owners=0
for file in tests/fixtures/*.v[46] tests/fixtures/incident/*.v[46]; do ask_all "$file" "${file##*.}"; done
report fixtures

# Rule sets as a list: category, file, family. Those of `iptables -S` become text that iptables-restore reads.
listed() {
  while IFS='	' read -r category name kind family _; do
    [ -f "$corpus/$category/$name" ] || continue
    case $kind in
      dump | generated-nft | generated-legacy | restore-input | embedded)
        printf '%s\t%s\t%s\n' "$category" "$corpus/$category/$name" "$family" ;;
      S-format)
        table=$(printf '%s\n' "$name" | grep -Eo -- '-(raw|mangle|nat|security)-' | tr -d -)
        { echo "*${table:-filter}"; cat "$corpus/$category/$name"; echo COMMIT; } >"$work/$name"
        printf '%s\t%s\t%s\n' "$category" "$work/$name" "$family" ;;
    esac
  done <"$corpus/MANIFEST.tsv"
}

# ask_categories CATEGORIES: asks rule sets of these categories; of all others if this begins with `!`.
ask_categories() {
  while IFS='	' read -r category file family; do
    case "$1" in
      '!'*) case "$1 " in *" $category "*) continue ;; esac ;;
      *) case " $1 " in *" $category "*) ;; *) continue ;; esac ;;
    esac
    ask_all "$file" "$family"
  done <"$work/list"
}

if [ -f "$corpus/MANIFEST.tsv" ]; then
  listed >"$work/list"
  ask_categories 'mesh tor vpn sandbox android'
  report 'corpus, where owners are asked for (mesh, tor, vpn, sandbox, android)'
  ask_categories '! mesh tor vpn sandbox android'
  report 'the rest of the corpus'
else
  echo "corpus: $corpus is not here, none of it asked"
fi

if [ -d "$classbench" ]; then
  for size in $classbench_sizes; do
    for file in "$classbench"/*."$size".v4; do
      ask "$file" v4 --uid 1001 --policy "${file%.v4}.allow" && read_sets=$((read_sets + 1))
    done
    report "ClassBench, $size"
  done
else
  echo "ClassBench: $classbench is not here, none of it asked"
fi
finish
