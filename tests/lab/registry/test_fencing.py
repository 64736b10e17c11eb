#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster of two loses a node: the registry of the other waits until the node is known to be dead, and then goes on
alone. test_fencing.py DAEMON; exits 77 where there can be no lab."""
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("LAB_NET", "10.77.43")

# pylint: disable=wrong-import-position
from client import ERROR_SHARING_PAUSED, OK, Client
from nodes import Cluster, eventually
from workload import make_key

SKIPPED = 77
KEY = "FencingTest"
STATE_MIB = 64
LOST_S = 10  # corosync notices
DAEMON = ""


class TwoNodes(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(2, DAEMON, STATE_MIB)
        self.addCleanup(self.cluster.down)
        make_key(self.cluster.nodes[0], self.cluster.port, self.cluster.environment, KEY, 60)

    def write(self, node, value, seconds=20):
        """The answer to one write."""
        client = Client(node.address, self.cluster.port, self.cluster.environment, KEY, seconds, seconds)
        try:
            problem = client.prepare()
            return problem if problem is not None else client.set("value", value)
        finally:
            client.close()

    def read(self, node):
        client = Client(node.address, self.cluster.port, self.cluster.environment, KEY, 5, 10)
        try:
            return None if client.prepare() is not None else client.query("value").value
        finally:
            client.close()

    def test_survivor_goes_on_when_the_other_was_fenced(self):
        survivor, victim = self.cluster.nodes
        self.assertEqual(self.write(survivor, b"both").outcome, OK)
        victim.kill()
        eventually("corosync is without the node",
                   lambda: "node2" not in survivor.run("corosync-quorumtool", "-l", check=False), LOST_S, 0.2)
        answer = self.write(survivor, b"not proven")
        self.assertNotEqual(answer.outcome, OK)
        self.assertEqual(answer.code, ERROR_SHARING_PAUSED)
        survivor.run("stonith_admin", "--confirm", "node2")
        eventually("the survivor writes alone", lambda: self.write(survivor, b"alone").outcome == OK, LOST_S, 0.2)
        victim.boot()
        eventually("corosync of the other", victim.ready)
        victim.start_daemon()
        eventually("the other has what it missed", lambda: self.read(victim) == b"alone", 60, 0.2)
        eventually("the other writes", lambda: self.write(victim, b"both again").outcome == OK, LOST_S, 0.2)


def main():
    global DAEMON  # pylint: disable=global-statement
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    DAEMON = os.path.abspath(sys.argv.pop())
    if os.geteuid() != 0 or not all(shutil.which(p) for p in ("corosync", "pacemakerd", "stonith_admin")):
        print("skipped: needs root, corosync and Pacemaker")
        return SKIPPED
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
