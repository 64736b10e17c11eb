# SPDX-License-Identifier: Apache-2.0
"""Stamps on a shared disk, their writers, and the proof that there was one writer at a time.

Each tenure of a disk has an epoch, which only grows. Its writer puts stamps into the area of its node, which nobody
else writes, with O_DIRECT through each path that its guard calls usable. Before its first stamp it reads the areas of the
others, and again before each other one: whatever changes there was written by a former owner after the disk had a new one.
Each write is logged with the times before and after it (one clock: all nodes of a run are in one guest), so that a write
that began after a later owner had the disk, and succeeded, is found too.
"""
import errno
import mmap
import os
import signal
import struct
import threading
import time
import zlib

from guards import ask

FIRST, SECTOR, SLOTS = 1 << 20, 512, 8
AREA = SECTOR * SLOTS
NODES = 5  # 0 is nobody
FORMAT = "<8sIHIQ"
MAGIC = b"OWNSTAMP"
POLL, PAUSE = 0.4, 0.3


def make(epoch, node, seq):
    body = struct.pack(FORMAT, MAGIC, epoch, node, seq, time.monotonic_ns())
    return (body + struct.pack("<I", zlib.crc32(body))).ljust(SECTOR, b"\0")


def parse(raw):
    """(epoch, node, seq), or None."""
    size = struct.calcsize(FORMAT)
    body = raw[:size]
    magic, epoch, node, seq, _ = struct.unpack(FORMAT, body)
    good = magic == MAGIC and struct.unpack("<I", raw[size:size + 4])[0] == zlib.crc32(body)
    return (epoch, node, seq) if good else None


def disk_of(generic):
    """/dev/sdX of /dev/sgN, or None while it has none."""
    try:
        return "/dev/" + os.listdir(f"/sys/class/scsi_generic/{os.path.basename(generic)}/device/block")[0]
    except (OSError, IndexError):
        return None


def _whole(count, wanted):
    """A device that just went has no bytes."""
    if count != wanted:
        raise OSError(errno.EIO, "short")


class Device:
    """A path's block device, opened anew after each failure."""

    def __init__(self, name):
        self.name, self.fd = name, -1
        self.page = mmap.mmap(-1, NODES * AREA)

    def _open(self):
        if self.fd < 0:
            self.fd = os.open(self.name, os.O_RDWR | os.O_DIRECT | os.O_CLOEXEC)

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def write(self, node, seq, stamp):
        self._open()
        self.page[:SECTOR] = stamp
        place = FIRST + node * AREA + seq % SLOTS * SECTOR
        _whole(os.pwrite(self.fd, memoryview(self.page)[:SECTOR], place), SECTOR)

    def read_areas(self):
        self._open()
        _whole(os.preadv(self.fd, [self.page], FIRST), NODES * AREA)
        return [self.page[n * AREA:(n + 1) * AREA] for n in range(NODES)]


