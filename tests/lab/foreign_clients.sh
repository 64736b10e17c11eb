#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two real nodes with the daemon, asked by the foreign clients.   foreign_clients.sh CLUSBRIDGED
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
daemon=${1:?path of clusbridged}
if [ "$(id -u)" != 0 ] || ! command -v corosync >/dev/null; then
    echo "skipped: a lab needs root and corosync"
    exit 77
fi
# The lab ends with this process even if it is killed. Only a lab that came up here is taken down here.
"$here/lab" up --nodes 2 --daemon "$daemon" --owner $$
trap '"$here/lab" down' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# A job to wait for: the shell acts on a signal at once, not after minutes. `down` ends what runs in the lab.
run() { "$@" & wait $!; }
status=0
for node in 1 2; do
    run "$here/../interop/against_lab.sh" "$node" || status=1
done
# Reading asks nothing of Pacemaker: it goes on while all of it stands still.
pacemaker() {
    "$here/lab" run node1 sh -c "kill -$1 \$(pidof pacemakerd pacemaker-based pacemaker-fenced pacemaker-execd \
        pacemaker-attrd pacemaker-schedulerd pacemaker-controld)"
}
pacemaker STOP
run "$here/../interop/against_lab.sh" 1 rpcclient_reads.sh || status=1
pacemaker CONT
exit $status
