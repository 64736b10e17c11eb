#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Records what the other clients ask of a server with Kerberos and lets Wireshark judge the answers. Needs the right to
# capture and the environment that kdc.sh prints; without them: 77.
#   tshark_recorded.sh [arguments of tshark_dissect.sh]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
if [ -z "${CLUSBRIDGE_KEYTAB:-}" ] || ! timeout 20 tshark -q -i lo -a duration:1 -w /dev/null >/dev/null 2>&1; then
    echo "skipped: no keytab, or no right to capture on lo"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
# smbtorture looks at everything there is, every_method.py asks what smbtorture leaves out, writing included: the last
# that the demo has to bear.
exec "$here/tshark_dissect.sh" --opnums 110 --capture "$here/smbtorture_suites.sh --variants krb5 >/dev/null;
    $here/every_method.py --kerberos --changes >/dev/null" "$@"
