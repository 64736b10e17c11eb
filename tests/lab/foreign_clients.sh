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
trap '"$here/lab" down' EXIT
"$here/lab" up --nodes 2 --daemon "$daemon"
for node in 1 2; do
    "$here/../interop/against_lab.sh" "$node"
done
