#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Too many, too slow, too rude: what the daemon does with peers that mean no good, and how it is afterwards.

    crowd.py --daemon BIN [--only TEXT] [--connections N]

Starts daemons of its own (demo cluster, ports chosen by the system, loopback only). Ten thousand connections at once,
limits beyond which connections are closed, a daemon without descriptors, peers that never finish what they began,
garbage, IPv6. A normal client works before, meanwhile and afterwards. Prints one line a check and a summary.
"""
import argparse
import contextlib
import functools
import json
import os
import pathlib
import random
import resource
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
import types

import impacket_rpc
from impacket.dcerpc.v5 import mgmt

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
DESCRIPTORS = 20000
SOURCES = 20  # 127.0.1.1 and on
BACKLOG = 2000
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
BIND, BIND_ACK, BIND_NAK, REQUEST, RESPONSE, FAULT = 11, 12, 13, 0, 2, 3
FIRST, LAST = 1, 2
INQ_STATS, IS_LISTENING = 1, 2  # of the management interface, which asks for no authentication

CHECKS = []
expect = impacket_rpc.expect


def check(function):
    CHECKS.append(function)
    return function


def pdu(kind, body, flags=FIRST | LAST, call=1, length=None, version=(5, 0)):
    length = 16 + len(body) if length is None else length
    return struct.pack("<BBBBIHHI", *version, kind, flags, 0x10, length, 0, call) + body


def bind(contexts=1, interface=mgmt.MSRPC_UUID_MGMT):
    item = struct.pack("<HBB", 0, 1, 0) + interface + NDR
    return pdu(BIND, struct.pack("<HHIBBH", 5840, 5840, 0, contexts, 0, 0) + item)


def request(opnum, stub=b"", flags=FIRST | LAST, call=2, hint=0):
    return pdu(REQUEST, struct.pack("<IHH", hint, 0, opnum) + stub, flags, call)


class Daemon:
    """A daemon of its own; stopped, and its exit status looked at, at the end of a `with` block."""

    agents = None  # a folder that all of them keep the agents' meta-data in

    def __init__(self, binary, limits, addresses=("127.0.0.1",), descriptors=DESCRIPTORS):
        self.binary, self.limits, self.addresses = pathlib.Path(binary), limits, addresses
        self.allowed = descriptors

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="clusbridge-crowd.")
        folder = pathlib.Path(self.folder.name)
        if self.agents:  # what one daemon was told by the agents, the next need not ask them again
            (folder / "state").mkdir()
            (folder / "state/agents").symlink_to(self.agents)
        subprocess.run([self.binary.parent / "clusbridge", "account", "add", "Administrator", "--accounts-file",
                        folder / "accounts", "--role", "admin", "--password-stdin"], input="secret of the crowd\n",
                       text=True, check=True)
        (folder / "conf.toml").write_text(
            f"[rpc]\naddresses = {json.dumps(self.addresses)}\nport = 0\nendpoint_mapper_port = 0\n"
            f"[authentication]\naccounts_file = \"{folder}/accounts\"\nkeytab = \"\"\nwinbind = false\n"
            f"[cluster]\nname = \"demo\"\n[resource_types]\nagents = []\n[state]\ndirectory = \"{folder}/state\"\n"
            "[limits]\nauthentication_failures_per_minute = 0\n"
            + "".join(f"{key} = {value}\n" for key, value in self.limits.items()))
        # A sanitizer keeps freed memory back, and with it hides whether memory is given back.
        sanitizer = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1")))
        self.log_file = folder / "log"
        self.process = subprocess.Popen(
            [self.binary, "--config", folder / "conf.toml", "--foreground", "--embedded",
             TOP / "bridge/daemon/demo/cib.xml", "--ready-file", folder / "ready.json"],
            stderr=open(self.log_file, "w", encoding="utf-8"), env={**os.environ, "ASAN_OPTIONS": sanitizer},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (self.allowed, self.allowed)))
        wait_until(lambda: (folder / "ready.json").exists() or self.process.poll() is not None, 60, "a ready daemon")
        ready = json.loads((folder / "ready.json").read_text())
        self.port, self.epm_port = ready["clusapi_port"], ready["epm_port"]
        self.options = types.SimpleNamespace(host="127.0.0.1", port=self.port, user="Administrator",
                                             password="secret of the crowd", domain="DEMO")
        return self

    def __exit__(self, kind, *_):
        self.process.terminate()
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "no end within 30 s"
        log = self.log()
        self.folder.cleanup()
        if kind is None:
            expect(status == 0, f"the daemon ended with {status}: {log[-3000:]}")

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def descriptor_numbers(self):
        return {int(number) for number in os.listdir(f"/proc/{self.process.pid}/fd")}

    def descriptors(self):
        return len(self.descriptor_numbers())

    def has_asked_the_agents(self):
        """Whether it has no child, and had none for a while: its worker asks agents one after the other."""
        for _ in range(20):
            if any(children(self.process.pid)):
                return False
            time.sleep(0.05)
        return True

    def memory(self):
        """KiB that are resident."""
        for line in open(f"/proc/{self.process.pid}/status", encoding="ascii"):
            if line.startswith("VmRSS"):
                return int(line.split()[1])
        raise AssertionError("the daemon is gone")

    def cpu(self):
        """Seconds that the daemon has run."""
        return sum(int(open(f"/proc/{self.process.pid}/task/{task}/schedstat", encoding="ascii").read().split()[0])
                   for task in os.listdir(f"/proc/{self.process.pid}/task")) / 1e9

    def session(self, **changes):
        """A normal client: NTLM, sealed."""
        return impacket_rpc.Session(types.SimpleNamespace(**{**vars(self.options), **changes}))


def children(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # threads come and go
            yield from (task / "children").read_text(encoding="ascii").split()


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.02)


def reads_name(dce):
    answer = impacket_rpc.ask(dce, "ApiGetClusterName")
    expect(answer["ErrorCode"] == 0 and len(answer["ClusterName"]) > 1, "the normal client got no name")


def normal_client_works(daemon, **changes):
    with daemon.session(**changes) as session:
        reads_name(session.bind())


class Crowd:
    """Connections from many source addresses."""

    def __init__(self, daemon):
        self.daemon, self.sockets = daemon, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def open(self, count, source=None):
        """Connects; at most a backlog's worth at once, or the kernel makes some of them try again seconds later."""
        fresh = []
        for begin in range(0, count, BACKLOG):
            batch = [self.connect(source or f"127.0.1.{1 + i % SOURCES}")
                     for i in range(begin, min(count, begin + BACKLOG))]
            self.sockets += batch
            fresh += batch
            left = {s.fileno() for s in batch}
            with select.epoll() as connecting:
                for number in left:
                    connecting.register(number, select.EPOLLOUT | select.EPOLLONESHOT)
                while left:
                    ready = connecting.poll(10)
                    expect(ready, "a connection was not made within 10 s")
                    left -= {number for number, _ in ready}
        return fresh

    def connect(self, source):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: connect chooses
        s.bind((source, 0))
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", self.daemon.port))
        return s

    def close(self):
        for s in self.sockets:
            s.close()
        self.sockets = []


