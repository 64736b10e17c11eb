#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two nodes with corosync and Pacemaker share a LUN of a third guest; a writer fails over while nodes break.

Guests are user-mode-linux; no privilege beyond what starts them. Without --fencing there is no stonith device:
stonith-enabled=false and no-quorum-policy=ignore, so that the reservation is the only protection. After each fault: the
disk is owned by one node, every acknowledged record is in the file, and who lost the disk acknowledges nothing after
another node's first record. With --fencing the nodes cut each other's power, and a dead owner's disk is had at once.

Usage: failover.py [--fencing] [--rounds N] SGPR [FAULT...]    SGPR: the built command, not below /tmp.
Faults: guard partition freeze death; all, in turns, N times.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
import zlib

from power import Power

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
MODULES = "/usr/lib/uml/modules"
SKIPPED = 77
DISK = "naa.60014051a2b3c015e1f4a6c8d2101234"  # what LIO makes of the serial number in target.sh

RESOURCES = """<resources><group id="files">
<meta_attributes id="files-m"><nvpair id="files-m-p" name="priority" value="10"/></meta_attributes>
<primitive id="disk" class="ocf" provider="clusbridge" type="disk">
 <instance_attributes id="disk-i"><nvpair id="disk-i-d" name="disk" value="DISK"/></instance_attributes>
 <operations><op id="disk-m" name="monitor" interval="5s" timeout="40s"/>
 <op id="disk-s" name="start" interval="0" timeout="90s"/><op id="disk-t" name="stop" interval="0" timeout="60s"/>
 </operations></primitive>
<primitive id="fs" class="ocf" provider="heartbeat" type="Filesystem">
 <instance_attributes id="fs-i"><nvpair id="fs-d" name="device" value="/dev/sda"/>
 <nvpair id="fs-p" name="directory" value="/srv/shared"/><nvpair id="fs-t" name="fstype" value="ext4"/>
 <nvpair id="fs-f" name="force_unmount" value="safe"/></instance_attributes>
 <operations><op id="fs-m" name="monitor" interval="5s" timeout="40s"/>
 <op id="fs-s" name="start" interval="0" timeout="60s"/><op id="fs-e" name="stop" interval="0" timeout="60s"/>
 </operations></primitive>
<primitive id="writer" class="ocf" provider="lab" type="writer">
 <operations><op id="w-m" name="monitor" interval="5s" timeout="40s"/></operations></primitive>
</group></resources>"""
FENCE_DEVICE = """<primitive id="power" class="stonith" type="fence_lab">
 <instance_attributes id="power-i"><nvpair id="power-l" name="pcmk_host_list" value="node1 node2"/>
 <nvpair id="power-c" name="pcmk_host_check" value="static-list"/></instance_attributes></primitive>"""
OPTIONS = {"dc-deadtime": "2s", "start-failure-is-fatal": "false", "cluster-recheck-interval": "60s"}
UNFENCED = {"stonith-enabled": "false", "no-quorum-policy": "ignore"}
# Of two nodes that want each other fenced the one with the role wins.
FENCED = {"stonith-enabled": "true", "priority-fencing-delay": "5s"}
AT_ONCE = 5.0  # seconds; a challenge takes seven


def say(text):
    print(f"{time.monotonic() - BEGIN:6.1f} {text}", flush=True)


