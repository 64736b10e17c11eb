# SPDX-License-Identifier: Apache-2.0
# Read by the shell scripts of this folder: the arguments they share, with the environment of `demo` as defaults.
# Sets host, epm_port, port, user, password, domain, kerberos_host, work (an empty directory, removed at exit).
# shellcheck disable=SC2034
# An argument that is not known here goes to the function `own_argument NAME VALUE`, which returns 1 to refuse it.

host=${CLUSBRIDGE_HOST:-127.0.0.1}
epm_port=${CLUSBRIDGE_EPM_PORT-135}
port=${CLUSBRIDGE_CLUSAPI_PORT:-49343}
user=${CLUSBRIDGE_USER:-Administrator}
password=${CLUSBRIDGE_PASSWORD:-}
domain=${CLUSBRIDGE_DOMAIN:-CLUSBRIDGE}
kerberos_host=${CLUSBRIDGE_KERBEROS_HOST:-}

while [ $# -gt 0 ]; do
    if [ $# -lt 2 ]; then
        echo "$0: $1 needs a value" >&2
        exit 64
    fi
    case "$1" in
    --host) host=$2 ;;
    --epm-port) epm_port=$2 ;;
    --port) port=$2 ;;
    --user) user=$2 ;;
    --password) password=$2 ;;
    --domain) domain=$2 ;;
    --kerberos-host) kerberos_host=$2 ;;
    *) own_argument "$1" "$2" || { echo "$0: unknown argument $1" >&2; exit 64; } ;;
    esac
    shift 2
done
case "$epm_port" in 0 | null) epm_port= ;; esac

work=$(mktemp -d "${TMPDIR:-/tmp}/clusbridge-interop.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Samba's clients keep secrets, locks and caches of a server in these places; the machine's own stay untouched.
mkdir -p "$work/private" "$work/lock" "$work/state" "$work/cache"
cat >"$work/smb.conf" <<EOF
[global]
workgroup = $domain
realm = ${CLUSBRIDGE_REALM:-}
netbios name = CLIENT
private dir = $work/private
lock directory = $work/lock
state directory = $work/state
cache directory = $work/cache
name resolve order = host
server role = standalone
client min protocol = NT1
EOF
export SMB_CONF_PATH=$work/smb.conf