def receive(s, seconds=10):
    """A PDU; empty when the peer has closed."""
    s.settimeout(seconds)
    data = b""
    try:
        while len(data) < 16 or len(data) < struct.unpack_from("<H", data, 8)[0]:
            part = s.recv(65536 if len(data) < 16 else struct.unpack_from("<H", data, 8)[0] - len(data))
            if not part:
                return b""
            data += part
    except ConnectionError:
        return b""
    return data


def ask(s, data, kind):
    s.settimeout(10)
    s.sendall(data)
    answer = receive(s)
    expect(answer and answer[2] == kind, f"answer {answer[:24].hex() or 'closed'}, PDU type {kind} was due")
    return answer


def still_open(sockets):
    """Those that the peer has not closed."""
    left = []
    for s in sockets:
        s.setblocking(False)
        try:
            if s.recv(1, socket.MSG_PEEK):
                left.append(s)
        except BlockingIOError:
            left.append(s)
        except ConnectionError:
            pass
    return left


def undrained(sockets):
    """Those that the peer has not closed; what came before the end is dropped."""
    left = []
    for s in sockets:
        s.setblocking(False)
        try:
            while s.recv(65536):
                pass
        except BlockingIOError:
            left.append(s)
        except OSError:
            pass
    return left


def storm(daemon, count):
    """All at once, half of them bound and asking; returns the memory at the height."""
    with Crowd(daemon) as crowd, daemon.session() as early:
        dce = early.bind()
        before = daemon.descriptors()
        sockets = crowd.open(count)
        wait_until(lambda: daemon.descriptors() >= before + count, 60, f"{count} connections accepted")
        asking = sockets[::2]
        for s in asking:
            s.setblocking(True)
            s.sendall(bind())
        for s in asking:
            expect(receive(s)[2:3] == bytes([BIND_ACK]), "a bind of the crowd was not acknowledged")
        height = daemon.memory()
        begin = time.monotonic()
        for s in asking:
            s.sendall(request(IS_LISTENING))
        for s in asking:
            expect(receive(s)[2:3] == bytes([RESPONSE]), "a call of the crowd was not answered")
        rate = len(asking) / (time.monotonic() - begin)
        begin = time.monotonic()
        normal_client_works(daemon)
        log_on = time.monotonic() - begin
        times = []
        for _ in range(200):
            begin = time.monotonic()
            reads_name(dce)
            times.append(time.monotonic() - begin)
        expect(len(still_open(sockets)) == count, "some of the crowd were closed")
        for s in sockets[::3]:  # resets among the proper ends
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        crowd.close()
        wait_until(lambda: daemon.descriptors() <= before, 30, "descriptors of the crowd given back")
        reads_name(dce)
    return height, rate, log_on, sorted(times)[int(len(times) * 0.99)]


