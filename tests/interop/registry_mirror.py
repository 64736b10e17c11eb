#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Properties and registry values of the same objects, read both ways and compared: one datum, one home.

For the cluster and for every node, resource type, resource, group, network and interface: what
GET_[RO_]COMMON_PROPERTIES says is what the object's key holds, what GET_[RO_]PRIVATE_PROPERTIES says is what its
Parameters hold, to the byte (an interface names its node and network there by their ids); names by which the key knows
an object are those of the calls. A value of nobody's that is
stored in Parameters is an unknown property there until it is deleted, and a property's value is not stored beside it.
Arguments as for impacket_rpc.py; the account has to be an administrator's.
"""

import struct
import sys

from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket_rpc import Session, ask, expect, limited_time, parse_arguments, raw_call

ONE_OBJECT_S = 60
ROOM = 1 << 16
KEY_ALL_ACCESS = 0xF003F
ERROR_FILE_NOT_FOUND, ERROR_NO_MORE_ITEMS, ERROR_MORE_DATA, ERROR_CALL_NOT_IMPLEMENTED = 2, 259, 234, 120
# What follows the object's code in the top byte of a control code (MS-CMRP 2.2.1).
COMMON, PRIVATE = (0x55, 0x59), (0x7D, 0x81)
UNKNOWN_NAME = "MirrorOfNobody"
# CLUSTER_PROPERTY_FORMAT to registry type; a word is a double word there. What is not listed is binary.
TYPES = {2: 4, 7: 4, 11: 4, 3: 1, 4: 2, 8: 2, 5: 7, 6: 11, 10: 11, 12: 11}
WORD = 11


class Kind:
    """Opnums and codes of a type of object; `flag` is that of ApiCreateEnum."""

    def __init__(self, name, flag, key, opened, identified, control, code):
        self.name, self.flag, self.key = name, flag, key
        self.opened, self.identified, self.control, self.code = opened, identified, control, code << 24


KINDS = (Kind("node", 1, "Nodes", 66, 48, 79, 4), Kind("resource type", 2, "ResourceTypes", None, None, 75, 2),
         Kind("resource", 4, "Resources", 8, 14, 73, 1), Kind("group", 8, "Groups", 41, 47, 77, 3),
         Kind("network", 0x10, "Networks", 81, 86, 89, 5), Kind("interface", 0x20, "NetworkInterfaces", 92, 96, 98, 6))
CLUSTER = Kind("cluster", None, "", 0, None, 106, 7)


def text(string):
    units = len(string) + 1
    body = struct.pack("<III", units, 0, units) + (string + "\0").encode("utf-16-le")
    return body + b"\0" * (-len(body) % 4)


def text_at(answer, at):
    """A [string] of an answer and the place behind it."""
    units, = struct.unpack_from("<I", answer, at + 8)
    end = at + 12 + 2 * units
    return answer[at + 12:end].decode("utf-16-le").rstrip("\0"), end + -end % 4


def properties_of(data):
    """{name: (format, bytes)} of a PROPERTY_LIST (2.2.3.10)."""
    count, = struct.unpack_from("<I", data)
    at, found = 4, {}
    for _ in range(count):
        syntax, size = struct.unpack_from("<II", data, at)
        expect(syntax == 0x00040003, f"no name but {syntax:#x} at {at}")
        name = data[at + 8:at + 8 + size].decode("utf-16-le").rstrip("\0")
        at += 8 + size + -size % 4
        syntax, size = struct.unpack_from("<II", data, at)
        expect(name not in found, f"{name} twice")
        found[name] = (syntax & 0xFFFF, data[at + 8:at + 8 + size])
        at += 8 + size + -size % 4
        expect(struct.unpack_from("<I", data, at) == (0,), f"no end mark behind {name}")
        at += 4
    return found


class Registry:
    """Keys and values, packed here: an error in our IDL must not repeat itself on this side."""

    def __init__(self, dce):
        self.dce = dce
        status, _, self.root = struct.unpack("<II20s", raw_call(dce, 28, struct.pack("<I", KEY_ALL_ACCESS)))
        expect(status == 0, f"ApiGetRootKey: {status}")

    def open(self, path):
        """None: there is no such key."""
        stub = self.root + text(path) + struct.pack("<I", KEY_ALL_ACCESS)
        status, _, handle = struct.unpack("<II20s", raw_call(self.dce, 30, stub))
        expect(status in (0, ERROR_FILE_NOT_FOUND), f"ApiOpenKey {path}: {status}")
        return handle if status == 0 else None

    def create(self, path):
        stub = self.root + text(path) + struct.pack("<III", 0, KEY_ALL_ACCESS, 0)
        _, status, _, handle = struct.unpack("<III20s", raw_call(self.dce, 29, stub))
        expect(status == 0, f"ApiCreateKey {path}: {status}")
        return handle

    def values(self, key):
        """{name: (type, bytes)}, all that ApiEnumValue tells."""
        found = {}
        for index in range(1000):
            answer = raw_call(self.dce, 36, key + struct.pack("<II", index, ROOM))
            code, = struct.unpack("<I", answer[-4:])
            if code == ERROR_NO_MORE_ITEMS:
                return found
            expect(code == 0, f"ApiEnumValue {index}: {code}")
            name, at = text_at(answer, 4)
            kind, room = struct.unpack_from("<II", answer, at)
            size, total = struct.unpack("<II", answer[-16:-8])
            expect(size == total <= room and name not in found, f"{name}: {size} of {total} bytes, room {room}")
            found[name] = (kind, answer[at + 8:at + 8 + size])
        raise AssertionError("no end of values")

    def set(self, key, name, kind, data):
        stub = key + text(name) + struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 4)
        return struct.unpack("<II", raw_call(self.dce, 32, stub + struct.pack("<I", len(data))))[1]

    def delete(self, key, name):
        return struct.unpack("<II", raw_call(self.dce, 33, key + text(name)))[1]


class Thing:
    """An object: its handle for controls, and the path of its key."""

    def __init__(self, dce, kind, name):
        self.dce, self.kind, self.name, self.id = dce, kind, name, name
        if kind.opened is None:
            self.handle = raw_call(dce, 0, b"")[-20:] + text(name)
            self.path = f"{kind.key}\\{name}"
            return
        answer = raw_call(dce, kind.opened, text(name) if kind.flag else b"")
        expect(struct.unpack_from("<I", answer) == (0,), f"cannot open {kind.name} {name}")
        self.handle, self.path = answer[-20:], kind.key
        if kind.identified is not None:
            answer = raw_call(dce, kind.identified, self.handle)
            self.id, _ = text_at(answer, 4)
            self.path += "\\" + self.id

    def properties(self, codes):
        """Read-only ones and others together."""
        found = {}
        for code in codes:
            stub = self.handle + struct.pack("<IIII", self.kind.code | code, 0, 0, ROOM)
            answer = raw_call(self.dce, self.kind.control, stub)
            result, = struct.unpack("<I", answer[-4:])
            expect(result == 0, f"control {self.kind.code | code:#x}: {result}")
            size, = struct.unpack_from("<I", answer, 8)
            found.update(properties_of(answer[12:12 + size]))
        return found

    def parameters(self):
        return self.path + "\\Parameters" if self.path else "Parameters"


def as_value(kind, data):
    """What the registry holds for a property."""
    if kind == WORD:
        data = data[:2] + b"\0\0"
    return TYPES.get(kind, 3), data


def compare(what, properties, values):
    """Every value that is a property's is the same; tells how many there were."""
    both = [name for name in properties if name in values]
    for name in both:
        expect(as_value(*properties[name]) == values[name],
               f"{what}: {name} is {properties[name]} as a property and {values[name]} as a value")
    return len(both)