class Stamper:
    """A writer's process: stamps while its guard says owned; after SIGUSR1 whatever it says."""

    def __init__(self, epoch, node, guard, log):
        self.epoch, self.node, self.guard, self.log = epoch, node, guard, log
        self.until, self.usable, self.rude = 0.0, {}, False
        self.seq, self.lock, self.others = 0, threading.Lock(), None

    def _say(self, line):
        os.write(self.out, (line + "\n").encode())

    def _become_rude(self, *_):
        self.rude = True

    def run(self):
        signal.signal(signal.SIGUSR1, self._become_rude)
        self.out = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        while True:
            asked = time.monotonic()
            said = ask(self.guard, seconds=1.0)
            if said and said.get("state") == "owned":
                self.until = asked + said.get("owned_for_ms", 0) / 1000
                usable = {disk_of(p["name"]) for p in said.get("paths", []) if p["usable"]}
            elif not self.rude:
                self.until, usable = 0.0, set()
            else:
                usable = set(self.usable)
            self._use(usable - {None})
            time.sleep(POLL)

    def _use(self, names):
        """A thread a path, as a path that hangs holds up nothing else."""
        for name in list(self.usable):
            if name not in names:
                self.usable.pop(name).set()
        for name in names:
            if name not in self.usable:
                stop = self.usable[name] = threading.Event()
                threading.Thread(target=self._write_through, args=(name, stop), daemon=True).start()

    def _write_through(self, name, stop):
        device = Device(name)
        while not stop.wait(PAUSE):
            if self.rude or time.monotonic() < self.until:
                self._write_one(device)
        device.close()

    def _write_one(self, device):
        with self.lock:
            self.seq += 1
            seq = self.seq
        began = time.monotonic()
        try:
            self._look_at_others(device)
            if not self.rude and time.monotonic() >= self.until:
                return
            began = time.monotonic()
            device.write(self.node, seq, make(self.epoch, self.node, seq))
            how = "ok"
        except OSError as e:
            how = str(e.errno)
            device.close()
        self._say(f"w {self.epoch} {self.node} {device.name} {seq} {began:.3f} {time.monotonic():.3f} {how}")

    def _look_at_others(self, device):
        if self.rude:
            return  # it may well not be the owner any more
        areas = device.read_areas()
        if time.monotonic() >= self.until:
            return  # read too late to prove anything
        with self.lock:
            if self.others is None:
                self.others = areas
                self._say(f"s {self.epoch} {self.node} {time.monotonic():.3f}")
            for node in range(NODES):
                if node != self.node:
                    self._compare(node, areas[node])
            self.others = areas

    def _compare(self, node, area):
        """v: a former owner's stamp came after we were the owner; o: a later owner's, while our guard says that we are."""
        for i in range(0, AREA, SECTOR):
            if area[i:i + SECTOR] == self.others[node][i:i + SECTOR]:
                continue
            stamp = parse(area[i:i + SECTOR])
            what = "o" if stamp and stamp[0] > self.epoch else "v"
            self._say(f"{what} {self.epoch} {self.node} {time.monotonic():.3f} found {stamp} in the area of node {node}")


class Log:
    """What the writers of one LUN said, read in pieces."""

    def __init__(self, name):
        self.name, self.offset = name, 0
        self.landed = []    # (epoch, node, seq, began, ended), not yet judged against all later tenures
        self.refused = {}   # errno: count
        self.on_disk = []   # lines of former owners' late stamps
        self.overtaken = [] # lines of later owners' stamps that an owner met

    def read(self):
        try:
            with open(self.name, encoding="ascii", errors="replace") as f:
                f.seek(self.offset)
                text = f.read()
        except FileNotFoundError:
            return
        whole = text[:text.rfind("\n") + 1]
        self.offset += len(whole.encode())
        for line in whole.splitlines():
            words = line.split()
            if words[0] == "v":
                self.on_disk.append(line)
            elif words[0] == "o":
                self.overtaken.append(line)
            elif words[0] == "w" and words[7] == "ok":
                self.landed.append((int(words[1]), int(words[2]), int(words[4]), float(words[5]), float(words[6])))
            elif words[0] == "w":
                self.refused[words[7]] = self.refused.get(words[7], 0) + 1

    def last_of(self, epoch):
        """When its last successful write began; 0: there is none."""
        return max((began for e, _, _, began, _ in self.landed if e == epoch), default=0.0)


def violations(landed, tenures):
    """Successful writes that began when a later epoch had the disk already. tenures: epoch: when it owned at the latest."""
    found = []
    for epoch, node, seq, began, ended in landed:
        for later, owned_at in tenures.items():
            if later > epoch and began > owned_at:
                found.append(f"epoch {epoch} (node {node}) wrote stamp {seq} at {began:.3f} to {ended:.3f}, "
                             f"after epoch {later} owned at {owned_at:.3f}")
                break
    return found
