# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # $lib is set by who sources it
# Who this node is in the keys of reservations: cluster (24 bits), node (16), boot (8). Sourced.
# On error: text on standard error, status 1.

boot_counter=${clusbridge_boot_counter:-/var/lib/clusbridge/boot}
boot_file=${clusbridge_boot_file:-/proc/sys/kernel/random/boot_id}

# The cluster's number of this node: what Pacemaker passes with each act, else asked.
node_number() {
    number=${OCF_RESKEY_CRM_meta_on_node_uuid:-}
    [ -n "$number" ] || number=$(crm_node -i 2>/dev/null)
    case $number in
    '' | *[!0-9]*) echo "this node has no number in the cluster (remote nodes have none)" >&2; return 1 ;;
    esac
    if [ "$number" -lt 1 ] || [ "$number" -gt 65535 ]; then
        echo "node number $number does not fit into a reservation key (1 to 65535): set nodeid in corosync.conf" >&2
        return 1
    fi
    echo "$number"
}

# FNV-1a of 32 bits, folded to 24, as sgpr::cluster_hash(); six hex digits.
cluster_hash() { # TEXT in ASCII
    hash=2166136261
    rest=$1
    while [ -n "$rest" ]; do
        next=${rest#?}
        hash=$(((hash ^ $(printf '%d' "'${rest%"$next"}")) * 16777619 & 0xffffffff))
        rest=$next
    done
    printf '%06x\n' $(((hash >> 24) ^ (hash & 0xffffff)))
}

# The text that identifies the cluster: corosync's cluster_name, which every member has alike. The cluster's GUID would
# be better but is known only where the daemon runs; a node without it would take the others' keys for a stranger's.
cluster_identity() {
    name=$(corosync-cmapctl -g totem.cluster_name 2>/dev/null) && name=${name##*= }
    [ -n "$name" ] || name=$(awk '$1 == "cluster_name:" { print $2; exit }' \
        "${clusbridge_corosync_conf:-/etc/corosync/corosync.conf}" 2>/dev/null)
    [ -n "$name" ] || { echo "corosync has no cluster_name" >&2; return 1; }
    echo "$name"
}

# Counts the boots of this node, 0 to 255 and again. The file holds "BOOT-ID COUNT". Where it was lost the count begins
# at a byte of the boot id, so that it hardly ever repeats the last one. Several disks start at once: flock.
boot_count() {
    now=$(cat "$boot_file") || return 1
    mkdir -p "${boot_counter%/*}" || return 1
    (
        flock -w 10 9 || { echo "cannot lock $boot_counter" >&2; exit 1; }
        was='' count=''
        [ -r "$boot_counter" ] && read -r was count < "$boot_counter"
        case $count in '' | *[!0-9]* | ????*) was='' count=$((0x$(printf '%.2s' "$now"))) ;; esac
        if [ "$was" != "$now" ]; then
            count=$(((count + 1) % 256))
            echo "$now $count" > "$boot_counter.new" && sync "$boot_counter.new" &&
                mv "$boot_counter.new" "$boot_counter" && sync "${boot_counter%/*}" || exit 1
        fi
        echo "$count"
    ) 9> "$boot_counter.lock"
}

# "ID=gone" and "ID=alive" of the other nodes, see peers.awk. Nothing where the cluster does not answer: then an owner is
# challenged, which is safe, and slower.
known_peers() { # RESOURCE OWN-NUMBER
    status=$(timeout 5 cibadmin --query --scope status 2>/dev/null) || return 0
    # Nodes that are not expected back are the only ones whose fencing matters; at most 16 are asked for.
    absent=$(echo "$status" | sed -n 's/.*<node_state .*uname="\([^"]*\)".*/&\n\1/p' | grep -v '<' | head -n 16)
    fenced=' '
    for name in $absent; do
        echo "$status" | grep "<node_state .*uname=\"$name\"" | grep -q 'expected="down"' || continue
        # Only the newest act counts: "reboot of NAME ... successful", an "on" proves nothing.
        timeout 5 stonith_admin --history "$name" --output-as xml 2>/dev/null |
            sed -n 's/.*<fence_event \(.*\)>/\1/p' | head -n 1 | grep 'status="success"' |
            grep -Eq 'action="(off|reboot)"' && fenced="$fenced$name "
    done
    echo "$status" | awk -v resource="$1" -v own="$2" -v fenced="$fenced" -f "$lib/peers.awk"
}
