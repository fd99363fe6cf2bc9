# cordon render: rules from a policy, and nothing on standard output where they are not proved.
. tests/command/expect.sh
set -- --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53 --allow 'tcp:[::1]:18443'

run render "$@"
exits 0
[ "$(head -n 1 "$work/out")" = '#!/bin/sh' ] || fail 'the commands are no script'
sh -n "$work/out" || fail 'the script has errors'

# What is rendered for each family is proved, read back by the command itself.
for family in 4 6; do
  run render "$@" --format restore --family $family
  exits 0
  out_has '-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset'
  cp "$work/out" "$work/v$family"
done
run check --v4 "$work/v4" --v6 "$work/v6" "$@" --require-usable
exits 0

# With the host's rules given, a jump that is there is not put in twice.
run render "$@" --format restore --family 4 --v4 "$work/v4" --v6 "$work/v6"
exits 0
out_has '-D OUTPUT -m owner --uid-owner 1001 -j CORDON-1001'
out_has '-I OUTPUT 1 -m owner --uid-owner 1001 -j CORDON-1001'

run render "$@" --format undo
exits 0
sh -n "$work/out" || fail 'the script has errors'
out_lacks 'REJECT'

# What the host's rules do before filter can undo any rule of filter: then there are no rules.
printf '*nat\n-A OUTPUT -p tcp -j FULLCONENAT\nCOMMIT\n' >"$work/host"
run render "$@" --v4 "$work/host" --no-v6
exits 2
out_is_empty
err_has 'unknown: '
finish
