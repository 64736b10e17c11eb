#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# multipath.sh SGPR [ROUNDS]: an owner whose disk is a multipath map loses one of two paths under load and gets it back,
# the other path next, again and again; another node wants the disk meanwhile. Then the disk is taken by force. Run by
#   tests/lab/disks --iscsi --luns 1 --size 128 --initiators 2 --paths 2 $PWD/tests/disks/multipath/multipath.sh SGPR
# and without --iscsi. Initiator 1 owns, initiator 2 is the other node; both are in one kernel, so that each guard is told
# its kernel names.
set -u
sgpr=${1:?the sgpr command}
rounds=${2:-2}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$LAB_LIB"
failed=0
mount=/srv/shared
export WRITER_ACKS=$LAB_OUT/acks WRITER_PAUSE=0.005
writer=$here/../failover/writer

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

names_of() { # names_of INITIATOR: its kernel names now
    local each
    for each in $(eval "echo \$LAB_DISK_$1_1"); do
        [ "$each" = - ] || echo "${each#/dev/}"
    done
}

# The names that the owner's paths may get.
owner_paths() {
    local letter
    for letter in {a..z}; do
        grep -qx "sd$letter" <<<"$rival_names" || printf -- '--path=sd%s ' "$letter"
    done
}

guard() { # guard owner|rival VERB ARG...
    local who=$1 verb=$2
    shift 2
    # shellcheck disable=SC2046,SC2086 # words
    case $who in
    owner) "$sgpr" guard "$verb" "$LAB_WWID_1" $own_paths "$@" ;;
    rival) "$sgpr" guard "$verb" "$LAB_WWID_1" $(printf -- '--path=%s ' $rival_names) "$@" ;;
    esac
}
as_owner=(--node-id 1 --cluster-id abcdef --boot 1)
as_rival=(--node-id 2 --cluster-id abcdef --boot 1)

acks() { grep -vc '^#' "$WRITER_ACKS" 2>/dev/null || true; }

writes_on() { # within 45 s: a path that hangs keeps its I/O until the session is given up
    local before
    before=$(acks)
    lab_wait 45 eval "[ \$(acks) -gt $((before + 5)) ]"
}

registered_with() { # registered_with KEY: how many nexuses are
    grep -ic "key: 0x0*${1#0x}" /sys/kernel/config/target/core/*_1/disk1/pr/res_pr_registered_i_pts
}

registered() { registered_with abcdef0001; } # with the owner's key (node 1)

active_paths() { dmsetup status "$map" | grep -oE '[0-9]+:[0-9]+ A ' | wc -l; }

paths_in_map() { dmsetup table "$map" | grep -oE ' [0-9]+:[0-9]+ ' | wc -l; }

whole() { # after a path has come back: both are in the map, and registered
    [ "$(active_paths)" = 2 ] && [ "$(registered)" = 2 ]
}

# tcm_loop, whose disks stay: the kernel does not outlive that sd lets go of a path in use. Nobody is told when the path
# works again, but who asks it.
lab_path_cut() { echo offline >"$(loop_group "$1" "$2")/transport_status"; }
lab_path_mend() { echo online >"$(loop_group "$1" "$2")/transport_status"; }

lose_and_return() { # lose_and_return PATH HOW: HOW is down, freeze or cut
    local path=$1 back watch
    case $2 in
    down) back=up ;;
    freeze) back=thaw ;;
    cut) back=mend ;;
    esac
    rm -f /run/watching
    python3 "$here/path_watch.py" 150 "$(paste -sd, <<<"$rival_names")" /run/watching >/run/watched &
    watch=$!
    lab_wait 30 test -e /run/watching
    "lab_path_$2" 1 "$path"
    check "path $path $2: the writer goes on" writes_on
    guard rival start "${as_rival[@]}" --wait 20 2>/run/refused
    check "path $path $2: the other node is refused" test $? -eq 3
    check "path $path $2: the owner still has the disk" guard owner status
    kill -USR1 $watch
    sleep 0.2
    "lab_path_$back" 1 "$path"
    lab_wait 40 whole
    check "path $path $back: two paths, both registered (seen: $(active_paths) in the map, $(registered) registered)" whole
    check "path $path $back: the writer goes on" writes_on
    kill -TERM $watch
    wait $watch
    check "path $path $back: no path wrote before it was registered" test $? -eq 0
    sed 's/^/  /' /run/watched
}

records_are_there() { # FILE
    grep -v '^#' "$WRITER_ACKS" | sort -u >/run/acked
    sort -u "$1" >/run/written
    [ -s /run/acked ] && [ -z "$(comm -23 /run/acked /run/written)" ]
}

# The guard logs here.
python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
with open(os.environ["LAB_OUT"] + "/guard.log", "ab", 0) as f:
    while True:
        f.write(s.recv(4096) + b"\n")' &
logger=$!
lab_settle
rival_names=$(names_of 2)
own_paths=$(owner_paths)
map=/dev/mapper/3${LAB_WWID_1#naa.}
lab_multipath 1 || exit 125
lab_wait 20 eval '[ "$(active_paths)" = 2 ]'
# Named by its map, a disk is registered on every path; in one kernel these are the other initiator's too.
"$sgpr" register "$map" 0xa1 >/dev/null
check "sgpr registers every path of a map" test "$(registered_with 0xa1)" = 4
"$sgpr" unregister "$map" 0xa1 >/dev/null
check "sgpr unregisters every path of a map" test "$(registered_with 0xa1)" = 0
mkfs.ext4 -q "$map" || exit 125
blockdev --flushbufs "$map"
check "the owner gets the disk" guard owner start "${as_owner[@]}"
mkdir -p $mount && mount "$map" $mount
check "the writer starts" "$writer" start
check "the writer writes" writes_on
check "both paths are registered" whole

for ((round = 1; round <= rounds; round++)); do
    for path in 1 2; do
        if [ "$LAB_TRANSPORT" = iscsi ]; then
            lose_and_return "$path" down
            lose_and_return "$path" freeze # it keeps its nexus
        else
            lose_and_return "$path" cut
        fi
    done
done

echo "the disk is taken by force"
guard rival start "${as_rival[@]}" --peer 1=gone
check "the other node gets the disk" test $? -eq 0
check "the writer is stopped" lab_wait 6 grep -q '^#' "$WRITER_ACKS"
check "the owner's guard ends" lab_wait 15 eval 'guard owner status 2>/dev/null; [ $? = 7 ]'
check "the owner is not registered any more" test "$(registered)" = 0
umount $mount
rival=$(lab_disk 2 1)
blockdev --flushbufs "$rival"
mount "$rival" $mount
check "every acknowledged record ($(acks)) is on the disk" records_are_there $mount/records
umount $mount
guard rival stop "${as_rival[@]}"

echo "the guard is killed while a path is out of the map"
case $LAB_TRANSPORT in iscsi) lose=freeze back=thaw ;; *) lose=cut back=mend ;; esac
check "the owner gets the disk again" guard owner start "${as_owner[@]}"
"lab_path_$lose" 1 1
check "path 1 $lose: it is taken out of the map" lab_wait 20 eval '[ "$(paths_in_map)" = 1 ]'
# With its deadman, which would stop the host.
check "guard and deadman are killed" pkill -KILL -f ' guard start '
"lab_path_$back" 1 1
check "path 1 $back: nobody puts it back" test "$(paths_in_map)" = 1
check "the next guard gets the disk" guard owner start "${as_owner[@]}"
lab_wait 40 whole
check "the next guard puts path 1 back (seen: $(active_paths) in the map, $(registered) registered)" whole
kill $logger
exit "$failed"
