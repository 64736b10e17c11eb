#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# agents.sh SGPR: ocf:clusbridge:disk and ocf:clusbridge:group under ocf-tester and crm_resource --validate; then a group of
# anchor, disk, LVM and file system on two nodes, moved to and fro, and its node killed. A driver of a lab:
#   tests/lab/disks --nodes 2 --driver --cluster --luns 2 --size 128 --memory 384 --timeout 900 \
#       $PWD/tests/disks/agents/agents.sh $PWD/build/.../sgpr
# LUN 1 is for ocf-tester, LUN 2 for the group.
set -u
sgpr=$(realpath "${1:?the sgpr command}")
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../../.." && pwd)
failed=0

on() { # on NODE SCRIPT: a shell script on a node, with the lab's functions
    "$LAB_CTL" run "$1" bash -c '. "$LAB_LIB"; '"$2"
}

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

within() { # within SECONDS CMD...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 1
    done
}

tested() { # tested AGENT ARG...: ocf-tester has no complaint
    local agent=$1 said
    shift
    said=$(on node1 "ocf-tester -n lab-$agent $* /usr/lib/ocf/resource.d/clusbridge/$agent 2>&1")
    [[ $said == *"passed all tests"* ]] || { echo "$said"; return 1; }
}

valid() { # valid ARG...: what crm_resource --validate says of an agent with these options
    on node1 "crm_resource --validate --class ocf --provider clusbridge $* >/run/validated 2>&1"
}

invalid() {
    ! valid "$@"
}

mounted() { on "$1" 'grep -q " /srv/shared ext4" /proc/mounts'; }

free_of() { # free_of NODE: it holds nothing of LUN 2, and its kernel forbids writes to it
    on "$1" "[ \"\$(blockdev --getro \"\$(lab_disk ${1#node} 2)\")\" = 1 ]" &&
        ! on "$1" 'pgrep -f "[s]gpr guard start" >/dev/null'
}

only_key() { # only_key NODE: all registrations and the reservation are this node's
    on "$1" "sg_persist -n -k \"\$(lab_disk ${1#node} 2)\" | grep '^ *0x' | sort -u | tr -d ' '" >"$folder/keys" &&
        [ "$(wc -l <"$folder/keys")" = 1 ] && grep -qiE "^0x[0-9a-f]*000${1#node}[0-9a-f]{2}cb57$" "$folder/keys"
}

moved() { # moved FROM TO: the group, with what was written before
    on "$1" 'date >>/srv/shared/log; sync -f /srv/shared/log; cat /srv/shared/log' >"$folder/before"
    on "$1" "crm_resource --resource files --move --node $2 >/dev/null 2>&1"
    within 90 mounted "$2" || return 1
    on "$2" 'cat /srv/shared/log' | cmp - "$folder/before"
}

primitive() { # primitive ID PROVIDER TYPE NAME=VALUE...
    local id=$1 provider=$2 type=$3 each number=0
    shift 3
    echo "<primitive id=\"$id\" class=\"ocf\" provider=\"$provider\" type=\"$type\"><instance_attributes id=\"$id-i\">"
    for each; do
        number=$((number + 1))
        echo "<nvpair id=\"$id-$number\" name=\"${each%%=*}\" value=\"${each#*=}\"/>"
    done
    echo "</instance_attributes><operations><op id=\"$id-m\" name=\"monitor\" interval=\"5s\" timeout=\"40s\"/>"
    echo "<op id=\"$id-s\" name=\"start\" interval=\"0\" timeout=\"90s\"/>"
    echo "<op id=\"$id-t\" name=\"stop\" interval=\"0\" timeout=\"60s\"/></operations></primitive>"
}

resources() {
    echo '<group id="files">'
    primitive anchor clusbridge group
    primitive disk clusbridge disk "disk=$wwid2"
    primitive volumes heartbeat LVM-activate vgname=shared vg_access_mode=system_id
    primitive fs heartbeat Filesystem device=/dev/shared/data directory=/srv/shared fstype=ext4
    echo '</group>'
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for node in node1 node2; do
    "$LAB_CTL" run "$node" bash "$here/node.sh" "$source" "$sgpr" || exit 125
    on "$node" lab_settle
done
wwid1=$(on node1 'echo "$LAB_WWID_1"') wwid2=$(on node1 'echo "$LAB_WWID_2"')

check "ocf-tester: disk" tested disk -o "disk=$wwid1"
check "ocf-tester: group" tested group
check "crm_resource --validate: disk" valid --agent disk --option "disk=$wwid1"
check "crm_resource --validate refuses a disk without a name" invalid --agent disk --option foreign=respect
check "crm_resource --validate: group" valid --agent group

on node1 'disk=$(lab_disk 1 2); vgcreate -q shared "$disk" && lvcreate -q -L 64M -n data shared &&
    mkfs.ext4 -q /dev/shared/data && vgchange -q -an shared' >"$folder/made" 2>&1 || { cat "$folder/made"; exit 125; }
resources >"$folder/resources"
on node1 "cibadmin --create --scope resources --xml-text '$(tr -d '\n' <"$folder/resources")'" || exit 125
check "the group starts" within 120 eval 'mounted node1 || mounted node2'
owner=node1 other=node2
if mounted node2; then owner=node2 other=node1; fi
check "crm_resource --validate: the configured disk" on "$owner" 'crm_resource --resource disk --validate >/dev/null 2>&1'
for turn in 1 2; do
    check "move $turn: the group goes to $other, with its data" moved $owner $other
    check "move $turn: $other alone is registered" only_key $other
    check "move $turn: $owner may not write" free_of $owner
    swap=$owner owner=$other other=$swap
done
on "$owner" 'crm_resource --resource files --clear >/dev/null 2>&1; cat /srv/shared/log' >"$folder/before"
"$LAB_CTL" kill "$owner"
check "$owner is killed: $other has the group" within 180 mounted "$other"
check "$owner is killed: its data is there" eval "on $other 'cat /srv/shared/log' | cmp - '$folder/before'"
check "$owner is killed: $other alone is registered" only_key "$other"
[ "$failed" = 0 ] || on "$other" 'crm_mon -1rf; tail -5 /run/out/pacemaker.log'
exit "$failed"
