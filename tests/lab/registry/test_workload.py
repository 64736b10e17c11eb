#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The workload against a registry in memory: a right one passes, and what is wrong with a wrong one is found."""
import random
import struct
import threading
import time
import unittest
from types import SimpleNamespace

import client
from checker import Checker
from client import ERROR_FILE_NOT_FOUND, NOT_SENT, OK, REFUSED, UNKNOWN, Answer
from history import WRITE, informative
from workload import Workload, longest_silence, meaningful


class Registry:
    """Values that all nodes share. `bug` is what this registry does wrong."""

    def __init__(self, bug=""):
        self.bug, self.lock, self.rng = bug, threading.Lock(), random.Random(3)
        self.values, self.older, self.late = {}, {}, []

    def change(self, values):
        with self.lock:
            self.older = dict(self.values)
            for name, value in values.items():
                if value is None:
                    self.values.pop(name, None)
                else:
                    self.values[name] = value
            if self.late and self.rng.random() < 0.2:
                self.values.update(self.late.pop())

    def look(self, names):
        with self.lock:
            source = self.older if self.bug == "stale" and self.rng.random() < 0.1 else self.values
            return [source.get(name) for name in names]


class Connection:
    """What the workload asks of a Client. Now and then an answer gets lost, a call is refused, a node is away."""

    def __init__(self, registry, seed):
        self.registry, self.rng = registry, random.Random(seed)

    def close(self):
        pass

    def prepare(self):
        return Answer(NOT_SENT, reason="away") if self.rng.random() < 0.02 else None

    def _write(self, values):
        fate, bug = self.rng.random(), self.registry.bug
        if fate < 0.03:
            if bug == "resurrected":
                self.registry.late.append(values)
            return Answer(REFUSED, code=0x46)
        if bug == "lost" and fate > 0.97:
            return Answer(OK)
        if fate < 0.06:
            if self.rng.random() < 0.5:
                self.registry.change(values)
            return Answer(UNKNOWN, reason="lost answer")
        if bug == "torn" and len(values) > 1:
            names = list(values)
            self.registry.change({name: values[name] for name in names[:2]})
            time.sleep(0.002)
            self.registry.change({name: values[name] for name in names[2:]})
        else:
            self.registry.change(values)
        return Answer(OK)

    def set(self, name, data):
        return self._write({name: data})

    def delete(self, name):
        if self.registry.look([name]) == [None]:
            return Answer(REFUSED, code=ERROR_FILE_NOT_FOUND)
        return self._write({name: None})

    def set_all(self, values):
        return self._write(values)

    def query(self, name):
        return Answer(OK, self.registry.look([name])[0])

    def query_all(self, names):
        return Answer(OK, self.registry.look(names))


def violations(bug, seconds=1.5):
    registry = Registry(bug)
    workload = Workload(["node1", "node2", "node3"], 2, lambda node: Connection(registry, node), 7)
    checker, found = Checker(), []
    for _ in range(2):
        workload.resume()
        time.sleep(seconds / 2)
        workload.pause()
        assert not workload.read_everything(5)
        operations = workload.history.take()
        found += checker.check([o for o in operations if meaningful(o) and informative(o)])
    found += workload.violations
    workload.end()
    assert checker.checked > 100, checker.checked
    return found


class TheWorkload(unittest.TestCase):
    def test_a_right_registry_passes(self):
        self.assertEqual(violations(""), [])

    def test_wrong_registries_are_found(self):
        # Whether a reader comes in the very moment that shows the bug is chance: a few tries each.
        for bug in ("stale", "lost", "resurrected", "torn"):
            self.assertTrue(any(violations(bug) for _ in range(8)), bug)

    def test_silence_is_measured_at_the_nodes_that_are_asked_about(self):
        registry = Registry()
        workload = Workload(["node1"], 1, lambda node: Connection(registry, node), 7)
        begin = time.monotonic()
        workload.resume()
        time.sleep(0.5)
        workload.pause()
        time.sleep(0.5)
        end = time.monotonic()
        operations = workload.history.take()
        workload.end()
        self.assertGreater(longest_silence(operations, ["node1"], begin, end), 0.45)
        self.assertGreaterEqual(longest_silence(operations, ["node2"], begin, end), end - begin)

    def test_a_silence_lasts_until_writes_go_on(self):
        def write(end):
            return SimpleNamespace(kind=WRITE, outcome=OK, node="node1", end=end)
        self.assertEqual(longest_silence([write(1.0), write(2.0), write(9.0)], ["node1"], 1.5, 4.0), 7.0)
        self.assertEqual(longest_silence([write(1.0), write(2.0)], ["node1"], 1.5, 4.0), 2.0)


class TheBytes(unittest.TestCase):
    def test_a_batch_is_as_the_specification_prints_it(self):
        data = client.batch([client.command(client.SET_VALUE, "a", b"xyz", 3), client.command(client.READ_VALUE, "")])
        self.assertEqual(data.hex(), "01000000" "01000000" "03000000" "04000000" "61000000" "03000000" "78797a" "00"
                         "08000000" "00000000" "02000000" "0000" "00000000")
        self.assertEqual(client.parse_batch(data), [(1, 3, "a", b"xyz"), (8, 0, "", b"")])

    def test_a_string_and_bytes_are_padded(self):
        self.assertEqual(client.text("ab"), struct.pack("<III", 3, 0, 3) + b"a\0b\0\0\0" + b"\0\0")
        self.assertEqual(client.blob(b"x"), struct.pack("<I", 1) + b"x\0\0\0")


if __name__ == "__main__":
    unittest.main()
