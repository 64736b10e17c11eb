#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The cluster security descriptor, set while a foreign client looks on: who is let in changes with the next call.
# Needs the daemon's own node ($CLUSBRIDGE_COMMAND, $CLUSBRIDGE_FOLDER of `demo`); arguments as for rpcclient_reads.sh.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
own_argument() { return 1; }
. "$here/arguments.sh"
if [ "$epm_port" != 135 ] || [ -z "${CLUSBRIDGE_COMMAND:-}" ]; then
    echo "skipped: the endpoint mapper is not on port 135, or the daemon is not ours"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
passed=0 failed=0
reader=Reader reader_password=Reading1

access() { "$CLUSBRIDGE_COMMAND" access "$@" --socket "$CLUSBRIDGE_FOLDER/control.sock" 2>&1; }

# opens USER PASSWORD: what ApiOpenCluster says.
opens() {
    timeout 60 rpcclient --configfile="$work/smb.conf" -U "$domain\\$1%$2" --use-kerberos=off \
        "ncacn_ip_tcp:${host}[seal]" -c clusapi_open_cluster </dev/null 2>&1 | grep -o 'WERR_[A-Z_]*' | tail -n 1 || true
}

# expect WHAT WANTED GOT
expect() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1)); echo "ok      $1"
    else
        failed=$((failed + 1)); echo "FAILED  $1: $3, not $2"
    fi
}

printf '%s\n' "$reader_password" | "$CLUSBRIDGE_COMMAND" account add "$reader" --role read --password-stdin \
    --accounts-file "$CLUSBRIDGE_FOLDER/accounts"
expect "a user without rights" WERR_ACCESS_DENIED "$(opens "$reader" "$reader_password")"
expect "an administrator" "" "$(opens "$user" "$password")"
access set 'D:(A;;GA;;;BA)(A;;GA;;;AU)' >/dev/null
expect "the descriptor that is shown" 'D:(A;;GA;;;BA)(A;;GA;;;AU)' "$(access show | head -n 1)"
expect "the user has been let in" "" "$(opens "$reader" "$reader_password")"
access set 'D:(D;;GA;;;AU)' >/dev/null
expect "nobody" WERR_ACCESS_DENIED "$(opens "$user" "$password")"
if access set 'O:BAG:BA' >/dev/null; then without=taken; else without=refused; fi
expect "a descriptor without a list" refused "$without"
access reset >/dev/null
expect "an administrator by the configuration again" "" "$(opens "$user" "$password")"
expect "the user by the configuration again" WERR_ACCESS_DENIED "$(opens "$reader" "$reader_password")"
"$CLUSBRIDGE_COMMAND" account remove "$reader" --accounts-file "$CLUSBRIDGE_FOLDER/accounts"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
