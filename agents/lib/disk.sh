# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # $lib is set by who sources it
# A disk's identity, its devices, and what uses them; from sysfs, never cached. Sourced.

sysfs=${clusbridge_sysfs:-/sys}
proc=${clusbridge_proc:-/proc}

# What people call a disk by its page 83 -> what the kernel calls it, "naa.6001..." or "eui...."; nothing if it is no
# such name.
canonical_id() { # NAME
    name=$(printf '%s' "$1" | tr '[:upper:]' '[:lower:]')
    name=${name#wwn-} name=${name#scsi-} name=${name#dm-uuid-mpath-}
    case $name in
    naa.* | eui.* | t10.*) [ "${name#t10.}" = "$name" ] && echo "$name" || echo "$1"; return ;;
    0x*) name=${name#0x} ;;
    # udev's names begin with the designator's type.
    3????????????????????????????????) name=${name#3} ;;
    3????????????????) name=${name#3} ;;
    2????????????????) echo "eui.${name#2}"; return ;;
    esac
    case $name in
    *[!0-9a-f]*) ;;
    ???????????????? | ????????????????????????????????) echo "naa.$name" ;;
    esac
}

wwid_of() { # KERNEL-NAME, of a path or of a multipath map
    for each in "$sysfs/class/block/$1/device/wwid" "$sysfs/class/block/$1"/slaves/*/device/wwid; do
        [ -r "$each" ] && read -r wwid < "$each" && [ -n "$wwid" ] && echo "$wwid" && return 0
    done
    return 1
}

# The identity of what the parameters name; empty: not here.
resolve() {
    case ${OCF_RESKEY_disk:-} in
    '') ;;
    /*)
        node=$(readlink -f "$OCF_RESKEY_disk" 2>/dev/null)
        if [ -b "$node" ]; then
            wwid_of "${node##*/}"
        else # a link that went with the disk: its name may tell
            canonical_id "${OCF_RESKEY_disk##*/}"
        fi
        return 0
        ;;
    *) canonical_id "$OCF_RESKEY_disk"; return 0 ;;
    esac
    # A disk signature (number) or a disk GUID, as on the partition table.
    if [ -n "${OCF_RESKEY_guid:-}" ]; then
        wanted=$(printf '%s' "$OCF_RESKEY_guid" | tr -d '{}' | tr '[:upper:]' '[:lower:]')
    else
        wanted=$(printf '%08x' "$((${OCF_RESKEY_signature:-0}))" 2>/dev/null)
    fi
    name=$(lsblk -dnro NAME,PTUUID 2>/dev/null | awk -v wanted="$wanted" 'tolower($2) == wanted { print $1; exit }')
    [ -n "$name" ] && wwid_of "$name"
    return 0
}

# The kernel names of every path to the disk.
paths_to() { # ID
    for each in "$sysfs"/block/*/device/wwid; do
        wwid=''
        [ -r "$each" ] && read -r wwid < "$each"
        [ "$wwid" = "$1" ] || continue
        each=${each%/device/wwid}
        each=${each##*/}
        case " ${clusbridge_paths:-$each} " in *" $each "*) echo "$each" ;; esac
    done
}

# Names of paths, their partitions and what is built on them, lower ones first.
stack_on() { # KERNEL-NAME..., up to 8 levels
    level=$* depth=0
    while [ -n "$level" ] && [ $depth -lt 8 ]; do
        above=''
        for each in $level; do
            echo "$each"
            for next in "$sysfs/class/block/$each/holders"/* "$sysfs/class/block/$each/$each"*; do
                [ -e "$next" ] && above="$above ${next##*/}"
            done
        done
        level=$above depth=$((depth + 1))
    done | awk '!seen[$0]++'
}

# What still uses the disk, a line each; nothing: it may be given up. Multipath maps and their partitions are paths, no
# users. Mounts are looked for in the mount namespaces of all processes.
users_of() { # KERNEL-NAME...
    stack=$(stack_on "$@")
    numbers=' ' nodes=' '
    for each in $stack; do
        [ -r "$sysfs/class/block/$each/dev" ] && read -r number < "$sysfs/class/block/$each/dev" &&
            numbers="$numbers$number "
        nodes="$nodes/dev/$each "
        if [ -r "$sysfs/class/block/$each/dm/name" ]; then
            read -r name < "$sysfs/class/block/$each/dm/name"
            nodes="$nodes/dev/mapper/$name "
            case $(cat "$sysfs/class/block/$each/dm/uuid" 2>/dev/null) in
            mpath-* | part*-mpath-*) ;;
            *) echo "device $name (dm) lies on it" ;;
            esac
        elif [ -d "$sysfs/class/block/$each/md" ]; then
            echo "array $each lies on it"
        fi
    done
    cat "$proc"/[0-9]*/mountinfo 2>/dev/null |
        awk -v devices="$numbers" -v names="$nodes" -f "$lib/in-use.awk" | sed 's/^/mounted on /'
    awk -v names="$nodes" 'index(names, " " $1 " ") { print "swapping to " $1 }' "$proc/swaps" 2>/dev/null
}
