# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Which disks there are: /run/lab/disks.json, and the same as variables in /run/lab/disks.env. Sourced by lib.sh.

listing_count() {
    local disks=(/sys/class/scsi_disk/*/device/block/*)
    [ -e "${disks[0]}" ] || disks=()
    echo "${#disks[@]}"
}

listing_complete() { # listing_complete COUNT
    [ "$(listing_count)" -ge "$1" ]
}

listing_lun() { # listing_lun DEVICE: number of the LUN that a device in sysfs is, or nothing
    local wwid lun
    wwid=$(<"$1/wwid") || return 0
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        [ "$wwid" != "${lab_wwids[lun]}" ] || echo "$lun"
    done
}

# listing_read: fills lab_sd, lab_sg, lab_hctl, keyed «initiator LUN path».
listing_read() {
    local device hctl lun who lun_number sd sg
    lab_wwids=()
    lab_sd=() lab_sg=() lab_hctl=()
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        lab_wwids[lun]=$(lio_wwid "$lun")
    done
    lab_owner=()
    "${LAB_TRANSPORT}_addresses"
    for device in /sys/class/scsi_disk/*/device; do
        [ -e "$device" ] || continue
        hctl=${device%/device}
        hctl=${hctl##*/}
        lun_number=$(listing_lun "$device")
        who=$(listing_who "$device" "$hctl")
        [ -n "$lun_number" ] && [ -n "$who" ] || continue
        sd=$(echo "$device"/block/*)
        sg=$(echo "$device"/scsi_generic/*)
        lab_sd["${who% *} $lun_number ${who#* }"]=/dev/${sd##*/}
        lab_sg["${who% *} $lun_number ${who#* }"]=/dev/${sg##*/}
        lab_hctl["${who% *} $lun_number ${who#* }"]=$hctl
    done
}
# Global, as the library may be sourced within a function.
declare -gA lab_sd lab_sg lab_hctl lab_owner
declare -ga lab_wwids

listing_who() { # listing_who DEVICE HCTL: «initiator path»
    echo "${lab_owner[${2%:*}]:-}"
}

listing_write() {
    listing_read
    listing_json >/run/lab/disks.json.new
    mv /run/lab/disks.json.new /run/lab/disks.json
    listing_variables >/run/lab/disks.env.new
    mv /run/lab/disks.env.new /run/lab/disks.env
}

listing_json() {
    local initiator lun comma=
    printf '{"kind": "%s", "transport": "%s", "node": %d, "size_mb": %d, "initiators": [\n' \
        "$LAB_KIND" "$LAB_TRANSPORT" "$LAB_NODE" "$LAB_SIZE_MB"
    for initiator in $LAB_LOCAL_INITIATORS; do
        printf '%s {"initiator": %d, "luns": [\n' "$comma" "$initiator"
        comma=,
        for ((lun = 1; lun <= LAB_LUNS; lun++)); do
            [ "$lun" = 1 ] || printf ',\n'
            listing_json_lun "$initiator" "$lun"
        done
        printf ']}\n'
    done
    printf ']}\n'
}

listing_json_lun() { # listing_json_lun INITIATOR LUN
    local path key comma=
    printf '  {"lun": %d, "wwid": "%s", "serial": "%s", "paths": [' "$2" "${lab_wwids[$2]}" "$(lio_serial "$2")"
    for ((path = 1; path <= LAB_PATHS; path++)); do
        key="$1 $2 $path"
        [ -n "${lab_sd[$key]:-}" ] || continue
        printf '%s{"path": %d, "sd": "%s", "sg": "%s", "hctl": "%s"}' \
            "$comma" "$path" "${lab_sd[$key]}" "${lab_sg[$key]}" "${lab_hctl[$key]}"
        comma=", "
    done
    printf ']}'
}

listing_variables() {
    local initiator lun path sd sg
    for ((lun = 1; lun <= LAB_LUNS; lun++)); do
        echo "LAB_WWID_$lun=${lab_wwids[lun]}"
    done
    for initiator in $LAB_LOCAL_INITIATORS; do
        for ((lun = 1; lun <= LAB_LUNS; lun++)); do
            sd='' sg=''
            for ((path = 1; path <= LAB_PATHS; path++)); do
                # A path that is down keeps its place.
                sd+=" ${lab_sd["$initiator $lun $path"]:--}"
                sg+=" ${lab_sg["$initiator $lun $path"]:--}"
            done
            echo "LAB_DISK_${initiator}_$lun='${sd# }'"
            echo "LAB_SG_${initiator}_$lun='${sg# }'"
        done
    done
}
