#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# storage_reading.sh PRINT_DISKS: what the daemon reads of real LUNs, run by `tests/lab/disks --luns 2 --initiators 1`.
# One LUN gets a partition table, a file system, a mount and damage; the other stays empty.
set -u
print_disks=${1:?the program print_disks}
# shellcheck source=/dev/null
. "$LAB_LIB"
failed=0
disk=$LAB_DISK_1_1
partition=7d1b6c52-8f0e-4a3d-9c27-51e4a8b60f13

# expect PATTERN: a line of the disks matches.
expect() {
    local out
    if out=$("$print_disks") && grep -Eq "$1" <<< "$out"; then
        echo "ok: $1"
        return
    fi
    failed=$((failed + 1))
    printf 'FAILED: %s\n%s\n' "$1" "$out"
}

expect "^disk [01] naa\.6001405[0-9a-f]{25} bytes=67108864 guid= signature=0 .*$disk( |\$)"
table='label: gpt\nlabel-id: 3f0c9a7e-64d1-4b58-8f3a-2c19d7e6b042\nfirst-lba: 2048\n'
printf "${table}start=2048, size=81920, uuid=%s\n" "$partition" | sfdisk -q "$disk" || exit 1
udevadm settle 2> /dev/null
for _ in {1..50}; do [ -b "${disk}1" ] && break; sleep 0.1; done
expect "^disk [01] .* guid=3f0c9a7e-64d1-4b58-8f3a-2c19d7e6b042 "
expect "^volume [01]\.1 RAW label= id=$partition bytes=41943040 free=no damaged=unknown\$"
mkfs.ext4 -q -L data "${disk}1" || exit 1
expect "^volume [01]\.1 ext4 label=data id=$partition bytes=41943040 free=no damaged=no\$"
mkdir -p /run/data && mount "${disk}1" /run/data || exit 1
expect "^volume [01]\.1 ext4 .* free=yes damaged=no /run/data\$"
umount /run/data
debugfs -w -R "ssv state 2" "${disk}1" 2> /dev/null
expect "^volume [01]\.1 ext4 .* damaged=yes\$"
sfdisk -q --delete "$disk"
printf 'label: dos\nlabel-id: 0x1234abcd\nstart=2048, size=4096\n' | sfdisk -q -w always "$disk" || exit 1
expect "^disk [01] .* guid= signature=305441741 "
[ $failed = 0 ]
