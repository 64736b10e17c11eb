# SPDX-License-Identifier: Apache-2.0
"""Clients that read and write registers through every node, and record what they learn."""
import random
import threading
import time
from dataclasses import replace

from checker import torn
from client import ERROR_FILE_NOT_FOUND, ERROR_SHARING_PAUSED, NOT_SENT, OK, REFUSED, Client
from history import READ, WRITE, History, Operation

KEY = "RegistryTest"
PLAIN = [f"plain{i}" for i in range(6)]
DELETED = ["deleted0", "deleted1"]  # registers whose value is deleted now and then
BATCHES = [f"batch{i}" for i in range(4)]
BATCH_SIZE = 5
REGISTERS = PLAIN + DELETED + BATCHES
PAUSE_S = (0.002, 0.02)  # between the calls of one client
PAUSE_DOWN_S = 0.25
ORDINARY_REFUSALS = (ERROR_FILE_NOT_FOUND, ERROR_SHARING_PAUSED)


def parts(batch):
    return [f"{batch}-{i}" for i in range(BATCH_SIZE)]


def text_of(data):
    return None if data is None else data.decode()


class Recorder:
    """Makes calls over one client and writes them down; finds torn batches."""

    def __init__(self, name, node, client, history, violations):
        self.name, self.node, self.client = name, node, client
        self.history, self.violations = history, violations

    def _record(self, kind, register, value, call):
        """`call` makes an Answer; of a read it holds the register's value as a whole."""
        unable = self.client.prepare()
        if unable is not None:
            return unable
        start = time.monotonic()
        answer = call()
        end = time.monotonic()
        if kind == READ:
            value = answer.value if answer.outcome == OK else None
        self.history.add(Operation(self.name, self.node, kind, register, value, start, end, answer.outcome,
                                   answer.code, answer.reason, answer.call))
        if answer.outcome == REFUSED and answer.code not in ORDINARY_REFUSALS:
            self.client.close()  # the handle may be of no use any more
        return answer

    def read(self, register):
        if register in BATCHES:
            return self._record(READ, register, None, lambda: self._whole(register))

        def call():
            answer = self.client.query(register)
            return replace(answer, value=text_of(answer.value)) if answer.outcome == OK else answer
        return self._record(READ, register, None, call)

    def _whole(self, register):
        answer = self.client.query_all(parts(register))
        if answer.outcome != OK:
            return answer
        values = [text_of(data) for data in answer.value]
        found = torn(register, values)
        if found is not None:
            found.what += f" by {self.name} at {self.node}, {time.monotonic():.4f}"
            self.violations.append(found)
        return replace(answer, value=values[0])

    def write(self, register, value):
        data = value.encode()
        if register in BATCHES:
            return self._record(WRITE, register, value,
                                lambda: self.client.set_all({name: data for name in parts(register)}))
        return self._record(WRITE, register, value, lambda: self.client.set(register, data))

    def delete(self, register):
        """Deleting what is not there is refused, and has no effect."""
        return self._record(WRITE, register, None, lambda: self.client.delete(register))


class Worker(threading.Thread):
    """One closed loop. It calls while `allowed`; `quiet` is set while it does not."""

    def __init__(self, recorder, seed):
        super().__init__(daemon=True)
        self.recorder, self.rng = recorder, random.Random(seed)
        self.lock, self.allowed = threading.Lock(), False
        self.quiet, self.ended = threading.Event(), threading.Event()
        self.written = 0
        self.error = None

    def run(self):
        try:
            while not self.ended.is_set():
                if not self._may_call():
                    self.ended.wait(0.05)
                    continue
                answer = self.step()
                self.ended.wait(PAUSE_DOWN_S if answer.outcome in (NOT_SENT, REFUSED) else self.rng.uniform(*PAUSE_S))
        except Exception as error:  # pylint: disable=broad-except; the main thread raises it again
            self.error = error
        finally:
            self.recorder.client.close()
            self.quiet.set()

    def _may_call(self):
        with self.lock:
            (self.quiet.clear if self.allowed else self.quiet.set)()
            return self.allowed

    def allow(self, allowed):
        with self.lock:
            self.allowed = allowed
            self.quiet.clear()

    def step(self):
        register = self.rng.choice(REGISTERS)
        if self.rng.random() < 0.5:
            return self.recorder.read(register)
        if register in DELETED and self.rng.random() < 0.4:
            return self.recorder.delete(register)
        self.written += 1
        return self.recorder.write(register, f"{self.recorder.name}-{self.written}")


class Workload:
    """`clients` workers a node. `connect(node)` makes a client for one of `nodes`."""

    def __init__(self, nodes, clients, connect, seed):
        self.history, self.violations = History(), []
        self.readers = [Recorder("reader", str(node), connect(node), self.history, self.violations) for node in nodes]
        self.workers = [Worker(Recorder(f"w{node}.{i}", str(node), connect(node), self.history, self.violations),
                               f"{seed} {node} {i}") for node in nodes for i in range(clients)]
        for worker in self.workers:
            worker.start()

    def resume(self):
        for worker in self.workers:
            worker.allow(True)

    def pause(self):
        """Returns when no call is under way."""
        for worker in self.workers:
            worker.allow(False)
        for worker in self.workers:
            worker.quiet.wait()
        self.raise_errors()

    def raise_errors(self):
        for worker in self.workers:
            if worker.error is not None:
                raise worker.error

    def end(self):
        for worker in self.workers:
            worker.ended.set()
        for worker in self.workers:
            worker.join()

    def read_everything(self, seconds):
        """Every register at every node, until each has answered. Returns what did not within the time."""
        missing = []
        end = time.monotonic() + seconds
        for reader in self.readers:
            for register in REGISTERS:
                answer = reader.read(register)
                while answer.outcome != OK and time.monotonic() < end:
                    time.sleep(0.1)
                    answer = reader.read(register)
                if answer.outcome != OK:
                    missing.append(f"{register} at {reader.node}: {answer}")
        return missing


def longest_silence(operations, nodes, begin, end):
    """Seconds that pass without an acknowledged write at any of the nodes, counted from `begin`. A silence that is not over
    at `end` counts until the first write that follows, or until the last operation that was seen."""
    names = {str(node) for node in nodes}
    times = sorted(o.end for o in operations
                   if o.kind == WRITE and o.outcome == OK and str(o.node) in names and o.end >= begin)
    following = [one for one in times if one > end][:1]
    last = max([end, *(o.end for o in operations if o.end is not None)])
    marks = [begin, *(one for one in times if one <= end), *(following or [last])]
    return max(later - earlier for earlier, later in zip(marks, marks[1:]))


def meaningful(operation):
    """Refusals that say that the value to be deleted is absent are like no operation."""
    return not (operation.outcome == REFUSED and operation.code == ERROR_FILE_NOT_FOUND)


def make_key(node, port, account, key, seconds):
    """The key that a test uses. Any node will do, but the first attempts may be too early."""
    client = Client(node.address, port, account, key)
    end = time.monotonic() + seconds
    while True:
        try:
            client.create_key()
            return
        except Exception:  # pylint: disable=broad-except; impacket raises much
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        finally:
            client.close()
