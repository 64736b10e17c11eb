#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sgpr_command.sh SGPR: the command on real LUNs, run by `tests/lab/disks --luns 2 --initiators 2 --paths 2`.
# Two initiators of one kernel: each run of sgpr sees a /dev with one initiator's nodes only, as on two machines.
set -u
sgpr=${1:?the sgpr command}
# shellcheck source=/dev/null
. "$LAB_LIB"
failed=0

# as INITIATOR ARGS...: sgpr where only this initiator's disks can be opened.
as() {
    local initiator=$1 lun name nodes=()
    shift
    for lun in 1 2; do
        for name in "LAB_DISK_${initiator}_$lun" "LAB_SG_${initiator}_$lun"; do
            # Several nodes, one a path.
            # shellcheck disable=SC2206
            nodes+=(${!name})
        done
    done
    # shellcheck disable=SC2016 # for the inner shell
    unshare -m bash -c '
        folder=/run/sgpr-dev.$$
        count=$1; shift
        mkdir -p "$folder" && mount -t tmpfs none "$folder" && cp -a "${@:1:count}" /dev/null "$folder" || exit 125
        shift "$count"
        mount --move "$folder" /dev || exit 125
        exec "$@"' as "${#nodes[@]}" "${nodes[@]}" "$sgpr" "$@"
}

# expect STATUS WORDS CMD...: the exit status, and a text that must be in the output ("" for any).
expect() {
    local status=$1 words=$2 got out
    shift 2
    out=$("$@" 2>&1)
    got=$?
    if [ "$got" -eq "$status" ] && [[ $out == *"$words"* ]]; then
        echo "ok: $*"
        return
    fi
    echo "FAILED: $*: status $got instead of $status, or no \"$words\" in:"
    echo "$out"
    failed=1
}

bus=SAS # what tcm_loop calls itself
abort=
if [ "$LAB_TRANSPORT" = iscsi ]; then
    bus=iSCSI
    abort=--abort # hangs in tcm_loop
fi

lab_settle
disk=$(basename "$(lab_disk 1 1)")
other=$(basename "$(lab_disk 2 1)")
id=$(as 1 show "$disk" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["id"])')
echo "disk $disk, other's $other, id $id"

expect 0 "$id" as 1 list
expect 0 "redundant" as 1 show "$disk"
expect 0 "$bus" as 2 show "$id"
expect 105 "there is no device node" as 1 show "$other"
expect 0 "none" as 1 reservation "$id"
expect 77 "sgpr register" as 1 reserve "$disk" 0xa1
expect 0 "registered" as 1 register "$id" 0xa1
expect 0 "0x00000000000000a1" as 2 keys "$id"
expect 0 "generation" as 1 status "/dev/$disk"
expect 77 "--replace" as 1 register "$disk" 0xa2
expect 0 "WERO by 0x00000000000000a1" as 1 reserve "wwn-0x${id#naa.}" 0xa1
expect 0 "clustered-elsewhere" as 2 show "$id"
expect 0 "registered" as 2 register "$id" 0xb1
expect 77 "" as 2 reserve "$id" 0xb1
expect 77 "not reserved" as 2 release "$id" 0xb1
expect 107 "--yes" as 2 preempt "$id" 0xb1 0xa1
# shellcheck disable=SC2086 # empty is no argument
expect 0 "WERO by 0x00000000000000b1" as 2 preempt "$id" 0xb1 0xa1 --yes $abort
expect 0 "WERO by 0x00000000000000b1" as 1 watch "$id" --count 2 --interval 0.2
expect 77 "" as 1 reserve "$id" 0xa1
expect 0 "none" as 2 release "$id" 0xb1
expect 0 "not registered" as 2 unregister "$id" 0xb1
expect 0 '"keys":[]' as 1 status "$id" --json
expect 0 "registered" as 1 register "$id" 0xa1 --aptpl
expect 107 "--yes" as 1 clear "$id" 0xa1
expect 0 "0 keys" as 1 clear "$id" 0xa1 --yes

# The other LUN was left alone.
expect 0 '"keys":[]' as 1 status "$(basename "$(lab_disk 1 2)")" --json
exit "$failed"
