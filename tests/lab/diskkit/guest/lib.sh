# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For commands in a guest: . "$LAB_LIB"
# Disks are named by initiator, LUN and path, each counted from 1; without a path the first is meant.

LAB_LIB=/run/out/lab/lib.sh
LAB_DISKS=/run/lab/disks.json
LAB_OUT=/run/out
export LAB_LIB LAB_DISKS LAB_OUT
set -a
# shellcheck source=/dev/null
. /run/out/lab/config
[ ! -e /run/lab/disks.env ] || . /run/lab/disks.env
set +a
# shellcheck source=lio.sh
. /run/out/lab/lio.sh
# shellcheck source=iscsi.sh
. /run/out/lab/iscsi.sh
# shellcheck source=listing.sh
. /run/out/lab/listing.sh

# lab_wait SECONDS CMD...: until CMD succeeds; 1 if it never does.
lab_wait() {
    local end=$((SECONDS + $1 + 1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

# lab_disk INITIATOR LUN [PATH]: the block device.
lab_disk() {
    local -n paths=LAB_DISK_$1_$2
    local nodes
    read -ra nodes <<<"$paths"
    echo "${nodes[${3:-1} - 1]}"
}

# lab_sg INITIATOR LUN [PATH]: the SCSI generic device.
lab_sg() {
    local -n paths=LAB_SG_$1_$2
    local nodes
    read -ra nodes <<<"$paths"
    echo "${nodes[${3:-1} - 1]}"
}

# lab_rescan [COUNT]: lists the disks anew, once COUNT of them are there.
lab_rescan() {
    lab_wait 60 listing_complete "${1:-0}" || return
    listing_write
    set -a
    # shellcheck source=/dev/null
    . /run/lab/disks.env
    set +a
}

# lab_settle: takes what the LUNs have to say since their last command (unit attentions), so that the next gets through.
lab_settle() {
    local disk
    command -v sg_turs >/dev/null || return 0
    for disk in /sys/class/scsi_disk/*/device/block/*; do
        sg_turs "/dev/${disk##*/}" >/dev/null 2>&1 || sg_turs "/dev/${disk##*/}" >/dev/null 2>&1 || true
    done
}

# lab_udev: device links and udev's database, as on a machine that has booted (package udev).
lab_udev() {
    local daemon
    for daemon in /lib/systemd/systemd-udevd /usr/lib/systemd/systemd-udevd; do
        [ -x "$daemon" ] || continue
        "$daemon" --daemon
        udevadm trigger --action=add --subsystem-match=block --subsystem-match=scsi
        udevadm settle -t 60
        return
    done
    echo "lab: no udev here" >&2
    return 1
}

# lab_multipath INITIATOR [FILE]: multipathd over the paths of one initiator (package multipath-tools), with that
# configuration in place of the lab's; maps are /dev/mapper/WWID, the WWID without «naa.» and with a 3 before it.
lab_multipath() {
    modprobe -a dm-mod dm-multipath dm-round-robin
    lab_udev || return
    multipath_configuration "$1" >/etc/multipath.conf
    [ -z "${2:-}" ] || cat "$2" >/etc/multipath.conf
    mkdir -p /run/multipathd
    multipathd -d -s -v2 >"$LAB_OUT/multipathd.log" 2>&1 </dev/null &
    lab_wait 60 multipath_complete
}

multipath_configuration() { # one option a line: multipath ignores a second
    local initiator lun
    printf '%s\n' 'defaults {' '  find_multipaths no' '  user_friendly_names no' '  no_path_retry fail' \
        '  path_grouping_policy multibus' '}' 'blacklist_exceptions {' '  property ".*"' '}' 'blacklist {'
    # In one kernel, another initiator's paths would join the same map.
    for initiator in $LAB_LOCAL_INITIATORS; do
        [ "$initiator" != "$1" ] || continue
        for ((lun = 1; lun <= LAB_LUNS; lun++)); do
            local -n others=LAB_DISK_${initiator}_$lun
            printf '  devnode "^%s$"\n' ${others//\/dev\//}
        done
    done
    echo '}'
}

multipath_complete() {
    local lun
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        local -n wwid=LAB_WWID_$lun
        [ -b "/dev/mapper/3${wwid#naa.}" ] || return 1
    done
}

# lab_path_down INITIATOR PATH: the initiator loses this path to all LUNs. The target keeps what it knows of it.
lab_path_down() {
    "${LAB_TRANSPORT}_path_down" "$1" "$2"
    lab_rescan
}

# lab_path_up INITIATOR PATH: has it back; the devices may be named anew.
lab_path_up() {
    local before
    before=$(listing_count)
    "${LAB_TRANSPORT}_path_up" "$1" "$2"
    lab_rescan $((before + LAB_LUNS)) || { echo "lab: path $2 of initiator $1 does not come back" >&2; return 1; }
}

# lab_path_freeze INITIATOR PATH: nothing comes through, nothing is refused (iSCSI only); lab_path_thaw ends that.
lab_path_freeze() {
    "${LAB_TRANSPORT}_path_freeze" "$1" "$2"
}
lab_path_thaw() {
    "${LAB_TRANSPORT}_path_thaw" "$1" "$2"
}

# lab_target_stop: the storage is gone; LUNs keep their data. In the guest that has the target.
lab_target_stop() {
    "${LAB_TRANSPORT}_stop"
    lio_drop_luns
}

# lab_target_start keep|lose: registrations made with APTPL are kept over the restart, or all are lost.
lab_target_start() {
    lio_make_luns
    if [ "$1" = keep ]; then
        lio_restore_reservations
    else
        rm -f "$lio_root"/pr/aptpl_*
    fi
    "${LAB_TRANSPORT}_start"
}

# lab_target_restart keep|lose: and waits until the disks of this guest are back.
lab_target_restart() {
    local before
    before=$(listing_count)
    lab_target_stop
    lab_target_start "$1"
    lab_rescan "$before"
}

# lab_barrier NAME [SECONDS]: until all nodes have come to it.
lab_barrier() {
    : >"/run/common/$1.$LAB_NODE"
    lab_wait "${2:-300}" all_at_barrier "$1"
}

all_at_barrier() {
    local node
    for ((node = 1; node <= LAB_NODES; node++)); do
        [ -e "/run/common/$1.$node" ] || return 1
    done
}