@check
def ten_thousand_connections(daemons, options):
    count = options.connections
    limits = {"connections": 12000, "connections_per_source": 700, "unauthenticated_connections": 12000,
              "bind_timeout_s": 300}
    with daemons(limits) as daemon:
        normal_client_works(daemon)
        quiet = daemon.memory()
        first, rate, log_on, slowest = storm(daemon, count)
        between = daemon.memory()
        second = storm(daemon, count)[0]
        normal_client_works(daemon)
        each = (first - quiet) / count
        print(f"        {count} connections: {each:.1f} KiB each; memory {quiet} KiB before, {first} and {second} at "
              f"the heights, {between} between; {rate:.0f} calls/s of the crowd; meanwhile a log-on took "
              f"{log_on * 1e3:.0f} ms, calls at most {slowest * 1e3:.1f} ms (99 of 100)")
        expect(each <= 16, f"{each:.1f} KiB a connection, 16 are allowed")
        expect(second <= first * 1.1 + 4096, "the second crowd took more memory than the first")


def clients_without_gaps(daemon, clients):
    """Logs clients on until the daemon's descriptors have no free number below the highest: the kernel limits the
    number, so only then is it known how many more fit below a limit. Returns the last one, whose number is the highest."""
    for _ in range(20):
        session = clients.enter_context(daemon.session())
        reads_name(session.bind())
        numbers = daemon.descriptor_numbers()
        if len(numbers) == max(numbers) + 1:
            return session
    raise AssertionError(f"gaps among {sorted(numbers)}")


@contextlib.contextmanager
def descriptors_left(daemon, count):
    """So many more may the daemon open in the block; it has no gaps, and nothing but connections comes and goes."""
    numbers = daemon.descriptor_numbers()
    highest = max(numbers)
    expect(len(numbers) == highest + 1, f"gaps among {sorted(numbers)}")
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (highest + 1 + count, DESCRIPTORS))
    yield
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


@check
def few_descriptors(daemons, _):
    """Connections do not take those that log-ons need."""
    with daemons({}, descriptors=128) as daemon, Crowd(daemon) as crowd:
        expect("only 128 descriptors are allowed" in daemon.log(), "no line in the log says so")
        crowd.open(200)
        normal_client_works(daemon)
        expect(daemon.descriptors() < 128, "all descriptors are taken")
        expect("limit connections was hit" in daemon.log(), "no line in the log tells of the limit")
        expect("cannot be accepted" not in daemon.log(), "it ran out of descriptors")


@check
def connections_beyond_the_limits(daemons, _):
    limits = {"connections": 150, "connections_per_source": 100, "unauthenticated_connections": 120,
              "bind_timeout_s": 300}  # the crowd is silent, and nothing but the limits is to close it
    with daemons(limits) as daemon, Crowd(daemon) as crowd:
        one_source = crowd.open(110, source="127.0.2.1")
        wait_until(lambda: len(still_open(one_source)) <= 100, 10, "only 100 of one source stay")
        expect(len(still_open(one_source)) == 100, "too few of one source were let in")
        others = crowd.open(40)
        wait_until(lambda: len(still_open(one_source)) <= 80, 10, "the oldest strangers make room")
        expect(len(still_open(others)) == 40, "the newest did not stay")
        known = [daemon.session() for _ in range(35)]
        for session in known:
            reads_name(session.__enter__().bind())
        # What the daemon has closed is seen to be closed a little later.
        wait_until(lambda: len(still_open(crowd.sockets)) + len(known) <= 150, 10, "strangers make room for clients")
        strangers = len(still_open(crowd.sockets))
        expect(strangers + len(known) == 150, f"only {strangers} strangers beside {len(known)} clients")
        for session in known:
            reads_name(session.dce)
            session.__exit__()
        for name in ("connections_per_source", "unauthenticated_connections", "connections"):
            expect(f"limit {name} was hit" in daemon.log(), f"no line in the log tells of {name}")


