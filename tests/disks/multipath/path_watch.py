#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""path_watch.py SECONDS OTHERS READY: which came first on each path to the lab's first LUN, its registration or its writes.

Runs in the guest that has the target, beside the initiator that is watched. The target (LIO) says in configfs which nexus
is registered, the block layer how many writes a path has completed; both are read every few milliseconds. OTHERS: kernel
names, with commas, of paths that another initiator has. READY: a file that it makes once it watches. Ends after SECONDS,
or with SIGTERM, and prints a line a path:

    sdX ordered        seen registered, and without a write, before its first write
    sdX untold         both came between two looks
    sdX unregistered N N times it had written while it was not registered (first writes, or more than at the last look)
    sdX idle           it has written nothing

SIGUSR1, sent before a lost path returns: what unregistered paths did is forgotten, as writes that failed on the lost path
count as completed. Exit status 1 if a path wrote unregistered.
"""
import glob
import os
import re
import signal
import sys
import time

REGISTERED = glob.glob("/sys/kernel/config/target/core/*_1/disk1/pr/res_pr_registered_i_pts")
PAUSE = 0.004


def read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as f:
            return f.read().strip()
    except OSError:
        return ""


def disks():
    """(name, number): a name can be given to another disk, the number of its folder cannot."""
    for name in os.listdir("/sys/block"):
        if name.startswith("sd"):
            try:
                yield name, os.stat(f"/sys/block/{name}/.").st_ino
            except OSError:
                pass


def nexus_of(name):
    """The end of what the target calls the initiator port of a path."""
    where = os.path.realpath(f"/sys/block/{name}/device")
    session = re.search(r"/session(\d+)/", where)
    if session:  # open-iscsi's ISID: 00023Dh and the session's number
        return f",i,0x00023d{int(session.group(1)):06x}"
    address = re.search(r"/(\d+:\d+:\d+):\d+$", where)
    for group in glob.glob("/sys/kernel/config/target/loopback/naa.*/tpgt_1"):
        if address and read(group + "/address") == address.group(1):
            return read(group + "/nexus")
    return None


class Path:
    def __init__(self, name):
        self.name, self.nexus = name, nexus_of(name)
        self.writes, self.registered = 0, False
        self.bad, self.ordered = 0, False

    def count(self):
        """Writes it has completed; None: it is gone."""
        fields = read(f"/sys/block/{self.name}/stat").split()
        return int(fields[4]) if len(fields) > 4 else None

    def look(self, before, table):
        """`before` was counted before `table` was read from the target."""
        registered = self.nexus is not None and self.nexus.lower() in table
        # Unregistered now and at the last look, so that writes between the two were made without.
        if not registered and not self.registered and before > self.writes:
            self.bad += 1
        after = self.count()
        self.ordered = self.ordered or (registered and after == 0)
        self.writes, self.registered = before if after is None else after, registered

    def forgive(self):
        if not self.registered:
            self.bad = 0

    def verdict(self):
        if self.bad:
            return f"unregistered {self.bad}"
        if self.ordered:
            return "ordered"
        return "untold" if self.writes else "idle"


def main():
    wwid, others = os.environ["LAB_WWID_1"], sys.argv[2].split(",")
    end = time.monotonic() + float(sys.argv[1])
    stopped, returns = [], []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    signal.signal(signal.SIGUSR1, lambda *_: returns.append(True))
    with open(sys.argv[3], "w", encoding="ascii"):
        pass
    paths = {}
    while not stopped and time.monotonic() < end:
        if returns:
            returns.clear()
            for path in paths.values():
                path.forgive()
        here = {disk for disk in disks() if disk[0] not in others}
        for disk in here - set(paths):
            if read(f"/sys/block/{disk[0]}/device/wwid") == wwid:
                paths[disk] = Path(disk[0])
        watched = [paths[disk] for disk in here & set(paths)]
        counts = [path.count() for path in watched]
        table = read(REGISTERED[0]).lower()
        for path, before in zip(watched, counts):
            if before is not None:
                path.look(before, table)
        # What is decided soon is not to be missed.
        if all(path.registered and path.writes for path in watched):
            time.sleep(PAUSE)
    for path in paths.values():
        print(path.name, path.verdict(), flush=True)
    return 1 if any(p.bad for p in paths.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
