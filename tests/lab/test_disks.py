#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lab of shared LUNs itself: disks are there and shared, reservations bind, paths go and come back, guests see each
other, status and output pass through, nothing stays behind. Exits 77 where no guest can be had.

test_disks.py [--cluster]: with it, instead: two nodes with Pacemaker, killed, frozen and cut off by a driver.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
DISKS = os.path.join(HERE, "disks")
# A busy machine takes ten times as long as an idle one.
GUEST_SECONDS = 240
SKIPPED = 77

SINGLE = r"""
. "$LAB_LIB"
cp "$LAB_DISKS" "$LAB_OUT/disks.json"
lab_settle
one=$(lab_disk 1 2 1) two=$(lab_disk 2 2 2)
echo shared | dd of="$one" bs=512 conv=sync oflag=direct status=none
dd if="$two" bs=512 count=1 iflag=direct status=none | head -c 7
sg_persist -n -o -I -S 0xaa "$one"
sg_persist -n -o -R -K 0xaa -T 5 "$one" && echo reserved
sg_persist -n -o -I -S 0xbb "$two"
sg_persist -n -o -R -K 0xbb -T 5 "$two"; echo "conflict $?"
other=$(lab_disk 2 2 1)
dd if=/dev/zero of="$other" bs=512 count=1 oflag=direct 2>/dev/null || echo "unregistered path refused"
lab_path_down 1 2
echo "down $(lab_disk 1 2 2)"
lab_path_up 1 2
[ -b "$(lab_disk 1 2 2)" ] && echo up
lab_settle
sg_persist -n -o -G -K 0xaa -S 0xaa --param-aptpl "$one"
lab_target_restart keep
lab_settle
sg_persist -n -r "$(lab_disk 2 2)" | grep -o Key=0xaa
lab_target_restart lose
lab_settle
sg_persist -n -r "$(lab_disk 2 2)" | grep -o 'NO reservation'
echo "to the other stream" >&2
exit 33
"""

ISCSI = r"""
. "$LAB_LIB"
lab_settle
one=$(lab_disk 1 1) two=$(lab_disk 2 1)
sg_persist -n -o -I -S 0xaa "$one"
sg_persist -n -o -R -K 0xaa -T 5 "$one"
sg_persist -n -o -I -S 0xbb "$two"
sg_persist -n -o -A -K 0xbb -S 0xaa -T 5 "$two" && echo preempted
lab_path_down 2 1
lab_path_up 2 1
lab_settle
two=$(lab_disk 2 1)
sg_persist -n -o -I -S 0xcc "$two"
# A new login is another initiator port: the registration of the old one stays.
sg_persist -n -k "$two" | grep -o '0x[bc][bc]'
lab_settle
lab_path_freeze 1 1
timeout 2 sg_turs "$one"; echo "frozen $?"
lab_path_thaw 1 1
timeout 60 sg_turs "$(lab_disk 1 1)"; echo "thawed $?"
"""

TWO_GUESTS = r"""
. "$LAB_LIB"
disk=$(lab_disk "$LAB_NODE" 1)
lab_settle
if [ "$LAB_NODE" = 1 ]; then
    echo hello | dd of="$disk" bs=512 conv=sync oflag=direct status=none
    sg_persist -n -o -I -S 0xaa "$disk"
    sg_persist -n -o -R -K 0xaa -T 5 "$disk"
fi
lab_barrier written
lab_settle
if [ "$LAB_NODE" = 2 ]; then
    dd if="$disk" bs=512 count=1 iflag=direct status=none | head -c 6
    dd if=/dev/zero of="$disk" bs=512 count=1 oflag=direct 2>/dev/null || echo fenced
    exit 4
fi
"""

