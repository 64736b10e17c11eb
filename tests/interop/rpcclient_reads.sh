#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The reading clusapi commands of Samba's rpcclient. It always asks port 135 for the endpoint, so without it: skipped.
#   rpcclient_reads.sh [--host H] [--epm-port 135] [--user U] [--password P] [--domain D] [--resource NAME]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
resource="Cluster Name"
own_argument() {
    case "$1" in
    --resource) resource=$2 ;;
    *) return 1 ;;
    esac
}
. "$here/arguments.sh"
if [ "$epm_port" != 135 ]; then
    echo "skipped: the endpoint mapper is not on port 135"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
passed=0 failed=0 skipped=0

# reads WHAT BINDING-OPTIONS COMMAND ARGUMENTS...: rpcclient's status is 0 when the call and its code were good.
reads() {
    local what=$1 options=$2 output
    shift 2
    if output=$(timeout 60 rpcclient --configfile="$work/smb.conf" "$@" "ncacn_ip_tcp:${host}[$options]" </dev/null 2>&1) &&
        ! sed 's/WERR_OK//g' <<<"$output" | grep -q -e 'WERR_' -e 'NT_STATUS_' -e 'W_ERROR'; then
        passed=$((passed + 1)); echo "ok      $what"
    else
        failed=$((failed + 1)); echo "FAILED  $what"; printf '%s\n' "$output" | tail -n 5 | sed 's/^/        /'
    fi
}

commands=(clusapi_open_cluster clusapi_get_cluster_name clusapi_get_cluster_version2 clusapi_get_quorum_resource
    "clusapi_create_enum 1" "clusapi_create_enum 4" "clusapi_create_enum 8" "clusapi_create_enum 16"
    "clusapi_create_enumex 1" "clusapi_open_resource \"$resource\"" "clusapi_get_resource_state \"$resource\"")
for options in seal,ntlm seal,spnego; do
    for command in "${commands[@]}"; do
        reads "$options $command" "$options" -U "$domain\\$user%$password" --use-kerberos=off -c "$command"
    done
done
if [ -n "${CLUSBRIDGE_CCACHE:-}" ] && [ -n "$kerberos_host" ]; then
    export KRB5CCNAME=$CLUSBRIDGE_CCACHE
    for options in "seal,krb5,target_hostname=$kerberos_host" "seal,spnego,target_hostname=$kerberos_host"; do
        reads "$options clusapi_get_cluster_name" "$options" --use-krb5-ccache="$CLUSBRIDGE_CCACHE" \
            --use-kerberos=required -c clusapi_get_cluster_name
    done
else
    skipped=$((skipped + 2)); echo "skipped Kerberos: no ticket cache"
fi
# The specification's server answers ApiGetClusterVersion with ERROR_CALL_NOT_IMPLEMENTED.
output=$(timeout 60 rpcclient --configfile="$work/smb.conf" -U "$domain\\$user%$password" --use-kerberos=off \
    "ncacn_ip_tcp:${host}[seal]" -c clusapi_get_cluster_version </dev/null 2>&1 || true)
if grep -q WERR_CALL_NOT_IMPLEMENTED <<<"$output"; then
    passed=$((passed + 1)); echo "ok      clusapi_get_cluster_version is not implemented"
else
    failed=$((failed + 1)); echo "FAILED  clusapi_get_cluster_version is not implemented"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
