#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every control code about disks, asked of the demo cluster; the lists are parsed here and compared with its disks.

The demo's disks are bridge/daemon/demo/disks.json: one is the resource "File Server Disk", one is available, one cannot
be clustered. Arguments as for impacket_rpc.py.
"""

import json
import pathlib
import struct
import sys
import uuid

from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket_rpc import Session, ask, expect, limited_time, parse_arguments, raw_call

DEMO = pathlib.Path(__file__).resolve().parents[2] / "bridge/daemon/demo/disks.json"
ONE_CHECK_S = 60
ROOM = 1 << 16
INVALID_FUNCTION, FILE_NOT_FOUND, PATH_NOT_FOUND, INVALID_DATA, WRONG_DISK = 1, 2, 3, 13, 34
CALL_NOT_IMPLEMENTED, MORE_DATA, NOT_SHARED_VOLUME, INVALID_REQUEST = 120, 234, 0x1739, 0x13B8
TYPE_NOT_FOR_THIS = 0x13D7
SIGNATURE, ADDRESS, NUMBER, PARTITION = 0x50002, 0x60002, 0x70002, 0x80001
GUID, SIZE, PARTITION_EX, END = 0xB0003, 0xC0006, 0xD0001, 0
DISK, ADDRESS_RESOURCE, TYPE = "File Server Disk", "File Server IP Address", "Physical Disk"


def wide(text):
    return (text + "\0").encode("utf-16-le")


def string(text):
    body = struct.pack("<III", len(text) + 1, 0, len(text) + 1) + wide(text)
    return body + b"\0" * (-len(body) % 4)


def field(data):
    """Text of a field of fixed size."""
    return data.decode("utf-16-le").split("\0", 1)[0]


def values_of(data):
    """[(syntax, bytes)] up to the end mark, which has to be the last thing."""
    at, found = 0, []
    while True:
        syntax, = struct.unpack_from("<I", data, at)
        if syntax == END:
            expect(at + 4 == len(data), f"{len(data) - at - 4} bytes behind the end mark")
            return found
        size, = struct.unpack_from("<I", data, at + 4)
        found.append((syntax, data[at + 8:at + 8 + size]))
        expect(len(found[-1][1]) == size, "a value reaches past the end")
        padding = data[at + 8 + size:at + 8 + size + -size % 4]
        expect(not any(padding), "padding that is not zero")
        at += 8 + size + -size % 4


def disks_in(values):
    """The values of each disk: a signature or GUID begins one."""
    disks = []
    for syntax, data in values:
        if syntax in (SIGNATURE, GUID):
            disks.append([])
        disks[-1].append((syntax, data))
    return disks


def partition_of(data, extended):
    expect(len(data) == (1160 if extended else 1120), f"{len(data)} bytes of partition")
    found = {"flags": struct.unpack_from("<I", data)[0], "device": field(data[4:524]), "label": field(data[524:1044]),
             "file_system": field(data[1056:1120])}
    found["serial"], found["longest"], found["fs_flags"] = struct.unpack_from("<III", data, 1044)
    if extended:
        found["bytes"], found["free"], found["disk"], found["number"] = struct.unpack_from("<QQII", data, 1120)
        found["guid"] = str(uuid.UUID(bytes_le=data[1144:1160]))
    return found


def disk_of(values, extended):
    """What a disk's values say, and that they are those which the code has."""
    found, partition = {"partitions": []}, PARTITION_EX if extended else PARTITION
    for syntax, data in values:
        if syntax == SIGNATURE:
            found["signature"], = struct.unpack("<I", data)
        elif syntax == GUID:
            found["guid"] = data.decode("utf-16-le").rstrip("\0")
        elif syntax == ADDRESS:
            found["address"] = ":".join(str(byte) for byte in data)
        elif syntax == NUMBER:
            found["number"], = struct.unpack("<I", data)
        elif syntax == SIZE and extended:
            found["bytes"], = struct.unpack("<Q", data)
        elif syntax == partition:
            found["partitions"].append(partition_of(data, extended))
        else:
            raise AssertionError(f"a value of syntax {syntax:#x}")
    return found


