# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a guest of this configuration has to set up, and what to wait for.

has_target() {
    [ "$LAB_ROLE" = single ] || [ "$LAB_ROLE" = target ] || [ "$LAB_TARGET_NODE" = "$LAB_NODE" ]
}

join_network() {
    local link
    [ "$LAB_NETWORK" = 1 ] || return 0
    # user-mode-linux and qemu name the card differently.
    for link in /sys/class/net/*/device; do
        link=${link%/device}
        link=${link##*/}
        [ "$link" = eth0 ] || ip link set "$link" name eth0
    done
    ip address add "10.9.0.$LAB_NUMBER/16" dev eth0
    ip link set eth0 up
    ! has_target || iscsi_add_addresses
}

make_disks() {
    join_network || return
    if has_target; then
        lio_load && lio_make_luns && "${LAB_TRANSPORT}_start" || return
    fi
    # shellcheck disable=SC2086  # a list
    [ "$LAB_TRANSPORT" != iscsi ] || [ -z "$LAB_LOCAL_INITIATORS" ] || iscsi_start_initiators $LAB_LOCAL_INITIATORS
}

expected_disks() {
    local mine
    read -ra mine <<<"$LAB_LOCAL_INITIATORS"
    echo $((LAB_LUNS * ${#mine[@]} * LAB_PATHS))
}

# The guest with the target is the last to go.
leave_disks() {
    [ "$LAB_NETWORK" = 0 ] || lab_barrier end 600
}
