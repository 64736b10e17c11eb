#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Samba's raw_protocol suite (python3-samba) against the endpoint mapper of a server. The Kerberos tests need a KDC
# that knows the user with the same password and host/<name> (kdc.sh), and its KRB5_CONFIG and CLUSBRIDGE_REALM.
#   raw_protocol.sh [--host H] [--epm-port P] [--user U] [--password P] [--domain D] [--kerberos-host NAME]
#                   [--only TEXT] [--verbose yes] [--minimum N] [--max-auth-contexts N]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
only='' verbose='' minimum=180 max_auth=64
own_argument() {
    case "$1" in
    --only) only=$2 ;;
    --verbose) verbose=$2 ;;
    --minimum) minimum=$2 ;;
    --max-auth-contexts) max_auth=$2 ;;
    *) return 1 ;;
    esac
}
. "$here/arguments.sh"
if [ -z "$epm_port" ]; then
    echo "skipped: the server has no endpoint mapper"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
if [ "${#epm_port}" != 3 ]; then
    echo "skipped: the suite expects a port of three digits in every bind_ack, not $epm_port"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi

export SERVER=$host TARGET_HOSTNAME=${kerberos_host:-$host} USERNAME=$user PASSWORD=$password DOMAIN=$domain
export REALM=${CLUSBRIDGE_REALM:-$domain} IGNORE_RANDOM_PAD=1 MAX_NUM_AUTH=$max_auth
/usr/bin/python3 "$here/raw_protocol_run.py" --exclusions "$here/raw_protocol_exclusions.txt" --port "$epm_port" \
    --minimum "$minimum" --only "$only" ${verbose:+--verbose}