class Cluster:
    def __init__(self, dce):
        self.dce = dce
        self.handle = raw_call(dce, 0, b"")[-20:]
        self.resources = {name: self.open(8, name) for name in (DISK, ADDRESS_RESOURCE)}
        nodes = [entry["Name"][:-1] for entry in ask(dce, "ApiCreateEnum", Type=1)["List"]["Entry"]]
        self.nodes = [self.open(66, name) for name in nodes]

    def open(self, opnum, name):
        answer = raw_call(self.dce, opnum, string(name))
        expect(struct.unpack_from("<I", answer) == (0,), f"cannot open {name}")
        return answer[-20:]

    def control(self, opnum, target, code, given=b"", room=ROOM):
        """(result, output, size needed)"""
        stub = target + struct.pack("<I", code)
        if given:
            stub += struct.pack("<II", 0x20000, len(given)) + given + b"\0" * (-len(given) % 4)
        else:
            stub += struct.pack("<I", 0)
        answer = raw_call(self.dce, opnum, stub + struct.pack("<II", len(given), room))
        size, = struct.unpack_from("<I", answer, 8)
        returned, needed, _, result = struct.unpack("<IIII", answer[-16:])
        expect(returned == size, f"{size} bytes, told are {returned}")
        return result, answer[12:12 + size], needed

    def resource(self, code, given=b"", name=DISK, room=ROOM):
        return self.control(73, self.resources[name], code, given, room)

    def resource_on(self, node, code, given=b""):
        return self.control(72, self.resources[DISK] + node, code, given)

    def type(self, code, given=b"", name=TYPE, room=ROOM):
        return self.control(75, self.handle + string(name), code, given, room)

    def type_on(self, node, code, given=b""):
        return self.control(74, self.handle + string(TYPE) + node, code, given)


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def known(index):
    return json.loads(DEMO.read_text())["disks"][index]


@check
def disk_information_of_a_resource(cluster):
    truth = known(0)
    for code, extended in ((0x01000191, False), (0x010001F1, True)):
        result, data, needed = cluster.resource(code)
        expect(result == 0 and needed == len(data), f"{code:#x}: {result}")
        found = disk_of(values_of(data), extended)
        expect(found["guid"] == "{" + truth["guid"] + "}", found["guid"])
        expect(found["address"] == truth["scsi_address"], found["address"])
        expect(found["number"] == 0, found["number"])
        partition, volume = found["partitions"][0], truth["volumes"][0]
        expect(partition["file_system"] == "ext4" and partition["label"] == volume["label"], partition)
        expect(partition["serial"] == volume["serial"] and partition["flags"] == 4, partition)
        if not extended:
            expect(partition["device"] == "Disk0Partition1", partition["device"])
            continue
        expect(found["bytes"] == truth["bytes"], found)
        expect(partition["device"] == "\\\\?\\Volume{" + volume["guid"] + "}", partition["device"])
        expect((partition["bytes"], partition["free"]) == (volume["bytes"], volume["free_bytes"]), partition)
        expect((partition["guid"], partition["number"]) == (volume["guid"], 1), partition)


@check
def disk_information_on_a_node(cluster):
    own = cluster.resource(0x010001F1)
    for node in cluster.nodes:
        expect(cluster.resource_on(node, 0x010001F1) == own, "another answer there")


@check
def a_buffer_that_is_too_small(cluster):
    for ask_for, code in ((cluster.resource, 0x01000191), (cluster.type, 0x020001F5)):
        whole = ask_for(code)
        result, data, needed = ask_for(code, room=len(whole[1]) - 1)
        expect((result, data, needed) == (MORE_DATA, b"", len(whole[1])), f"{result}, {needed} needed")
        expect(ask_for(code, room=needed) == whole, "the size that is needed does not do")


@check
def mount_points_and_paths(cluster):
    result, data, _ = cluster.resource(0x01000211, struct.pack("<I", 1))
    expect((result, data) == (0, wide("/srv/files") + b"\0\0"), data)
    expect(cluster.resource(0x01000211, struct.pack("<I", 9))[0] == FILE_NOT_FOUND, "partition 9")
    expect(cluster.resource(0x01000211)[0] == INVALID_DATA, "no partition number")
    expect(cluster.resource(0x01000199, wide("/srv/files/a"))[:2] == (0, b""), "a path on the disk")
    expect(cluster.resource(0x01000199, wide("/etc"))[0] == PATH_NOT_FOUND, "a path elsewhere")


@check
def damaged_volumes_and_maintenance(cluster):
    expect(cluster.resource(0x01000219)[:2] == (0, b""), "damaged volumes")
    expect(cluster.resource(0x010001E1, room=4)[:2] == (0, struct.pack("<I", 0)), "maintenance")
    result, data, _ = cluster.resource(0x010001E1)
    expect(result == 0 and len(data) == 16 and struct.unpack("<IIII", data)[3] == 0xABBAF00F, "extended maintenance")