def wait_for(what, seconds, ask):
    """The first true answer; the test fails if none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.5)
    raise AssertionError(f"not in {seconds} s: {what}")


class Guest:
    def __init__(self, name, number, folder, port):
        self.name, self.number, self.port = name, number, port
        self.share = os.path.join(folder, name)
        self.asked, self.process = 0, None
        self.earlier_acks = []

    def start(self):
        self.earlier_acks = self.acks()
        shutil.rmtree(self.share, ignore_errors=True)
        os.makedirs(self.share)
        shutil.copy(os.path.join(HERE, "init.sh"), os.path.join(self.share, "init.sh"))
        with open(os.path.join(self.share, "name"), "w", encoding="ascii") as f:
            f.write(self.name)
        nets = [f"eth{i}=mcast,52:54:00:0a:0{i}:0{self.number},239.192.168.{10 + i},{self.port + i},0" for i in (0, 1)]
        with open(os.path.join(self.share, "console"), "wb") as console:
            self.process = subprocess.Popen(
                ["linux.uml", "mem=320M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
                 f"init={self.share}/init.sh", "con=null", "con0=fd:0,fd:1", f"fo.share={self.share}",
                 f"fo.modules={MODULES}", *nets],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        self.asked = 0

    def ask(self, script, seconds=60, check=False):
        """Runs a shell script in the guest: (status, output); (None, "") if it does not answer."""
        self.asked += 1
        file = os.path.join(self.share, f"in.{self.asked}")
        with open(file + ".new", "w", encoding="utf-8") as f:
            f.write(script)
        os.rename(file + ".new", file)
        end, answer = time.monotonic() + seconds, os.path.join(self.share, f"rc.{self.asked}")
        while time.monotonic() < end and not os.path.exists(answer):
            time.sleep(0.1)
        if not os.path.exists(answer):
            assert not check, f"{self.name} does not answer: {script[:200]}"
            return None, ""
        with open(answer, encoding="ascii") as f:
            status = int(f.read())
        with open(os.path.join(self.share, f"out.{self.asked}"), encoding="utf-8", errors="replace") as f:
            output = f.read()
        assert not check or status == 0, f"{self.name}: {script[:200]}: {status}\n{output}"
        return status, output

    def signal(self, number):
        os.kill(self.process.pid, number)

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.runs():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def acks(self):
        try:
            with open(os.path.join(self.share, "acks"), encoding="ascii") as f:
                return self.earlier_acks + [line for line in f.read().splitlines() if line]
        except FileNotFoundError:
            return list(self.earlier_acks)


def make_cib(disk, fencing):
    empty = subprocess.run(["cibadmin", "--empty"], check=True, capture_output=True, text=True).stdout
    cib = ET.fromstring(empty)
    cib.set("admin_epoch", "1")
    config = cib.find("configuration")
    config.remove(config.find("resources"))
    config.insert(2, ET.fromstring(RESOURCES.replace("DISK", disk)))
    options = ET.SubElement(config.find("crm_config"), "cluster_property_set", id="options")
    if fencing:
        config.find("resources").append(ET.fromstring(FENCE_DEVICE))
    for name, value in (OPTIONS | (FENCED if fencing else UNFENCED)).items():
        ET.SubElement(options, "nvpair", id=f"o-{name}", name=name, value=value)
    for i in (1, 2):
        ET.SubElement(config.find("nodes"), "node", id=str(i), uname=f"node{i}")
    return ET.tostring(cib, encoding="unicode")


class Cluster:
    def __init__(self, folder, sgpr, fencing):
        port = 20000 + os.getpid() % 20000
        self.sgpr, self.fencing = sgpr, fencing
        self.target = Guest("target", 9, folder, port)
        self.nodes = [Guest(f"node{i}", i, folder, port) for i in (1, 2)]
        self.power = Power(self.nodes, say)

    def script(self, name):
        with open(os.path.join(HERE, name), encoding="utf-8") as f:
            return f.read()

    def up(self, guest):
        wait_for(f"{guest.name} is up", 90, lambda: os.path.exists(os.path.join(guest.share, "up")))

    def start(self):
        for guest in (self.target, *self.nodes):
            guest.start()
        for guest in (self.target, *self.nodes):
            self.up(guest)
        say("guests are up")
        self.target.ask(self.script("target.sh"), 60, check=True)
        for node in self.nodes:
            self.join(node, mkfs=node is self.nodes[0])
        self.power.start()
        say("nodes are started; disk " + self.nodes[0].ask("cat /sys/block/sda/device/wwid", 30)[1].strip())

    def join(self, node, mkfs=False):
        """Storage, corosync and Pacemaker on a guest that has just booted."""
        with open(os.path.join(node.share, "cib.xml"), "w", encoding="utf-8") as f:
            f.write(make_cib(DISK, self.fencing))
        node.ask(f"NUMBER={node.number} SOURCE={SOURCE} SGPR={self.sgpr} MKFS={int(mkfs)} "
                 f"WAIT_FOR_ALL={int(self.fencing)}\n" + self.script("node.sh"), 120, check=True)

    def reboot(self, node):
        """After a death. What the node knew is lost, as on a machine that was installed anew."""
        node.start()
        self.up(node)
        self.join(node)
        self.meet()
        say(f"{node.name} is back")

    def all_run(self):
        """Boots whom the fault, or the other node because of it, has killed."""
        for node in self.nodes:
            if not node.runs():
                self.reboot(node)

    def meet(self):
        """Until both nodes see each other."""
        for node in self.nodes:
            wait_for(f"{node.name} sees both nodes", 180,
                     lambda n=node: "[ node1 node2 ]" in n.ask("crm_mon -1 | grep Online", 30)[1])

    def stop(self):
        if self.power.is_alive():
            self.power.stop()
        for guest in (*self.nodes, self.target):
            guest.kill()

    def mounted(self, node):
        return node.ask("grep -q ' /srv/shared ext4' /proc/mounts", 30)[0] == 0

    def writing(self, among=None):
        """The node that acknowledges records just now."""
        before = {n.name: len(n.acks()) for n in self.nodes}
        time.sleep(1.5)
        busy = [n for n in (among or self.nodes) if len(n.acks()) > before[n.name] + 1]
        assert len(busy) < 2, "two nodes write"
        return busy[0] if busy else None

    def start_took(self, node):
        """Seconds of the disk's last start on a node."""
        status = ET.fromstring(node.ask("cibadmin --query --scope status", 30, check=True)[1])
        act = status.find(f"node_state[@uname='{node.name}']//lrm_rsc_op[@id='disk_last_0']")
        assert act is not None and act.get("operation") == "start", "the disk was not started last"
        return int(act.get("exec-time")) / 1000

    def other(self, node):
        return next(n for n in self.nodes if n is not node)

    def check(self, node):
        """Every acknowledged record is on the disk, whole, and no number was given twice."""
        lines = node.ask("cat /srv/shared/records", 60, check=True)[1].splitlines()
        for line in lines:
            body, _, crc = line.rpartition(" ")
            assert f"{zlib.crc32(body.encode()):08x}" == crc, f"torn record: {line!r}"
        numbers = [int(line.split()[1]) for line in lines]
        assert numbers == list(range(1, len(numbers) + 1)), "numbers are missing or double"
        have = set(lines)
        acked = [a for n in self.nodes for a in n.acks() if not a.startswith("#")]
        assert acked, "nothing was acknowledged"
        lost = [a for a in acked if a not in have]
        # Those of just now may have been acknowledged after the file was read.
        lost = [a for a in lost if int(a.split()[1]) <= numbers[-1]]
        assert not lost, f"acknowledged and lost: {lost[:5]}"
        say(f"{node.name} writes; {len(acked)} acknowledged records are all there")

    def settle(self, what):
        node = wait_for(f"a node writes after {what}", 300, self.writing)
        self.check(node)
        return node