def dribble(sockets, data, seconds):
    """A byte at a time to each; ends early when all are closed."""
    end = time.monotonic() + seconds
    for byte in data:
        for s in still_open(sockets):
            try:
                s.send(bytes([byte]))
            except OSError:
                pass
        time.sleep(0.25)
        if time.monotonic() > end:
            return


@check
def peers_that_never_finish(daemons, _):
    limits = {"bind_timeout_s": 2, "pdu_timeout_s": 2, "idle_timeout_s": 3, "connections_per_source": 2000,
              "unauthenticated_connections": 2000}
    negotiate = b"NTLMSSP\0" + struct.pack("<II", 1, 0xE0888235) + b"\0" * 16
    trailer = struct.pack("<BBBBI", 10, 6, 0, 0, 1) + negotiate
    half_log_on = bytearray(bind(interface=impacket_rpc.clusapi.CLUSAPI) + trailer)
    struct.pack_into("<HH", half_log_on, 8, len(half_log_on), len(negotiate))
    with daemons(limits) as daemon, Crowd(daemon) as crowd:
        normal_client_works(daemon)
        before, quiet = daemon.descriptors(), daemon.memory()
        begin = time.monotonic()
        for opening in (b"", bind()[:10], bytes(half_log_on)):  # silent, half a bind, half a log-on
            for s in crowd.open(200):
                s.sendall(opening)
        for rest in (request(IS_LISTENING)[:20], request(INQ_STATS, b"\0" * 8, FIRST, hint=0xFFFFFFFF), b""):
            for s in crowd.open(200):  # half a request, the first of many fragments, nothing more
                ask(s, bind(), BIND_ACK)
                s.sendall(rest)
        slow = crowd.open(100)
        growth = daemon.memory() - quiet
        dribble(slow, bind(), 4)
        wait_until(lambda: not undrained(crowd.sockets), 15, "every one of them is closed")
        print(f"        1300 closed within {time.monotonic() - begin:.1f} s, {growth / 1300:.1f} KiB each")
        expect(growth <= 1300 * 64, f"{growth} KiB for 1300 peers that announced much and sent little")
        wait_until(lambda: daemon.descriptors() <= before, 10, "their descriptors are given back")
        for name in ("bind_time", "pdu_time"):
            expect(f"limit {name} was hit" in daemon.log(), f"no line in the log tells of {name}")
        normal_client_works(daemon)


