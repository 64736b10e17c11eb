# SPDX-License-Identifier: Apache-2.0
"""The cluster registry through ClusAPI, and what a caller knows after each call.

impacket logs on and seals; requests and answers are packed here, not by our own generated code: an error in
our IDL must not repeat itself on this side. Times are those of the machine's one monotonic clock.
"""
import contextlib
import os
import socket
import struct
import sys
import time
from dataclasses import dataclass

from impacket.dcerpc.v5 import rpcrt, transport

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../interop"))
from clusapi_ndr import CLUSAPI  # pylint: disable=wrong-import-position

OK, REFUSED, UNKNOWN, NOT_SENT = "ok", "refused", "unknown", "not sent"

ERROR_FILE_NOT_FOUND = 2
ERROR_SHARING_PAUSED = 0x46
# The daemon answers so when it stops before it knows what becomes of a write that it has proposed.
UNDECIDED_CODES = frozenset({0x3E3})  # ERROR_OPERATION_ABORTED

KEY_ALL_ACCESS, KEY_READ = 0xF003F, 0x20019
REG_BINARY = 3
SET_VALUE, CREATE_KEY, READ_VALUE, READ_ERROR = 1, 2, 8, 9  # 2.2.2.8
MAX_VALUE = 4096  # bytes; what the test stores is far smaller
LARGEST_ANSWER = 16 << 20


@dataclass(frozen=True)
class Answer:
    """`value` of a read: bytes, or None where there is no value. `code`: Win32, of a refusal. `call`: the client's
    port and the number of the call on its connection, from 1."""
    outcome: str
    value: object = None
    code: int = 0
    reason: str = ""
    call: tuple = (0, 0)


class Refused(Exception):
    """A Win32 code from the result slot."""

    def __init__(self, method, code):
        super().__init__(f"{method}: code {code:#x}")
        self.code = code


class Tcp(transport.TCPTransport):
    """impacket's waits for ever: this one has a deadline, and notices the end of the connection."""

    def __init__(self, host, port):
        super().__init__(host, port)
        self.deadline = 0.0

    def _wait(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self.get_socket().settimeout(left)

    def send(self, data, forceWriteAndx=0, forceRecv=0):
        self._wait()
        self.get_socket().sendall(data)

    def recv(self, forceRecv=0, count=0):
        if count > LARGEST_ANSWER:
            raise ConnectionError("an impossible length")
        got = b""
        while not got or len(got) < count:
            self._wait()
            part = self.get_socket().recv(count - len(got) if count else 8192)
            if not part:
                raise ConnectionError("closed by the node")
            got += part
        return got


def text(string):
    """[string] of 16-bit units, padded for what follows."""
    units = len(string) + 1
    body = struct.pack("<III", units, 0, units) + (string + "\0").encode("utf-16-le")
    return body + b"\0" * (-len(body) % 4)


def blob(data):
    """[size_is] bytes, padded for what follows."""
    return struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)


def command(kind, name, data=b"", value_type=0):
    """BATCH_UPDATE_COMMAND, 2.2.3.17.1."""
    wide = (name + "\0").encode("utf-16-le")
    body = struct.pack("<III", kind, value_type, len(wide)) + wide
    return body + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def batch(commands):
    """CLUSTER_REG_BATCH_UPDATE, 2.2.3.17."""
    return struct.pack("<I", 1) + b"".join(commands)


def parse_batch(data):
    """(kind, type, name, data) of every command."""
    version, = struct.unpack_from("<I", data)
    if version != 1:
        raise ValueError(f"batch of version {version}")
    at, found = 4, []
    while at < len(data):
        kind, value_type, size = struct.unpack_from("<III", data, at)
        name = data[at + 12:at + 12 + size].decode("utf-16-le").rstrip("\0")
        at += 12 + size
        size, = struct.unpack_from("<I", data, at)
        found.append((kind, value_type, name, data[at + 4:at + 4 + size]))
        at += 4 + size + size % 2
    return found


