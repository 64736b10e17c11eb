#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Records what the other clients ask of a server and lets Wireshark judge it. Needs the right to capture (else 77).
#   tshark_recorded.sh [arguments of tshark_dissect.sh]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
if ! timeout 20 tshark -q -i lo -a duration:1 -w /dev/null >/dev/null 2>&1; then
    echo "skipped: no right to capture on lo"
    exit 77
fi
# smbtorture looks at everything there is, every_method.py asks what smbtorture leaves out.
exec "$here/tshark_dissect.sh" --capture "$here/smbtorture_suites.sh --variants ntlm >/dev/null;
    $here/every_method.py" "$@"
