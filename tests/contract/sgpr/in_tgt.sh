#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The contract on LUN 1 of a target of its own, in namespaces of its own: nothing of the machine's is touched.
#   in_tgt.sh SGPR_CONTRACT_TGT [OPTION...]; exit status 77 without tgt or without namespaces
set -euo pipefail
skip() { echo "skipped: $*"; exit 77; }
if [ "${IN_TGT:-}" != yes ]; then
    command -v tgtd >/dev/null || skip "no tgtd here"
    unshare --net --mount --pid --fork true 2>/dev/null || skip "no namespaces here"
    # The target ignores SIGTERM while it has units: it dies with its process namespace.
    IN_TGT=yes exec unshare --net --mount --pid --fork --kill-child "$0" "$@"
fi
contract=$1
shift
target=iqn.2026-01.example:disks
ip link set lo up
mount -t tmpfs tmpfs /mnt
mount -t tmpfs tmpfs /run
mkdir /run/tgtd
admin() { tgtadm --lld iscsi "$@"; }

tgtd --foreground --iscsi portal=127.0.0.1:3260 >/mnt/log 2>&1 &
for _ in $(seq 100); do
    admin --op show --mode sys >/dev/null 2>&1 && break
    sleep 0.1
done
truncate -s 64M /mnt/disk
admin --op new --mode target --tid 1 --targetname "$target"
admin --op new --mode logicalunit --tid 1 --lun 1 --backing-store /mnt/disk
admin --op bind --mode target --tid 1 --initiator-address ALL
"$contract" 127.0.0.1:3260 "$target" 1 "$@" || { status=$?; cat /mnt/log; exit $status; }