class Client:
    """One connection to one node, made anew when it is needed; for one thread.

    connect_wait: seconds to connect, log on and open the key; call_wait: for one answer.
    """

    def __init__(self, host, port, account, key, connect_wait=5.0, call_wait=12.0):
        self.host, self.port, self.account, self.key = host, port, account, key
        self.connect_wait, self.call_wait = connect_wait, call_wait
        self.tcp = self.dce = self.handle = None
        self.port_here = self.calls = 0

    def close(self):
        if self.tcp is not None and self.tcp.get_socket():
            with contextlib.suppress(OSError):
                self.tcp.get_socket().close()
        self.tcp = self.dce = self.handle = None

    def call(self, opnum, stub):
        """The answer's stub; raises on a fault, on silence and on a closed connection."""
        self.tcp.deadline = time.monotonic() + self.call_wait
        self.calls += 1
        self.dce.call(opnum, stub)
        return self.dce.recv()

    def log_on(self):
        """Connects and binds, without a key."""
        self.close()
        self.tcp = Tcp(self.host, self.port)
        self.tcp.set_connect_timeout(self.connect_wait)
        self.tcp.set_credentials(self.account["user"], self.account["password"], self.account["domain"])
        self.tcp.deadline = time.monotonic() + self.connect_wait
        self.dce = self.tcp.get_dce_rpc()
        self.dce.set_auth_level(rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY)
        self.dce.connect()
        self.tcp.get_socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port_here, self.calls = self.tcp.get_socket().getsockname()[1], 0
        self.dce.bind(CLUSAPI)

    def root(self):
        status, _, handle = struct.unpack("<II20s", self.call(28, struct.pack("<I", KEY_ALL_ACCESS)))
        if status:
            raise Refused("ApiGetRootKey", status)
        return handle

    def open(self):
        """Connects and opens the key, one name of its path after the other; raises."""
        self.log_on()
        handle = self.root()
        for name in self.key.split("\\"):
            stub = handle + text(name) + struct.pack("<I", KEY_ALL_ACCESS)
            status, _, handle = struct.unpack("<II20s", self.call(30, stub))
            if status:
                raise Refused("ApiOpenKey", status)
        self.handle = handle

    def create_key(self):
        """Makes the key that is to be used; raises."""
        self.log_on()
        stub = self.root() + text(self.key) + struct.pack("<III", 0, KEY_ALL_ACCESS, 0)
        _, status, _, handle = struct.unpack("<III20s", self.call(29, stub))
        if status:
            raise Refused("ApiCreateKey", status)
        self.handle = handle

    def cluster_name(self):
        """Code of ApiGetClusterName, which reads no registry; raises."""
        if self.dce is None:
            self.log_on()
        return struct.unpack("<I", self.call(3, b"")[-4:])[0]

    def prepare(self):
        """None when there is a connection with an open key, else the answer to give."""
        if self.handle is not None:
            return None
        try:
            self.open()
            return None
        except Refused as error:
            self.close()
            return Answer(NOT_SENT, code=error.code, reason=str(error))
        except Exception as error:  # pylint: disable=broad-except; impacket raises much
            self.close()
            return Answer(NOT_SENT, reason=f"{type(error).__name__}: {error}")

    def _ask(self, opnum, stub, decode):
        """`decode` makes (code, value) of the answer. Every call needs a handle: `prepare` first."""
        try:
            code, value = decode(self.call(opnum, self.handle + stub))
        except Exception as error:  # pylint: disable=broad-except; what is not an answer is none
            self.close()
            return Answer(UNKNOWN, reason=f"{type(error).__name__}: {error}")
        if code in UNDECIDED_CODES:
            return Answer(UNKNOWN, code=code, reason="undecided")
        call = (self.port_here, self.calls)
        return Answer(REFUSED, code=code, call=call) if code else Answer(OK, value, call=call)

    def set(self, name, data):
        stub = text(name) + struct.pack("<I", REG_BINARY) + blob(data) + struct.pack("<I", len(data))
        return self._ask(32, stub, lambda answer: (struct.unpack("<II", answer)[1], None))

    def delete(self, name):
        return self._ask(33, text(name), lambda answer: (struct.unpack("<II", answer)[1], None))

    def query(self, name):
        def decode(answer):
            room, = struct.unpack_from("<I", answer, 4)
            used, _, code = struct.unpack("<III", answer[-12:])
            if code == ERROR_FILE_NOT_FOUND:
                return 0, None
            return code, answer[8:8 + min(used, room)]

        return self._ask(34, text(name) + struct.pack("<I", MAX_VALUE), decode)

    def set_all(self, values):
        """ApiExecuteBatch: {name: data}, all or nothing."""
        data = batch(command(SET_VALUE, name, value, REG_BINARY) for name, value in values.items())
        stub = struct.pack("<I", len(data)) + blob(data)
        return self._ask(113, stub, lambda answer: (struct.unpack("<iII", answer)[2], None))

    def query_all(self, names):
        """ApiExecuteReadBatch: a list of values, None for one that is absent, in the order of `names`."""
        data = batch(command(READ_VALUE, name) for name in names)

        def decode(answer):
            code, = struct.unpack("<I", answer[-4:])
            if code:
                return code, None
            size, pointer = struct.unpack_from("<II", answer)
            found = parse_batch(answer[12:12 + size]) if pointer else []
            if [name for _, _, name, _ in found] != list(names):
                raise ValueError(f"other values were answered: {found}")
            return 0, [_read(entry) for entry in found]

        return self._ask(145, struct.pack("<I", len(data)) + blob(data), decode)


def _read(entry):
    kind, value_type, name, data = entry
    if kind == READ_VALUE:
        return data
    if kind == READ_ERROR and value_type == ERROR_FILE_NOT_FOUND:
        return None
    raise ValueError(f"{name}: command {kind}, type or code {value_type}")
