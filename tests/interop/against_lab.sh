#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs scripts of this folder against one node of a lab that is up (tests/lab/lab up --daemon BIN).
#   against_lab.sh NODE-NUMBER [SCRIPT...]        default: smbtorture_suites.sh rpcclient_reads.sh impacket_rpc.py
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
number=${1:?number of a node}
shift
[ $# -gt 0 ] || set -- smbtorture_suites.sh rpcclient_reads.sh impacket_rpc.py

lab=$("$here/../lab/lab" env)
of_lab() { jq -r --argjson number "$number" "$1" <<<"$lab"; }
CLUSBRIDGE_HOST=$(of_lab '.nodes[$number - 1].address')
CLUSBRIDGE_EPM_PORT=$(of_lab .epm_port)
CLUSBRIDGE_CLUSAPI_PORT=$(of_lab .clusapi_port)
CLUSBRIDGE_USER=$(of_lab .user)
CLUSBRIDGE_DOMAIN=$(of_lab .domain)
CLUSBRIDGE_PASSWORD=$(of_lab .password)
export CLUSBRIDGE_HOST CLUSBRIDGE_EPM_PORT CLUSBRIDGE_CLUSAPI_PORT CLUSBRIDGE_USER CLUSBRIDGE_DOMAIN CLUSBRIDGE_PASSWORD

status=0
for script; do
    echo "== $script against node $number"
    code=0
    "$here/$script" || code=$?
    [ $code = 0 ] || [ $code = 77 ] || status=1
done
exit $status