def check_unknown(registry, thing):
    """A value of nobody's, stored in Parameters, is an unknown private property."""
    key = registry.create(thing.parameters())
    data = struct.pack("<I", 4711)
    code = registry.set(key, UNKNOWN_NAME, 4, data)
    expect(code == 0, f"an unknown value is refused: {code}")
    try:
        expect(thing.properties(PRIVATE).get(UNKNOWN_NAME) == (2, data), "a stored value is no property")
    finally:
        code = registry.delete(key, UNKNOWN_NAME)
    expect(code == 0 and UNKNOWN_NAME not in thing.properties(PRIVATE), "a deleted value is a property still")


def with_ids(properties, ids):
    """An interface's properties as its key has them: `ids` of the nodes and networks by their names."""
    def identified(name, kind, data):
        named = data.decode("utf-16-le").rstrip("\0") if name in ("Node", "Network") else None
        return (kind, (ids[named] + "\0").encode("utf-16-le")) if named else (kind, data)
    return {name: identified(name, *value) for name, value in properties.items()}


def check_thing(registry, thing, ids):
    """How many values were compared."""
    key = registry.open(thing.path) if thing.path else registry.root
    expect(key is not None, f"no key {thing.path}")
    values, common = registry.values(key), thing.properties(COMMON)
    if thing.kind.name == "interface":
        common = with_ids(common, ids)
    compared = compare("common", common, values)
    if thing.kind.identified is not None:
        names = [value for name, value in values.items() if name in ("Name", "NodeName")]
        wanted = (1, (thing.name + "\0").encode("utf-16-le"))
        expect(wanted in names, f"the key calls it {names}")
    for name in [name for name in common if name in values][:1]:
        code = registry.set(key, name, *values[name])
        expect(code in (0, ERROR_CALL_NOT_IMPLEMENTED), f"{name} written as it is: {code}")
        expect(registry.values(key) == values, "a write of what is there changed something")
    parameters = registry.open(thing.parameters())
    private = thing.properties(PRIVATE)
    if parameters is not None:
        compared += compare("private", private, registry.values(parameters))
    if thing.path:
        check_unknown(registry, thing)
    return compared


def things(dce):
    yield Thing(dce, CLUSTER, "")
    for kind in KINDS:
        entries = ask(dce, "ApiCreateEnum", Type=kind.flag)["List"]["Entry"]
        names = [entry["Name"][:-1] for entry in entries]
        # Every agent is a type; one of each letter will do.
        if kind.opened is None:
            names = list({name[:1].lower(): name for name in names}.values())
        for name in names:
            yield Thing(dce, kind, name)


def main():
    options = parse_arguments()
    passed = failed = compared = 0
    ids = {}
    with Session(options) as session:
        registry = Registry(session.bind())
        for thing in things(registry.dce):
            if thing.kind.name in ("node", "network"):
                ids[thing.name] = thing.id
            try:
                with limited_time(ONE_OBJECT_S):
                    found = check_thing(registry, thing, ids)
            except (AssertionError, DCERPCException, struct.error, TimeoutError) as error:
                failed += 1
                print(f"FAILED  {thing.kind.name} {thing.name}: {error}")
            else:
                passed += 1
                compared += found
                print(f"ok      {thing.kind.name} {thing.name}: {found} values")
    print(f"{passed} passed, {failed} failed, 0 skipped; {compared} values were the same both ways")
    return 0 if failed == 0 and compared > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
