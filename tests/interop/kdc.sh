#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A private MIT KDC on a free port of KDC_ADDRESS (default: loopback), for tests only. Nothing outside DIR is read or
# written.
#   kdc.sh start DIR [HOST...]          realm TEST.CLUSBRIDGE; DIR/keytab.HOST: the service keys of each HOST (default:
#                                       the names below); prints lines for the shell to evaluate, which are about the
#                                       first HOST; its keytab does not open the tickets for the second one
#   kdc.sh user DIR NAME PASSWORD       (re)makes a user and DIR/ccache: a ticket for it and for every service
#   kdc.sh stop DIR                     ends the KDC of DIR and removes DIR
set -euo pipefail
realm=TEST.CLUSBRIDGE default_hosts=(clusterhost.test.clusbridge otherhost.test.clusbridge)
address=${KDC_ADDRESS:-127.0.0.1}
export PATH=$PATH:/usr/sbin

free_port() {
    /usr/bin/python3 -c 'import socket, sys; s = socket.socket(); s.bind((sys.argv[1], 0)); print(s.getsockname()[1])' "$1"
}

write_configuration() { # DIR PORT
    cat >"$1/krb5.conf" <<EOF
[libdefaults]
    default_realm = $realm
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    default_ccache_name = FILE:$1/ccache
    udp_preference_limit = 1
    allow_weak_crypto = false
[realms]
    $realm = {
        kdc = $address:$2
    }
[domain_realm]
    .test.clusbridge = $realm
    test.clusbridge = $realm
    localhost = $realm
EOF
    cat >"$1/kdc.conf" <<EOF
[kdcdefaults]
    kdc_listen = $address:$2
    kdc_tcp_listen = $address:$2
[realms]
    $realm = {
        database_name = $1/principal
        key_stash_file = $1/stash
        acl_file = $1/kadm5.acl
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
        max_life = 12h
    }
[logging]
    kdc = FILE:$1/kdc.log
EOF
}

# Samba's clients ask for the host name in upper case; an MIT KDC takes names literally.
services_of() { # HOST
    local name service
    for name in "${1%%.*}" "$1"; do
        for service in MSServerClusterMgmtAPI host; do
            printf '%s\n' "$service/${name,,}" "$service/${name^^}"
        done
    done | sort -u
}

# One kadmin.local for all commands of its standard input: each start of it costs more than ten commands.
kadmin() { # DIR
    kadmin.local -r "$realm" >>"$1/setup.log" 2>&1
}

make_services() { # DIR HOST...: DIR/services, and the keytab of each host
    local dir=$1 host service
    shift
    for host in "$@"; do
        while read -r service; do
            printf 'addprinc -randkey %s\nktadd -norandkey -k %s %s\n' "$service" "$dir/keytab.$host" "$service"
        done < <(services_of "$host")
    done | kadmin "$dir"
    for host in "$@"; do
        services_of "$host" >"$dir/services.$host"
        # Two encryption types, so two keys a service.
        [ "$(klist -k "$dir/keytab.$host" | grep -c "@$realm")" = $((2 * $(wc -l <"$dir/services.$host"))) ]
    done
    cat "$dir"/services.* | sort -u >"$dir/services"
}

start() {
    local dir=$1 port up=
    shift
    (umask 077 && mkdir -p "$dir")
    dir=$(readlink -f "$dir")
    [ $# -gt 0 ] || set -- "${default_hosts[@]}"
    port=$(free_port "$address")
    write_configuration "$dir" "$port"
    export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf
    kdb5_util create -s -r "$realm" -P "master-of-$RANDOM$RANDOM" >"$dir/setup.log" 2>&1
    make_services "$dir" "$@"
    krb5kdc -n -r "$realm" >"$dir/krb5kdc.out" 2>&1 &
    echo $! >"$dir/pid"
    for _ in $(seq 50); do
        if (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; then up=1; break; fi
        kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
        sleep 0.1
    done
    [ -n "$up" ] || { echo "$0: the KDC does not answer" >&2; cat "$dir/krb5kdc.out" "$dir/kdc.log" >&2; exit 1; }
    cat <<EOF
export KRB5_CONFIG=$dir/krb5.conf
export CLUSBRIDGE_REALM=$realm
export CLUSBRIDGE_KEYTAB=$dir/keytab.$1
export CLUSBRIDGE_CCACHE=FILE:$dir/ccache
export CLUSBRIDGE_KERBEROS_HOST=$1
export CLUSBRIDGE_OTHER_KERBEROS_HOST=${2:-}
export CLUSBRIDGE_KDC=$dir
EOF
}

user() {
    local dir name=$2 password=$3 services
    dir=$(readlink -f "$1")
    export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf KRB5CCNAME=FILE:$dir/ccache
    printf 'delprinc -force %s\naddprinc -pw %s %s\n' "$name" "$password" "$name" | kadmin "$dir"
    printf '%s\n' "$password" | kinit "$name@$realm" >>"$dir/setup.log"
    mapfile -t services < <(sed "s/\$/@$realm/" "$dir/services")
    kvno -q "${services[@]}"
}

# A number alone is not enough: after a crash it may be another process's.
is_kdc_of() { # PID DIR
    [ "$(basename "$(readlink "/proc/$1/exe")")" = krb5kdc ] &&
        tr '\0' '\n' <"/proc/$1/environ" | grep -qxF "KRB5_KDC_PROFILE=$2/kdc.conf"
}

stop() {
    local dir pid
    dir=$(readlink -f "$1")
    if pid=$(cat "$dir/pid" 2>/dev/null) && is_kdc_of "$pid" "$dir" 2>/dev/null; then
        kill "$pid" 2>/dev/null || true
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    fi
    rm -rf "$dir"
}

command=${1:?start, user or stop}
shift
case "$command" in
start) start "${1:?a directory}" "${@:2}" ;;
user) user "${1:?a directory}" "${2:?a name}" "${3:?a password}" ;;
stop) stop "${1:?a directory}" ;;
*) echo "$0: unknown command $command" >&2; exit 64 ;;
esac
