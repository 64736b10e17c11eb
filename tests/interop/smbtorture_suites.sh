#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Samba's smbtorture rpc.clusapi suites against a server, once for each way to bind.
#   smbtorture_suites.sh [--host H] [--port P] [--user U] [--password P] [--domain D] [--kerberos-host NAME]
#       [--variants "ntlm spnego krb5 spnego-krb5 ndr64 bigendian"] [--tests FILE] [--only TEXT] [--timeout SECONDS]
# The Kerberos variants need the environment that kdc.sh prints; without it they are skipped.
# The time-out is for all tests of one suite (cluster, resource, ...) together.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
variants="ntlm spnego krb5 spnego-krb5 ndr64 bigendian" list=$here/smbtorture_tests.txt only='' limit=180
own_argument() {
    case "$1" in
    --variants) variants=$2 ;;
    --tests) list=$2 ;;
    --only) only=$2 ;;
    --timeout) limit=$2 ;;
    *) return 1 ;;
    esac
}
. "$here/arguments.sh"
mapfile -t tests < <(grep -v -e '^#' -e '^$' "$list" | grep -F -- "$only")
passed=0 failed=0 skipped=0

kerberos="target_hostname=$kerberos_host"
account=("-U" "$domain\\$user%$password" "--use-kerberos=off")
principal=("-U" "$user@${CLUSBRIDGE_REALM:-}%$password" "--use-kerberos=required")

# report VARIANT TEST OUTPUT: reads smbtorture's `success: NAME`, `failure: NAME [` ... `]` lines.
report() {
    local what="$1 $2" output=$3 result
    result=$(grep -E "^(success|failure|error|skip): $2( \[)?$" "$output" | tail -n 1 || true)
    case "$result" in
    success:*) passed=$((passed + 1)); echo "ok      $what" ;;
    skip:*) skipped=$((skipped + 1)); echo "skipped $what" ;;
    "") failed=$((failed + 1)); echo "FAILED  $what: no result"; tail -n 3 "$output" | sed 's/^/        /' ;;
    *)
        failed=$((failed + 1)); echo "FAILED  $what"
        sed -n "/^\(failure\|error\): $2 \[/,/^\]/p" "$output" | sed -e 1d -e '/^\]/d' -e 's/^/        /' | head -n 4
        ;;
    esac
}

# run VARIANT OPTIONS CREDENTIALS...: one process for each suite, so that a hang costs one suite.
run() {
    local variant=$1 options=$2 suite test names output
    shift 2
    for suite in $(printf '%s\n' "${tests[@]}" | cut -d. -f1 | uniq); do
        names=()
        for test in "${tests[@]}"; do [ "${test%%.*}" = "$suite" ] && names+=("$test"); done
        output=$work/$variant.$suite
        timeout "$limit" smbtorture --configfile="$work/smb.conf" "$@" "ncacn_ip_tcp:${host}[$port,$options]" \
            "${names[@]/#/rpc.clusapi.}" </dev/null >"$output" 2>&1 || true
        for test in "${names[@]}"; do report "$variant" "$test" "$output"; done
    done
}

for variant in $variants; do
    case "$variant" in
    *krb5) if [ -z "${CLUSBRIDGE_REALM:-}" ] || [ -z "$kerberos_host" ]; then
            skipped=$((skipped + ${#tests[@]})); echo "skipped $variant: no KDC"; continue
        fi ;;
    esac
    case "$variant" in
    ntlm) run ntlm seal,ntlm "${account[@]}" ;;
    spnego) run spnego seal,spnego "${account[@]}" ;;
    krb5) run krb5 "seal,krb5,$kerberos" "${principal[@]}" ;;
    spnego-krb5) run spnego-krb5 "seal,spnego,$kerberos" "${principal[@]}" ;;
    ndr64) run ndr64 seal,spnego,ndr64 "${account[@]}" ;;
    bigendian) run bigendian seal,spnego,bigendian "${account[@]}" ;;
    *) echo "$0: no such variant: $variant" >&2; exit 64 ;;
    esac
done

# Below packet privacy nothing may be answered.
if [ -z "$only" ]; then
    for level in connect sign packet; do
        output=$work/refused.$level
        timeout "$limit" smbtorture --configfile="$work/smb.conf" "${account[@]}" "ncacn_ip_tcp:${host}[$port,$level,ntlm]" \
            rpc.clusapi.cluster.GetClusterName </dev/null >"$output" 2>&1 || true
        if grep -q 'ACCESS_DENIED' "$output" && ! grep -q '^success:' "$output"; then
            passed=$((passed + 1)); echo "ok      refused at level $level"
        else
            failed=$((failed + 1)); echo "FAILED  refused at level $level"; tail -n 4 "$output" | sed 's/^/        /'
        fi
    done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
