#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Calls that a node answered as a read-only server are found in its log."""
import os
import tempfile
import unittest

from daemon_log import DaemonLog


def call(port, level="debug"):
    return (f"clusbridged: {level}: 10.0.0.254:{port}: N\\A: ApiQueryValue k = 0x00000000 CLUSBRIDGE_EVENT=call "
            f"CLUSBRIDGE_PEER=10.0.0.254:{port} CLUSBRIDGE_USER=N\\A CLUSBRIDGE_METHOD=ApiQueryValue")


def connected(port):
    return f"clusbridged: debug: 10.0.0.254:{port}: connected to port 49343"


INACTIVE = "clusbridged: info: the registry is not active: the members are agreeing"
ACTIVE = "clusbridged: info: the registry is active, epoch 1.1"


class TheLog(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "log")
        self.log = DaemonLog(self.path)

    def read(self, *lines):
        with open(self.path, "a", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in lines)
        return self.log.read()

    def test_calls_are_numbered_by_connection(self):
        answered, unsure = self.read(ACTIVE, connected(5), call(5), connected(6), call(6), call(5, "info"))
        self.assertEqual(answered, {(5, 1), (6, 1), (5, 2)})
        self.assertEqual(unsure, set())
        answered, _ = self.read(call(5), connected(6), call(6))
        self.assertEqual(answered, {(5, 3), (6, 1)})

    def test_an_inactive_node_tells_nothing(self):
        _, unsure = self.read(connected(5), call(5), ACTIVE, call(5), call(5), INACTIVE, call(5), ACTIVE, call(5))
        # Number 3 may have been under way when the state changed.
        self.assertEqual(unsure, {(5, 1), (5, 3), (5, 4)})


if __name__ == "__main__":
    unittest.main()