def guard(cluster):
    node = cluster.settle("nothing")
    node.ask("kill -9 $(ps -eo pid,args | awk '/[s]gpr guard start/ { print $1; exit }')", 30, check=True)
    say(f"guard of {node.name} killed")
    began = time.monotonic()
    wait_for("the old mount stops", 60, lambda: cluster.writing() is None)
    cluster.settle("the guard's death")
    return time.monotonic() - began


def partition(cluster):
    node = cluster.settle("nothing")
    other = cluster.other(node)
    other.ask("ip link set eth0 down", 30, check=True)
    say("cluster link cut")
    wait_for("the other node tries", 120, lambda: "disk" in other.ask("crm_mon -1 | grep -iE 'disk[_ ]start'", 30)[1])
    assert not cluster.mounted(other), "the disk is mounted on both sides"
    assert cluster.writing() is node, "the live owner stopped"
    other.ask("ip link set eth0 up", 30, check=True)
    began = time.monotonic()
    cluster.meet()
    node.ask("crm_resource --cleanup", 60)
    cluster.settle("the partition")
    return time.monotonic() - began


def freeze(cluster):
    node = cluster.settle("nothing")
    other = cluster.other(node)
    node.signal(signal.SIGSTOP)
    say(f"{node.name} frozen")
    began = time.monotonic()
    try:
        wait_for("the other node writes", 300, lambda: cluster.writing([other]) is other)
        taken = time.monotonic() - began
        cluster.check(other)
        frozen_at = len(node.acks())
    finally:
        node.signal(signal.SIGCONT)
    say(f"{node.name} goes on")
    time.sleep(5)
    late = [a for a in node.acks()[frozen_at:] if not a.startswith("#")]
    assert not late, f"the former owner wrote: {late[:3]}"
    status, text = node.ask("touch /srv/shared/late && sync -f /srv/shared/late; "
                            "grep /srv/shared /proc/mounts; dmesg | tail -5; true", 60)
    say(f"the former owner (status {status}):\n{text}")
    assert not other.ask("ls /srv/shared/late 2>/dev/null", 30)[1], "the former owner's file is on the disk"
    cluster.settle("the freeze")
    cluster.meet()
    return taken


