#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# guard_paths.sh SGPR: paths of a guarded disk come back, one after the other, as new sessions; each is registered before
# udev tells anybody of it. Run by
#   tests/lab/disks --iscsi --luns 1 --initiators 1 --paths 2 $PWD/tests/disks/guard_paths.sh $PWD/build/sgpr/sgpr
set -u
sgpr=${1:?the sgpr command}
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$LAB_LIB"
failed=0
identity=(--node-id 1 --cluster-id c0ffee --boot 1)

check() { # check WORDS CMD...: CMD must succeed
    local words=$1
    shift
    if "$@"; then
        echo "ok: $words"
    else
        echo "FAILED: $words"
        failed=1
    fi
}

keys() { # registrations of the disk, asked through any path
    local disk list
    for disk in /sys/class/scsi_disk/*/device/block/*; do
        list=$(sg_persist -n -k "/dev/${disk##*/}" 2>/dev/null) || continue
        grep -c '^ *0x' <<<"$list"
        return
    done
}

# shellcheck disable=SC2317 # called through lab_wait
usable() { # paths that the guard calls usable
    python3 - "/run/sgpr/$LAB_WWID_1" <<'PY'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b'{"id": 1, "command": "status"}\n')
print(sum(p["usable"] for p in json.loads(s.recv(4096))["result"]["paths"]))
PY
}

# shellcheck disable=SC2317
usable_are() {
    [ "$(usable)" = "$1" ]
}

# What a listener behind udev would find when it hears of a disk.
listen() {
    mkdir -p /etc/udev/rules.d
    sed "s|/usr/bin/sgpr|$sgpr|" "$here/../../packaging/udev/59-clusbridge-disk.rules" \
        >/etc/udev/rules.d/59-clusbridge-disk.rules
    # shellcheck disable=SC2016 # for udev
    echo 'ACTION=="add", SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", KERNEL=="sd*", PROGRAM="/run/heard $devnode"' \
        >/etc/udev/rules.d/60-heard.rules
    cat >/run/heard <<'END'
#!/bin/bash
PATH=/usr/sbin:/usr/bin:/sbin:/bin
echo "$(sg_persist -n -k "$1" 2>/dev/null | grep -c '^ *0x')" >>/run/heard.log
END
    chmod +x /run/heard
    udevadm control --reload
}

come_back() { # come_back PATH: one registration more when udev's listeners hear of it, and the path is used
    local before guard
    guard=$(pgrep -o -f "guard start $LAB_WWID_1")
    lab_path_down 1 "$1"
    check "path $1 went" lab_wait 10 usable_are 1
    before=$(keys)
    : >/run/heard.log
    # Who does not wait for the guard is faster than it now.
    kill -STOP "$guard"
    (sleep 1.5; kill -CONT "$guard") &
    lab_path_up 1 "$1"
    udevadm settle -t 30
    check "path $1 is registered when udev tells of it ($before, then $(tr '\n' ' ' </run/heard.log))" \
        test "$(cat /run/heard.log)" = $((before + 1))
    check "path $1 is used" lab_wait 10 usable_are 2
    check "the disk is owned all the time" "$sgpr" guard status "$LAB_WWID_1"
}

lab_settle
lab_udev || exit 1
listen
check "a disk without a guard waits for nobody" "$sgpr" guard admit "$(lab_disk 1 1)"
check "the disk is owned" "$sgpr" guard start "$LAB_WWID_1" "${identity[@]}"
check "two paths are used" usable_are 2
for path in 1 2 1 2; do
    come_back "$path"
done
check "the disk is released" "$sgpr" guard stop "$LAB_WWID_1" "${identity[@]}"
check "nothing is left" test "$(keys)" = 0
exit "$failed"
