#!/usr/bin/env bash
# iptables' own list of rules (files *.t: a rule, what is saved of it, OK or FAIL) against cordon: every line that can stand in
# OUTPUT is taken or refused, and printed, as the file says and the real iptables confirms, with both back ends. Where the two
# disagree the real one is right, and the line is counted by the cause; where it lacks a module, the file is. A section for
# other chains is tried in OUTPUT and in its own chain all the same, against the real one alone.
#
# CORDON is the path of the command. `suite_test.sh FILE...` reads these files. The families are those of the file's name, as
# in the suite: libipt_ IPv4, libip6t_ IPv6, others IPv4 (and, against the real one alone, IPv6).
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/restore.sh"
# All is loaded in one namespace, a table at a time: loading it takes away what was there before.
if [ "${1:-}" != --inside ]; then
  rm -rf "$work"
  exec unshare -n bash "${BASH_SOURCE[0]}" --inside "$@"
fi
shift

declare -A unconfirmed=()
asked=0 alike=0 confirmed=0 failures=0
no_module='this kernel has no module for it'
no_object='it names an object that is not there'
neither='an extension that neither this kernel nor cordon knows'

# What is loaded to try the rules numbered $@.
text_of() {
  local i
  [ "${#before[@]}" -eq 0 ] || [ "$table" = filter ] || printf '%s\n' '*filter' "${before[@]}" COMMIT
  printf '*%s\n' "$table"
  [ "${#before[@]}" -eq 0 ] || [ "$table" != filter ] || printf '%s\n' "${before[@]}"
  for i in "$@"; do printf '%s\n' "-A $chain ${rules[i]}"; done
  echo COMMIT
}

# try NUMBER...: loads these rules, has cordon read them, and leaves how that ended in $live and $ours.
try() {
  text_of "$@" >"$work/text"
  live=0 ours=0
  "$program-$backend-restore" <"$work/text" >/dev/null 2>"$work/live.err" || live=$?
  "$CORDON" fmt "--v$family" - --backend "$backend" <"$work/text" >"$work/our.out" 2>"$work/our.err" || ours=$?
  by_table <"$work/our.out" | grep "^$table " >"$work/our.rules"
  [ "$live" -ne 0 ] || "$program-$backend-save" -t "$table" 2>/dev/null | by_table >"$work/live.rules"
}

# What the file says of rule $1 under this back end: a fourth field names the one of which it is said.
said() {
  case ${variants[$1]}:$backend:${results[$1]} in
    LEGACY:nft:OK | NFT:legacy:OK) echo FAIL ;;
    LEGACY:nft:FAIL | NFT:legacy:FAIL) echo OK ;;
    *) echo "${results[$1]}" ;;
  esac
}

# The lines of a save that the file says are saved of the rules numbered $@.
said_lines() {
  local i line
  for i in "$@"; do
    line=${expected[i]}
    [ "$line" != = ] || line=${rules[i]}
    printf '%s\n' "$table -A $chain $line" | sed 's/ *$//'
  done
}

# Whether file $1 has these lines and no others in the chain.
has_lines() {
  local file=$1
  shift
  said_lines "$@" | cmp -s - <(grep -E "^$table -A $chain( |\$)" "$file")
}

# Counts whether the real iptables confirms what the file says of rule $1, where the file says anything. $2: why not.
confirm() {
  $stated || return 0
  if [ $# -eq 1 ]; then confirmed=$((confirmed + 1)); return; fi
  unconfirmed[$2]=$((${unconfirmed[$2]:-0} + 1))
  case $2 in "$no_module" | "$no_object" | "$neither") return 0 ;; esac
  printf 'not confirmed: %s: %s\n' "$2" "$(place "$1")"
}

place() { printf '%s-%s -t %s -A %s %s' "$program" "$backend" "$table" "$chain" "${rules[$1]}"; }

different() {  # NUMBER WHAT
  failures=$((failures + 1))
  printf 'DIFFERENT: %s: %s\n' "$2" "$(place "$1")"
}

# The names behind -m (match) or -j (target) in rule $2.
names() { grep -Eo -- "(^| )(-${1:0:1}|--$1|--jump) +[^ ]+" <<<"${rules[$2]}" | sed 's/.* //'; }

# Why the real iptables can say nothing of rule $1, or nothing.
cannot_say() {
  local name
  if grep -Eq "Set .* doesn't exist" "$work/live.err"; then echo "$no_object"; return; fi
  if grep -q "Couldn't load" "$work/live.err"; then unknown_module; return; fi
  # An accounting object, a security context, an estimator, a helper: the kernel gives its reason to nft alone, ENOENT.
  if grep -Eq -- ' --(nfacct-name|selctx|rateest[12]?) |-j CT .*--(helper|timeout) ' <<<"${rules[$1]} "; then echo "$no_object"; return; fi
  for name in $(names match "$1"); do
    grep -Fxq -- "$name" "/proc/net/${program/tables/_tables}_matches" || { unknown_module; return; }
  done
  for name in $(names jump "$1"); do
    case $name in ACCEPT | DROP | RETURN) continue ;; esac
    grep -Fxq -- "$name" "/proc/net/${program/tables/_tables}_targets" || { unknown_module; return; }
  done
}

unknown_module() { if grep -q 'is not known here' "$work/our.err"; then echo "$neither"; else echo "$no_module"; fi; }