CLUSTER = r"""
set -eu
run() { "$LAB_CTL" run "$@"; }
seen() { # seen NODE PATTERN: what NODE's Pacemaker says, within a minute or so
    for _ in $(seq 150); do
        ! run "$1" crm_mon -1 | grep -qE "$2" || return 0
        sleep 0.4
    done
    run "$1" crm_mon -1
    return 1
}
settle() { run "$1" bash -c '. "$LAB_LIB"; lab_settle'; }
both='Online: \[ node1 node2 \]'
seen node1 "$both"
settle node1
run node1 bash -c 'sg_persist -n -o -I -S 0xaa $LAB_DISK_1_1'
"$LAB_CTL" kill node1
seen node2 'OFFLINE: \[ node1 \]'
settle node2
run node2 bash -c 'sg_persist -n -k $LAB_DISK_2_1' | grep -o 0xaa
echo "the target outlives a node"
"$LAB_CTL" boot node1
seen node2 "$both"
"$LAB_CTL" freeze node2
seen node1 'OFFLINE: \[ node2 \]'
set +e
run --timeout 2 node2 true 2>/dev/null
echo "frozen $?"
set -e
"$LAB_CTL" thaw node2
seen node1 "$both"
"$LAB_CTL" cut node1 node2
seen node1 'OFFLINE: \[ node2 \]'
seen node2 'OFFLINE: \[ node1 \]'
settle node2
echo "storage in spite of the cut"
"$LAB_CTL" heal
seen node1 "$both"
exit 5
"""


def disks(*arguments, seconds=GUEST_SECONDS):
    """(exit status, output, errors) of tests/lab/disks."""
    p = subprocess.run([DISKS, "--timeout", str(seconds), *arguments], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=seconds + 120)
    return p.returncode, p.stdout, p.stderr


class Ordinary(unittest.TestCase):
    def expect(self, result, status, output):
        self.assertEqual((result[0], result[1].splitlines()), (status, output), result[2])

    def test_one_guest(self):
        with tempfile.TemporaryDirectory() as out:
            result = disks("--luns", "2", "--paths", "2", "--out", out, "bash", "-c", SINGLE)
            self.expect(result, 33, ["shared", "reserved", "conflict 24", "unregistered path refused", "down -", "up",
                                     "Key=0xaa", "NO reservation"])
            self.assertIn("to the other stream", result[2])
            self.assertLessEqual({"stdout", "stderr", "console", "dmesg", "rc"}, set(os.listdir(out)))
            with open(os.path.join(out, "disks.json"), encoding="utf-8") as f:
                listed = json.load(f)
        by_lun = {}
        for initiator in listed["initiators"]:
            for lun in initiator["luns"]:
                by_lun.setdefault(lun["wwid"], []).extend(p["sd"] for p in lun["paths"])
        self.assertEqual(sorted(len(v) for v in by_lun.values()), [4, 4])
        self.assertEqual(len({disk for paths in by_lun.values() for disk in paths}), 8)

    def test_iscsi(self):
        self.expect(disks("--iscsi", "--luns", "1", "bash", "-c", ISCSI), 0,
                    ["preempted", "0xbb", "0xcc", "frozen 124", "thawed 0"])

    def test_two_guests(self):
        self.expect(disks("--nodes", "2", "--luns", "1", "--memory", "256", "bash", "-c", TWO_GUESTS), 4,
                    ["node2: hello", "node2: fenced"])

    def test_killed_lab_leaves_nothing(self):
        with subprocess.Popen([DISKS, "--luns", "1", "bash", "-c", "echo running; sleep 1000"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as lab:
            self.assertEqual(lab.stdout.readline(), b"running\n")
            guests = guests_of(lab.pid)
            self.assertTrue(guests)
            lab.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(group_lives(g) for g in guests) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse([g for g in guests if group_lives(g)])


class Cluster(unittest.TestCase):
    def test_nodes_are_killed_frozen_and_cut_off(self):
        result = disks("--nodes", "2", "--driver", "--cluster", "--luns", "1", "--memory", "512", "bash", "-c", CLUSTER,
                       seconds=900)
        self.assertEqual((result[0], result[1].splitlines()),
                         (5, ["0xaa", "the target outlives a node", "frozen 124", "storage in spite of the cut"]),
                         result[2])


def guests_of(lab):
    """Process groups of a lab's guests."""
    with open(f"/proc/{lab}/task/{lab}/children", encoding="ascii") as f:
        children = [int(pid) for pid in f.read().split()]
    return [pid for pid in children if "lab.share=" in command_line(pid)]


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def group_lives(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def main():
    cluster = "--cluster" in sys.argv
    if cluster and not all(os.access(f"/usr/sbin/{d}", os.X_OK) for d in ("corosync", "pacemakerd")):
        print("skipped: no corosync or Pacemaker here")
        return SKIPPED
    status, _, errors = disks("--luns", "1", "--initiators", "1", "true")
    if "no guest: " in errors:
        print(f"skipped: {errors.strip()}")
        return SKIPPED
    if status != 0:
        print(f"no guest comes up: {status}\n{errors}")
        return 1
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Cluster if cluster else Ordinary)
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
