#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every foreign client against the demo cluster, with a private KDC.   run_all.sh --daemon BIN [--only "SCRIPT..."]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

# The inner half runs under `demo`, which has made the account and set the environment.
if [ "${1:-}" = --inner ]; then
    "$here/kdc.sh" user "$CLUSBRIDGE_KDC" "$CLUSBRIDGE_USER" "$CLUSBRIDGE_PASSWORD"
    # 77, it could not run, unless one of them passed or failed.
    status=77
    for script in $2; do
        echo "== $script"
        code=0
        "$here/$script" || code=$?
        case $code in
        0) [ $status = 1 ] || status=0 ;;
        77) ;;
        *) status=1 ;;
        esac
    done
    exit $status
fi

daemon='' only="impacket_rpc.py every_method.py registry_mirror.py storage_controls.py smbtorture_suites.sh"
only+=" rpcclient_reads.sh cluster_access.sh raw_protocol.sh tshark_recorded.sh"
while [ $# -gt 1 ]; do
    case "$1" in
    --daemon) daemon=$2 ;;
    --only) only=$2 ;;
    *) break ;;
    esac
    shift 2
done
if [ $# != 0 ] || [ ! -x "$daemon" ]; then
    echo "usage: $0 --daemon BIN [--only \"SCRIPT...\"]" >&2
    exit 64
fi

kdc=$(mktemp -d "${TMPDIR:-/tmp}/clusbridge-kdc.XXXXXX")
trap '"$here/kdc.sh" stop "$kdc"' EXIT
lines=$("$here/kdc.sh" start "$kdc")
eval "$lines"
# The suites fail to log on many times a minute, and on purpose.
printf '[limits]\nauthentication_failures_per_minute = 0\n' >"$kdc/extra.toml"
# Wireshark loses its place in a sealed connection after a response of several fragments: keep the lists short for it.
[[ "$only" != tshark_recorded.sh ]] || printf '[resource_types]\nagents = []\n' >>"$kdc/extra.toml"
# raw_protocol authenticates as nobody where it is after the protocol alone.
[[ "$only" != raw_protocol.sh ]] || export CLUSBRIDGE_ANONYMOUS=true
# Some of raw_protocol's tests log on as nobody, and ask only what nobody may ask.
[[ "$only" != *raw_protocol* ]] || export CLUSBRIDGE_ANONYMOUS=true
"$here/demo" --daemon "$daemon" --config-extra "$kdc/extra.toml" -- "$here/run_all.sh" --inner "$only"
