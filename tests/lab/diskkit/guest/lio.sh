# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The target, Linux' own (LIO): LUNs in memory, and who may reach them through tcm_loop. Sourced by lib.sh.

lio=/sys/kernel/config/target
lio_root=/run/lab/target

lio_load() {
    modprobe -a configfs target_core_mod target_core_file sd_mod sg
    mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
    # The kernel saves registrations here, also those that are not to be kept; without it they fail.
    mkdir -p "$lio_root/pr" /run/lab/luns
    echo "$lio_root" >$lio/dbroot
    mountpoint -q /run/lab/luns || mount -t tmpfs -o size=95% tmpfs /run/lab/luns
}

lio_serial() { # lio_serial LUN
    # LIO takes a LUN's name from the first 25 digits: these have to differ.
    printf '%08x-5e1f-4a6c-8d21-0123456789ab' $((0x1a2b3c00 + $1))
}

lio_wwid() { # lio_wwid LUN: as sysfs spells it
    local digits
    digits=$(lio_serial "$1")
    digits=${digits//-/}
    echo "naa.6001405${digits:0:25}"
}

lio_store() { # lio_store LUN: path of the LUN in configfs
    echo "$lio/core/fileio_$1/disk$1"
}

lio_make_luns() {
    local lun store file
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        store=$(lio_store "$lun")
        file=/run/lab/luns/disk$lun
        [ -e "$file" ] || truncate -s "${LAB_SIZE_MB}M" "$file"
        mkdir -p "$store"
        echo "fd_dev_name=$file,fd_dev_size=$((LAB_SIZE_MB << 20))" >"$store/control"
        echo 1 >"$store/enable"
        lio_serial "$lun" >"$store/wwn/vpd_unit_serial"
    done
}

lio_map_luns() { # lio_map_luns GROUP: all LUNs, numbered from 1, into a target port group
    local lun
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        mkdir -p "$1/lun/lun_$lun"
        ln -s "$(lio_store "$lun")" "$1/lun/lun_$lun/disk"
    done
}

# One SCSI host, one target and one nexus for each path of each initiator.

loop_group() { # loop_group INITIATOR PATH
    echo "$lio/loopback/naa.50014050000000$1$2/tpgt_1"
}

loop_port() { # loop_port INITIATOR PATH: the initiator's port
    echo "naa.60014050000${1}0a0$2"
}

loop_start() {
    local initiator path group
    modprobe tcm_loop
    for ((initiator = 1; initiator <= LAB_INITIATORS; initiator++)); do
        for ((path = 1; path <= LAB_PATHS; path++)); do
            group=$(loop_group "$initiator" "$path")
            mkdir -p "$group"
            loop_port "$initiator" "$path" >"$group/nexus"
            lio_map_luns "$group"
        done
    done
}

loop_stop() {
    local group
    for group in "$lio"/loopback/naa.*/tpgt_*; do
        lio_unmap_luns "$group"
        echo NULL >"$group/nexus"
        rmdir "$group" "${group%/*}"
    done
}

lio_unmap_luns() { # lio_unmap_luns GROUP
    local lun
    for lun in "$1"/lun/lun_*; do
        rm "$lun/disk"
        rmdir "$lun"
    done
}

lio_drop_luns() {
    local lun store
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        store=$(lio_store "$lun")
        rmdir "$store" "${store%/*}"
    done
}

# As with a cable that is pulled: commands fail, then the disks go; the target keeps what it knows of the nexus. tcm_loop
# has no scan that would find LUNs again, so the SCSI devices stay, and only sd lets go of them.
loop_path_down() { # loop_path_down INITIATOR PATH
    local group address device
    group=$(loop_group "$1" "$2")
    echo offline >"$group/transport_status"
    address=$(<"$group/address")
    for device in /sys/class/scsi_disk/"$address":*; do
        echo "${device##*/}" >/sys/bus/scsi/drivers/sd/unbind
    done
}

loop_path_up() { # loop_path_up INITIATOR PATH
    local group address device
    group=$(loop_group "$1" "$2")
    echo online >"$group/transport_status"
    address=$(<"$group/address")
    for device in /sys/class/scsi_device/"$address":*; do
        echo "${device##*/}" >/sys/bus/scsi/drivers/sd/bind
    done
}

loop_addresses() { # fills lab_owner: «host:channel:target» to «initiator path»
    local initiator path address
    for ((initiator = 1; initiator <= LAB_INITIATORS; initiator++)); do
        for ((path = 1; path <= LAB_PATHS; path++)); do
            address=$(<"$(loop_group "$initiator" "$path")/address") || continue
            lab_owner[$address]="$initiator $path"
        done
    done
}

# Commands fail at once; there is no way to have them wait.
loop_path_freeze() { # loop_path_freeze INITIATOR PATH
    echo "lab: a path of tcm_loop cannot be frozen, only be down: use --iscsi" >&2
    return 1
}

loop_path_thaw() { # loop_path_thaw INITIATOR PATH
    loop_path_freeze
}

# lio_restore_reservations: what a target with non-volatile memory does when it starts, before anybody can reach the LUNs.
lio_restore_reservations() {
    local lun
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        lio_restore_lun "$(lio_store "$lun")" "$lio_root/pr/aptpl_$(lio_serial "$lun")"
    done
}

lio_restore_lun() { # lio_restore_lun STORE FILE
    local line record=
    [ -e "$2" ] || return 0
    while read -r line; do
        case $line in
        PR_REG_START:*) record= ;;
        PR_REG_END:*) echo "${record#,}" >"$1/pr/res_aptpl_metadata" ;;
        *=*) record+=",$line" ;;
        esac
    done <"$2"
}