@check
def available_disks(cluster):
    truth = known(1)
    for code, extended in ((0x02000195, False), (0x020001F5, True)):
        result, data, _ = cluster.type(code)
        disks = [disk_of(values, extended) for values in disks_in(values_of(data))]
        expect(result == 0 and len(disks) == 1, f"{code:#x}: {result}, {len(disks)} disks")
        expect(disks[0]["signature"] == truth["signature"] and disks[0]["number"] == 1, disks[0])
        expect(disks[0]["partitions"][0]["file_system"] == "xfs", disks[0])
        expect(cluster.type_on(cluster.nodes[-1], code)[1] == data, "another list on a node")


@check
def letters_and_arbitration(cluster):
    expect(cluster.type(0x020001ED)[:2] == (0, struct.pack("<I", 0x03FFFFFF)), "drive letters")
    expect(cluster.type(0x02000015)[:2] == (0, struct.pack("<I", 60)), "arbitration timeout")


@check
def identity_by_path(cluster):
    guid = uuid.UUID(known(0)["guid"]).bytes_le
    expect(cluster.type(0x02000205, wide("/srv/files"))[:2] == (0, struct.pack("<I", 2) + guid), "disk of /srv/files")
    expect(cluster.type(0x02000205, wide("/srv/other"))[0] == PATH_NOT_FOUND, "disk of no path")


@check
def what_can_be_clustered(cluster):
    spare = struct.pack("<II", 1, known(1)["signature"])
    taken = struct.pack("<I", 2) + uuid.UUID(known(0)["guid"]).bytes_le
    expect(cluster.type(0x02000209, spare)[:2] == (0, b""), "the spare disk")
    for key in (taken, struct.pack("<II", 1, 4711), struct.pack("<II", 0x1388, 0)):
        expect(cluster.type(0x02000209, key)[0] == WRONG_DISK, key)
    expect(cluster.type(0x02000209, b"\1\0\0\0")[0] == INVALID_DATA, "half an identity")


@check
def nothing_is_a_shared_volume(cluster):
    for code in (0x01000225, 0x0140028A, 0x0140028E, 0x01400296, 0x0140029A):
        expect(cluster.resource(code)[0] == INVALID_FUNCTION, f"{code:#x}")
    expect(cluster.type(0x01000229, wide("/srv/files"))[0] == NOT_SHARED_VOLUME, "IS_CSV_FILE")
    expect(cluster.control(106, cluster.handle, 0x07000291, wide("/srv/files"))[0] == NOT_SHARED_VOLUME, "volume id")
    for name, state, code in ((DISK, 1, INVALID_REQUEST), (DISK, 0, INVALID_REQUEST),
                              (ADDRESS_RESOURCE, 1, TYPE_NOT_FOR_THIS)):
        answer = raw_call(cluster.dce, 123, cluster.resources[name] + struct.pack("<I", state))
        expect(struct.unpack("<I", answer[-4:]) == (code,), f"ApiChangeCsvState {name} {state}")


@check
def other_classes_and_changes(cluster):
    for code in (0x01000191, 0x010001F1, 0x01000199, 0x01000211, 0x01000219, 0x010001E1):
        expect(cluster.resource(code, name=ADDRESS_RESOURCE)[0] == INVALID_FUNCTION, f"{code:#x} of an address")
    for code in (0x02000195, 0x020001ED, 0x020001F5, 0x02000205, 0x02000209):
        expect(cluster.type(code, name="IP Address")[0] == INVALID_FUNCTION, f"{code:#x} of a type of address")
    for code in (0x014001E6, 0x014001EA):
        expect(cluster.resource(code)[0] == CALL_NOT_IMPLEMENTED, f"{code:#x}")
    for code in (0x02000201, 0x0240020E):
        expect(cluster.type(code)[0] == CALL_NOT_IMPLEMENTED, f"{code:#x}")


def main():
    options = parse_arguments()
    passed = failed = 0
    with Session(options) as session:
        cluster = Cluster(session.bind())
        for function in CHECKS:
            if options.only not in function.__name__:
                continue
            try:
                with limited_time(ONE_CHECK_S):
                    function(cluster)
            except (AssertionError, DCERPCException, struct.error, TimeoutError) as error:
                failed += 1
                print(f"FAILED  {function.__name__}: {error}")
            else:
                passed += 1
                print(f"ok      {function.__name__}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