def death(cluster):
    node = cluster.settle("nothing")
    node.kill()
    say(f"{node.name} killed")
    began = time.monotonic()
    assert cluster.settle("the node's death") is not node
    return time.monotonic() - began


def fenced(cluster, node):
    """After the owner was broken: it is fenced, and the other node has the disk at once."""
    other = cluster.other(node)
    began = time.monotonic()
    wait_for("the other node writes", 120, lambda: cluster.writing([other]) is other)
    taken = time.monotonic() - began
    assert not node.runs(), f"{node.name} was not fenced"
    took = cluster.start_took(other)
    say(f"the disk was started in {took:.1f} s")
    assert took < AT_ONCE, "the owner was challenged though it was fenced"
    cluster.check(other)
    return taken


def fenced_freeze(cluster):
    node = cluster.settle("nothing")
    node.signal(signal.SIGSTOP)
    say(f"{node.name} frozen")
    return fenced(cluster, node)


def fenced_death(cluster):
    node = cluster.settle("nothing")
    node.kill()
    say(f"{node.name} killed")
    return fenced(cluster, node)


def fenced_partition(cluster):
    node = cluster.settle("nothing")
    other = cluster.other(node)
    other.ask("ip link set eth0 down", 30, check=True)
    say("cluster link cut")
    began = time.monotonic()
    wait_for("the node without the role is fenced", 60, lambda: not other.runs())
    taken = time.monotonic() - began
    assert cluster.writing() is node, "the live owner stopped"
    cluster.check(node)
    return taken


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--fencing", action="store_true", help="stonith, by the power of the guests")
    p.add_argument("--rounds", type=int, default=1, metavar="N", help="of each fault, 1 to 1000")
    p.add_argument("sgpr", metavar="SGPR")
    p.add_argument("faults", nargs="*", choices=[[], *FAULTS], metavar="FAULT")
    args = p.parse_args()
    if not 1 <= args.rounds <= 1000:
        p.error("--rounds: 1 to 1000")
    return args


def break_things(cluster, rounds, faults):
    """Each fault in turn, so often; then how long the role took to write again."""
    taken = {fault: [] for fault in faults}
    for number in range(1, rounds + 1):
        for fault in faults:
            say(f"== round {number} of {rounds}: {fault}")
            taken[fault].append((FENCED_FAULTS if cluster.fencing else FAULTS)[fault](cluster))
            cluster.all_run()
    for fault, seconds in taken.items():
        say(f"{fault}: passed {len(seconds)} times; a node wrote again after {min(seconds):.1f} to {max(seconds):.1f} s")


def tell_of(cluster):
    """What the nodes that are up say of a failure."""
    for node in filter(Guest.runs, cluster.nodes):
        print(node.name, node.ask("crm_mon -1rf | tail -30; ps -eo pid,args | grep '[s]gpr guard'; "
                                  "grep /srv/shared /proc/mounts; dmesg | tail -5", 20)[1])
        print("\n".join(node.acks()[-3:]))


def main():
    args = parse()
    if os.geteuid() != 0 or not all(shutil.which(p) for p in ("linux.uml", "corosync", "pacemakerd", "iscsid")):
        print("failover: needs root, user-mode-linux, corosync, pacemaker and open-iscsi")
        return SKIPPED
    folder = tempfile.mkdtemp(prefix="clusbridge-failover-")
    cluster = Cluster(folder, os.path.abspath(args.sgpr), args.fencing)
    try:
        cluster.start()
        break_things(cluster, args.rounds, args.faults or list(FAULTS))
        say("passed")
        return 0
    except AssertionError as e:
        say(f"FAILED: {e}")
        tell_of(cluster)
        return 1
    finally:
        cluster.stop()
        if os.environ.get("FAILOVER_KEEP"):
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


FAULTS = {"guard": guard, "partition": partition, "freeze": freeze, "death": death}
FENCED_FAULTS = {"guard": guard, "partition": fenced_partition, "freeze": fenced_freeze, "death": fenced_death}
BEGIN = time.monotonic()
if __name__ == "__main__":
    sys.exit(main())
