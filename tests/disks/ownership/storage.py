# SPDX-License-Identifier: Apache-2.0
"""What breaks between a node and its disks: paths, sessions, the target. Acts on all LUNs of a node at once."""
import ctypes
import fcntl
import json
import os
import subprocess
import threading

SG_IO, SG_SCSI_RESET, RESET_DEVICE = 0x2285, 0x2284, 1
NO_TRANSFER, TO_DEVICE = -1, -2


def ports(transport, node, paths):
    """Initiator ports of a node, as `sgpr guard --initiator` takes them."""
    if transport == "iscsi":
        return [f"iqn.2026-01.org.clusbridge.lab:node{node}"]
    return [f"sas 60014050000{node}0a0{path}" for path in range(1, paths + 1)]


class Storage:
    """The lab's own functions (diskkit/guest/lib.sh), one call at a time."""

    def __init__(self):
        with open(os.environ["LAB_DISKS"], encoding="ascii") as f:
            disks = json.load(f)
        self.transport = disks["transport"]
        self.nodes = [i["initiator"] for i in disks["initiators"]]
        self.luns = [lun["wwid"] for lun in disks["initiators"][0]["luns"]]
        self.paths = len(disks["initiators"][0]["luns"][0]["paths"])
        self.failures = []
        self._lock = threading.Lock()

    def call(self, script, seconds=120):
        with self._lock:
            done = subprocess.run(["bash", "-c", '. "$LAB_LIB"; ' + script], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=seconds, check=False)
        if done.returncode:
            self.failures.append(f"{script}: {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.returncode == 0

    def ports_of(self, node):
        return ports(self.transport, node, self.paths)

    def down(self, node, path):
        return self.call(f"{self.transport}_path_down {node} {path}")

    def up(self, node, path):
        return self.call(f"{self.transport}_path_up {node} {path}")

    def freeze(self, node, path):
        return self.call(f"iscsi_path_freeze {node} {path}")

    def thaw(self, node, path):
        return self.call(f"iscsi_path_thaw {node} {path}")

    def stop_target(self):
        return self.call("lab_target_stop")

    def start_target(self, how):
        return self.call(f"lab_target_start {how}")

    def generics(self, wwid):
        """/dev/sgN of every path of all nodes to a LUN, by node and path as far as the lab's listing knows them."""
        found = []
        for name in sorted(os.listdir("/sys/class/scsi_disk")):
            folder = f"/sys/class/scsi_disk/{name}/device"
            try:
                with open(folder + "/wwid", encoding="ascii") as f:
                    if f.read().strip() == wwid:
                        found.append("/dev/" + os.listdir(folder + "/scsi_generic")[0])
            except (OSError, IndexError):
                pass
        return found

    def complete(self):
        """Whether every path of every node to every LUN has a block device."""
        disks = 0
        for name in os.listdir("/sys/class/scsi_disk"):
            try:
                disks += len(os.listdir(f"/sys/class/scsi_disk/{name}/device/block"))
            except OSError:
                pass
        return disks >= len(self.nodes) * len(self.luns) * self.paths


class _Header(ctypes.Structure):
    """sg_io_hdr of <scsi/sg.h>."""
    _fields_ = [("interface_id", ctypes.c_int), ("dxfer_direction", ctypes.c_int), ("cmd_len", ctypes.c_ubyte),
                ("mx_sb_len", ctypes.c_ubyte), ("iovec_count", ctypes.c_ushort), ("dxfer_len", ctypes.c_uint),
                ("dxferp", ctypes.c_void_p), ("cmdp", ctypes.c_void_p), ("sbp", ctypes.c_void_p),
                ("timeout", ctypes.c_uint), ("flags", ctypes.c_uint), ("pack_id", ctypes.c_int),
                ("usr_ptr", ctypes.c_void_p), ("status", ctypes.c_ubyte), ("masked_status", ctypes.c_ubyte),
                ("msg_status", ctypes.c_ubyte), ("sb_len_wr", ctypes.c_ubyte), ("host_status", ctypes.c_ushort),
                ("driver_status", ctypes.c_ushort), ("resid", ctypes.c_int), ("duration", ctypes.c_uint),
                ("info", ctypes.c_uint)]


def send(generic, cdb, data=b""):
    """One command to /dev/sgN; its SCSI status, or None."""
    command, sense = ctypes.create_string_buffer(bytes(cdb), len(cdb)), ctypes.create_string_buffer(64)
    payload = ctypes.create_string_buffer(bytes(data), max(len(data), 1))
    header = _Header(interface_id=ord("S"), dxfer_direction=TO_DEVICE if data else NO_TRANSFER, cmd_len=len(cdb),
                     mx_sb_len=64, dxfer_len=len(data), dxferp=ctypes.addressof(payload) if data else None,
                     cmdp=ctypes.addressof(command), sbp=ctypes.addressof(sense), timeout=5000)
    try:
        device = os.open(generic, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.ioctl(device, SG_IO, header)
        return header.status
    except OSError:
        return None
    finally:
        os.close(device)


def register(generic, key):
    """REGISTER AND IGNORE EXISTING KEY; key 0 unregisters."""
    data = bytes(8) + key.to_bytes(8, "big") + bytes(8)
    cdb = bytes([0x5f, 0x06, 0, 0, 0, 0, 0, 0, len(data), 0])
    if send(generic, cdb, data) == 0x02:  # a unit attention: once more
        send(generic, cdb, data)


def reset(generic):
    """LOGICAL UNIT RESET: every nexus has a unit attention afterwards."""
    try:
        device = os.open(generic, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.ioctl(device, SG_SCSI_RESET, ctypes.c_int(RESET_DEVICE))
    except OSError:
        pass
    finally:
        os.close(device)
