#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs scripts of this folder against one node of a lab that is up (tests/lab/lab up --daemon BIN), on the lab's network.
#   against_lab.sh NODE-NUMBER [SCRIPT...]        default: smbtorture_suites.sh rpcclient_reads.sh impacket_rpc.py
# Where the lab has a KDC, a check of Kerberos that was skipped is a failure.
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
kerberos=$(of_lab '.kerberos // "" | if . == "" then "" else "yes" end')
if [ -n "$kerberos" ]; then
    KRB5_CONFIG=$(of_lab .kerberos.config)
    CLUSBRIDGE_REALM=$(of_lab .kerberos.realm)
    CLUSBRIDGE_CCACHE=$(of_lab .kerberos.ccache)
    CLUSBRIDGE_KERBEROS_HOST=$(of_lab '.nodes[$number - 1].kerberos_host')
    # Each node has its own keys: with a ticket for another one nobody may log on.
    CLUSBRIDGE_OTHER_KERBEROS_HOST=$(of_lab '[.nodes[] | select(.id != $number)][0].kerberos_host // ""')
    export KRB5_CONFIG CLUSBRIDGE_REALM CLUSBRIDGE_CCACHE CLUSBRIDGE_KERBEROS_HOST CLUSBRIDGE_OTHER_KERBEROS_HOST
fi

status=0
said=$(mktemp "$(of_lab .root)/tmp/said.XXXXXX") # goes with the lab
trap 'rm -f "$said"' EXIT
for script; do
    echo "== $script against node $number"
    code=0
    "$here/../lab/lab" run client "$here/$script" | tee "$said" || code=$?
    [ $code = 0 ] || [ $code = 77 ] || status=1
    if [ -n "$kerberos" ] && grep -E '^skipped ([a-z0-9-]*krb5:|[Kk]erberos)' "$said"; then
        echo "FAILED  $script left out Kerberos, and the lab has a KDC"
        status=1
    fi
done
exit $status
