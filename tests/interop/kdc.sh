#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A private MIT KDC on a loopback port, for tests only. Nothing outside DIR is read or written.
#   kdc.sh start DIR [HOST...]          realm TEST.CLUSBRIDGE; service keys for each HOST (default: the name below);
#                                       prints lines for the shell to evaluate
#   kdc.sh user DIR NAME PASSWORD       (re)makes a user and DIR/ccache: a ticket for it and for every service
#   kdc.sh stop DIR                     ends the KDC of DIR and removes DIR
set -euo pipefail
realm=TEST.CLUSBRIDGE default_host=clusterhost.test.clusbridge
export PATH=$PATH:/usr/sbin

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
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
        kdc = 127.0.0.1:$2
    }
[domain_realm]
    .test.clusbridge = $realm
    test.clusbridge = $realm
    localhost = $realm
EOF
    cat >"$1/kdc.conf" <<EOF
[kdcdefaults]
    kdc_listen = 127.0.0.1:$2
    kdc_tcp_listen = 127.0.0.1:$2
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

start() {
    local dir=$1 host port
    shift
    (umask 077 && mkdir -p "$dir")
    dir=$(readlink -f "$dir")
    [ $# -gt 0 ] || set -- "$default_host"
    port=$(free_port)
    write_configuration "$dir" "$port"
    export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf
    kdb5_util create -s -r "$realm" -P "master-of-$RANDOM$RANDOM" >"$dir/setup.log" 2>&1
    for host in "$@"; do services_of "$host"; done | sort -u >"$dir/services"
    while read -r service; do
        kadmin.local -r "$realm" -q "addprinc -randkey $service" >>"$dir/setup.log" 2>&1
        kadmin.local -r "$realm" -q "ktadd -k $dir/keytab $service" >>"$dir/setup.log" 2>&1
    done <"$dir/services"
    [ "$(klist -k "$dir/keytab" | grep -c "@$realm")" -gt 0 ]
    krb5kdc -n -r "$realm" >"$dir/krb5kdc.out" 2>&1 &
    echo $! >"$dir/pid"
    for _ in $(seq 50); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
        kill -0 "$(cat "$dir/pid")" 2>/dev/null || { cat "$dir/krb5kdc.out" "$dir/kdc.log" >&2; exit 1; }
        sleep 0.1
    done
    cat <<EOF
export KRB5_CONFIG=$dir/krb5.conf
export CLUSBRIDGE_REALM=$realm
export CLUSBRIDGE_KEYTAB=$dir/keytab
export CLUSBRIDGE_CCACHE=FILE:$dir/ccache
export CLUSBRIDGE_KERBEROS_HOST=$1
export CLUSBRIDGE_KDC=$dir
EOF
}

user() {
    local dir name=$2 password=$3 service
    dir=$(readlink -f "$1")
    export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf KRB5CCNAME=FILE:$dir/ccache
    kadmin.local -r "$realm" -q "delprinc -force $name" >>"$dir/setup.log" 2>&1 || true
    kadmin.local -r "$realm" -q "addprinc -pw $password $name" >>"$dir/setup.log" 2>&1
    printf '%s\n' "$password" | kinit "$name@$realm" >>"$dir/setup.log"
    while read -r service; do kvno -q "$service@$realm"; done <"$dir/services"
}

stop() {
    local dir pid
    dir=$(readlink -f "$1")
    pid=$(cat "$dir/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
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