one() {
  local i=$1 why
  try "$i"
  # What is invalid in another chain than OUTPUT is none of cordon's business.
  [ "$live" -eq 0 ] || [ "$chain" = OUTPUT ] || return 0
  asked=$((asked + 1))
  if [ "$live" -eq 0 ] && [ "$ours" -eq 0 ]; then
    if cmp -s "$work/live.rules" "$work/our.rules"; then alike=$((alike + 1)); else
      different "$i" 'cordon prints it otherwise than iptables'
      diff "$work/live.rules" "$work/our.rules" | sed 's/^/  /'
    fi
    if [ "$(said "$i")" = FAIL ]; then confirm "$i" 'this iptables takes it'
    elif has_lines "$work/live.rules" "$i"; then confirm "$i"
    else confirm "$i" 'this iptables prints it otherwise'; fi
  elif [ "$live" -ne 0 ] && [ "$ours" -eq 3 ]; then
    alike=$((alike + 1))
    if [ "$(said "$i")" = FAIL ]; then confirm "$i"; return; fi
    why=$(cannot_say "$i")
    confirm "$i" "${why:-this iptables refuses it}"
  elif [ "$live" -ne 0 ] && [ "$ours" -eq 0 ]; then
    why=$(cannot_say "$i")
    if [ -z "$why" ]; then
      different "$i" 'cordon takes what iptables refuses'
      head -2 "$work/live.err" | sed 's/^/  /'
      return
    fi
    count_excuse "$why"
    if [ "$why" = "$neither" ]; then
      confirm "$i" "$why"
    elif [ "$(said "$i")" = OK ]; then
      confirm "$i" "$why"
      ! $stated || has_lines "$work/our.rules" "$i" || different "$i" 'cordon prints it otherwise than the file says'
    elif [ "$why" = "$no_object" ]; then
      confirm "$i"
    elif $stated; then
      different "$i" 'cordon takes what the file says is refused'
    fi
  else
    different "$i" "cordon refuses (exit status $ours) what iptables takes"
    head -2 "$work/our.err" | sed 's/^/  /'
  fi
}

# The rules that are said to be taken all at once and, if anything is odd, each alone; those said to be refused each alone.
try_section() {
  local i taken=() refused=()
  for ((i = 0; i < ${#rules[@]}; i++)); do
    if [ "$(said "$i")" = OK ]; then taken+=("$i"); else refused+=("$i"); fi
  done
  if [ "${#taken[@]}" -gt 0 ]; then
    try "${taken[@]}"
    if [ "$live" -eq 0 ] && [ "$ours" -eq 0 ] && cmp -s "$work/live.rules" "$work/our.rules" &&
       { ! $stated || has_lines "$work/live.rules" "${taken[@]}"; }; then
      asked=$((asked + ${#taken[@]})) alike=$((alike + ${#taken[@]}))
      ! $stated || confirmed=$((confirmed + ${#taken[@]}))
    else
      for i in "${taken[@]}"; do one "$i"; done
    fi
  fi
  for i in ${refused[@]+"${refused[@]}"}; do one "$i"; done
}

end_section() {
  local family program backend chain stated
  [ "${#rules[@]}" -gt 0 ] || return 0
  for family in $families; do
    program=iptables
    [ "$family" = 4 ] || program=ip6tables
    for backend in legacy nft; do
      chain=OUTPUT stated=false
      case ,$chains, in
        *,OUTPUT,*)
          [ "$family" != "${families%% *}" ] || stated=true
          try_section ;;
        *)
          try_section
          chain=${chains%%,*}
          try_section ;;
      esac
    done
  done
  rules=() expected=() results=() variants=()
}

read_file() {
  local families line i rule save result variant rest
  local chains=OUTPUT table=filter before=() rules=() expected=() results=() variants=()
  case ${1##*/} in
    libipt_*) families=4 ;;
    libip6t_*) families=6 ;;
    libxt_* | iptables.t) families='4 6' ;;
    *) return ;;
  esac
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '' | '#'*) ;;
      @*) ;;  # other programs' objects: what names one is refused, and excused
      :*) end_section; chains=${line#:} ;;
      '*'*) end_section; table=${line#\*} ;;
      %*)  # a rule of filter that is there from here on, or no more
        end_section
        line=${line#*tables }
        case $line in
          -D*) for i in "${!before[@]}"; do [ "${before[i]#-? }" != "${line#-? }" ] || unset "before[$i]"; done ;;
          *) before+=("$line") ;;
        esac ;;
      *)
        IFS=';' read -r rule save result variant rest <<<"$line"
        rules+=("$rule") expected+=("$save") results+=("${result%% *}") variants+=("$variant") ;;
    esac
  done <"$1"
  end_section
}

suite=$here/../../../shared/corpus/iptables-suite-t
if [ $# -eq 0 ]; then
  [ -d "$suite" ] || skip "iptables' own list of rules, ../shared/corpus/iptables-suite-t, is not here"
  set -- "$suite"/*.t
fi
iptables-legacy -L >/dev/null 2>&1   # so that /proc lists what the kernel has
ip6tables-legacy -L >/dev/null 2>&1
for file in "$@"; do read_file "$file"; done

printf '%d rules tried: %d alike, %d different\n' "$asked" "$alike" "$failures"
report_excuses
printf '%d of the lines confirmed as the files have them\n' "$confirmed"
for why in "${!unconfirmed[@]}"; do printf '  %d not confirmed: %s\n' "${unconfirmed[$why]}" "$why"; done
[ "$failures" -eq 0 ] && [ "$alike" -gt 0 ]
