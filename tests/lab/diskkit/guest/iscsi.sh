# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The target over iSCSI, with a portal for each path of each initiator, and the initiators' side. Sourced by lib.sh.

iscsi_domain=iqn.2026-01.org.clusbridge.lab
iscsi_target=$iscsi_domain:target
iscsi_group=$lio/iscsi/$iscsi_target/tpgt_1

iscsi_portal() { # iscsi_portal INITIATOR PATH: its address
    # Within one guest all are on the loopback; between guests the target has them beside its own.
    if [ "$LAB_NETWORK" = 0 ]; then
        echo "127.0.$1.$2"
    else
        echo "10.9.$1.$2"
    fi
}

iscsi_name() { # iscsi_name INITIATOR
    echo "$iscsi_domain:node$1"
}

iscsi_start() {
    local initiator path attribute
    modprobe iscsi_target_mod
    mkdir -p "$iscsi_group"
    for attribute in authentication=0 generate_node_acls=1 demo_mode_write_protect=0 cache_dynamic_acls=1; do
        echo "${attribute#*=}" >"$iscsi_group/attrib/${attribute%=*}"
    done
    lio_map_luns "$iscsi_group"
    iscsi_admit
    for ((initiator = 1; initiator <= LAB_INITIATORS; initiator++)); do
        for ((path = 1; path <= LAB_PATHS; path++)); do
            mkdir "$iscsi_group/np/$(iscsi_portal "$initiator" "$path"):3260"
        done
    done
    echo 1 >"$iscsi_group/enable"
}

# Registrations that are kept over a restart come back when the initiator's LUNs are mapped: here, before anybody gets in.
# Of initiators that are admitted without an entry they come back when these log in; until then others find the disk free.
iscsi_admit() {
    local initiator lun entry
    for ((initiator = 1; initiator <= LAB_INITIATORS; initiator++)); do
        entry=$iscsi_group/acls/$(iscsi_name "$initiator")
        for ((lun = 1; lun <= LAB_LUNS; lun++)); do
            mkdir -p "$entry/lun_$lun"
            ln -s "$iscsi_group/lun/lun_$lun" "$entry/lun_$lun/disk"
        done
    done
}

iscsi_stop() {
    echo 0 >"$iscsi_group/enable"
    rmdir "$iscsi_group"/np/*
    rm "$iscsi_group"/acls/*/lun_*/disk
    rmdir "$iscsi_group"/acls/*/lun_*
    rmdir "$iscsi_group"/acls/*
    lio_unmap_luns "$iscsi_group"
    rmdir "$iscsi_group" "${iscsi_group%/*}"
}

iscsi_add_addresses() { # the portals' addresses, where they are not of the loopback
    local initiator path
    for ((initiator = 1; initiator <= LAB_INITIATORS; initiator++)); do
        for ((path = 1; path <= LAB_PATHS; path++)); do
            ip address add "$(iscsi_portal "$initiator" "$path")/16" dev eth0
        done
    done
}

iscsi_start_initiators() { # iscsi_start_initiators INITIATOR...
    local initiator path
    modprobe -a iscsi_tcp sd_mod sg
    mkdir -p /run/lock/iscsi
    # A busy machine may be slow to answer: a session is given up after 15 s, its commands fail 10 s later.
    printf '%s\n' 'node.startup = manual' 'node.session.timeo.replacement_timeout = 10' \
        'node.conn[0].timeo.noop_out_interval = 5' 'node.conn[0].timeo.noop_out_timeout = 15' >/etc/iscsi/iscsid.conf
    echo "InitiatorName=$(iscsi_name "$1")" >/etc/iscsi/initiatorname.iscsi
    iscsid
    for initiator; do
        iscsiadm -m iface -I "node$initiator" -o new >/dev/null
        iscsiadm -m iface -I "node$initiator" -o update -n iface.initiatorname -v "$(iscsi_name "$initiator")" >/dev/null
        for ((path = 1; path <= LAB_PATHS; path++)); do
            iscsi_node "$initiator" "$path" -o new >/dev/null
            # Another guest's target may not be up yet.
            lab_wait 60 iscsi_path_up "$initiator" "$path" 2>/run/lab/iscsi.err || { cat /run/lab/iscsi.err >&2; return 1; }
        done
    done
}

iscsi_node() { # iscsi_node INITIATOR PATH ARG...: iscsiadm about this path
    local initiator=$1 path=$2
    shift 2
    iscsiadm -m node -T "$iscsi_target" -p "$(iscsi_portal "$initiator" "$path"):3260" -I "node$initiator" "$@"
}

iscsi_path_down() { # iscsi_path_down INITIATOR PATH
    iscsi_node "$1" "$2" -u >/dev/null
}

# A new session gets a new ISID: to the target it is another initiator port.
iscsi_path_up() { # iscsi_path_up INITIATOR PATH
    iscsi_node "$1" "$2" -l >/dev/null
}

iscsi_addresses() { # fills lab_owner: «host:channel:target» to «initiator path»
    local target session number name portal
    for target in /sys/class/iscsi_session/session*/device/target*; do
        [ -e "$target" ] || continue
        session=${target%/device/*}
        name=$(<"$session/initiatorname")
        number=${session##*/session}
        portal=$(<"/sys/class/iscsi_connection/connection$number:0/persistent_address")
        lab_owner[${target##*/target}]="${name##*:node} ${portal##*.}"
    done
}

# Packets to and from a portal are lost: the session hangs, and after a while fails.
iscsi_path_freeze() { # iscsi_path_freeze INITIATOR PATH
    iscsi_filter -I "$(iscsi_portal "$1" "$2")"
}

iscsi_path_thaw() { # iscsi_path_thaw INITIATOR PATH
    iscsi_filter -D "$(iscsi_portal "$1" "$2")"
}

iscsi_filter() { # iscsi_filter -I|-D PORTAL
    # Not nftables: user-mode-linux lacks part of it.
    modprobe iptable_filter
    iptables-legacy "$1" OUTPUT -d "$2" -j DROP
    iptables-legacy "$1" INPUT -s "$2" -j DROP
}