def rude_openings(rng):
    """What is not, or not quite, a DCE/RPC client; endless."""
    seeds = [path.read_bytes() for path in sorted((TOP / "tests/fuzz/corpus/dcerpc_pdu").iterdir())]
    seeds += [bind(), bind(contexts=255), request(IS_LISTENING), request(0xFFFF, b"\xff" * 200),
              b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", bytes.fromhex("16030100c8010000c40303") + b"\0" * 200,
              b"\0\0\0\x55\xffSMB" + b"\0" * 80, pdu(BIND, b"", version=(5, 1)), pdu(BIND, b"", version=(4, 0)),
              pdu(BIND, b"\0" * 40, length=65535), pdu(REQUEST, b"\0" * 40, length=65535), pdu(REQUEST, b"", length=3),
              pdu(15, b"\0" * 24), pdu(16, b"\0" * 12), pdu(99, b"\0" * 40), b"\0" * 4096]
    while True:
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((0, 1, 1, 4, 16))):
            if data:
                data[rng.randrange(len(data))] = rng.choice((0, 1, 5, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        yield bytes(data[:rng.randrange(1, len(data) + 1)] if data and rng.random() < 0.2 else data)


@check
def garbage(daemons, options):
    limits = {"bind_timeout_s": 2, "pdu_timeout_s": 2, "idle_timeout_s": 2, "connections_per_source": 4000,
              "unauthenticated_connections": 4000, "connections": 4000}
    rng = random.Random(options.seed)
    openings = rude_openings(rng)
    with daemons(limits) as daemon, Crowd(daemon) as crowd:
        normal_client_works(daemon)
        before, quiet = daemon.descriptors(), daemon.memory()
        answers = {BIND_ACK: 0, BIND_NAK: 0, FAULT: 0, None: 0}
        for number in range(2000):
            s = crowd.open(1)[0]
            data = next(openings)
            if number % 3 == 0:  # a good bind first
                data = bind() + data
            try:
                s.sendall(data)
                if number % 2 == 0:
                    s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it had closed before everything was sent
            if number % 100 == 0:
                normal_client_works(daemon)
        for s in crowd.sockets:
            answer = receive(s, 15)
            answers[answer[2] if answer else None] = answers.get(answer[2] if answer else None, 0) + 1
        wait_until(lambda: not undrained(crowd.sockets), 15, "all of them are closed")
        wait_until(lambda: daemon.descriptors() <= before, 10, "their descriptors are given back")
        print(f"        seed {options.seed}: first answers {answers} (None: closed); memory grew by "
              f"{daemon.memory() - quiet} KiB")
        expect(answers[FAULT] > 100 and answers[BIND_NAK] > 10, "hardly any fault: was it garbage?")
        expect("answered with fault" in daemon.log(), "no line in the log tells of a fault")
        normal_client_works(daemon)


@check
def ipv6(daemons, _):
    if not pathlib.Path("/proc/net/if_inet6").exists():
        raise impacket_rpc.Skip("no IPv6 here")
    with daemons({"connections_per_source": 5}, ("127.0.0.1", "0:0:0:0:0:0:0:1")) as daemon:
        normal_client_works(daemon)
        normal_client_works(daemon, host="::1")
        sockets = [socket.create_connection(("::1", daemon.port)) for _ in range(6)]
        wait_until(lambda: len(still_open(sockets)) == 5, 10, "the sixth connection of ::1 is closed")
        for s in sockets:
            s.close()
        with daemon.session(host="::1", port=daemon.epm_port) as session:
            session.level = impacket_rpc.NONE
        expect("[::1]:" in daemon.log(), "no IPv6 address in the log")


@check
def no_descriptor_left(daemons, _):
    """Known clients are served, strangers make room for strangers, nothing spins, later it accepts again.

    The last check: by now most agents have been asked, and it waits until all have. A sanitizer that looks at an object
    does so through a pipe: without descriptors it has false alarms in the log.
    """
    with daemons({}) as daemon, Crowd(daemon) as crowd, contextlib.ExitStack() as clients:
        wait_until(daemon.has_asked_the_agents, 120, "no agent is asked any more")
        dce = clients.enter_context(daemon.session()).bind()
        reads_name(dce)
        friend = clients_without_gaps(daemon, clients)
        before = daemon.descriptors()
        with descriptors_left(daemon, 6):
            old = crowd.open(40)
            new = crowd.open(1)[0]
            ask(new, bind(), BIND_ACK)
            expect(len(still_open(old)) < 40, "nobody made room")
            reads_name(dce)
        crowd.close()
        wait_until(lambda: daemon.descriptors() <= before, 10, "their descriptors are given back")
        with descriptors_left(daemon, 0):  # and nobody but those who have said who they are
            waiting = crowd.open(1)[0]
            waiting.sendall(bind())
            used = daemon.cpu()
            for _ in range(20):
                time.sleep(0.1)
                reads_name(dce)
            used = daemon.cpu() - used
            expect(used < 0.5, f"{used:.2f} s of CPU in 2 s without descriptors")
            expect(not select.select([waiting], [], [], 0)[0], "served without a descriptor, or closed")
            expect("connections cannot be accepted" in daemon.log(), "no line in the log says so")
            friend.dce.disconnect()
            expect(receive(waiting, 5)[2:3] == bytes([BIND_ACK]), "the one that waited is not served afterwards")
        normal_client_works(daemon)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--only", default="", help="checks whose name holds this text")
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        print(f"77: at most {hard} descriptors here, {DESCRIPTORS} are needed")
        return 77
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    with tempfile.TemporaryDirectory(prefix="clusbridge-crowd.") as agents:
        Daemon.agents = agents
        return run(options)


def run(options):
    passed = failed = skipped = 0
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        if options.only not in function.__name__:
            continue
        begin = time.monotonic()
        try:
            with impacket_rpc.limited_time(impacket_rpc.ONE_CHECK):
                function(functools.partial(Daemon, options.daemon), options)
            passed += 1
            print(f"ok      {name} ({time.monotonic() - begin:.1f} s)", flush=True)
        except impacket_rpc.Skip as reason:
            skipped += 1
            print(f"skipped {name}: {reason}", flush=True)
        except Exception as error:  # pylint: disable=broad-except; any way to fail is a failure
            failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
