#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Corosync of a node stops answering without ending, as it does between two memberships that never come about: the
daemon of the node goes on reading and says so. test_frozen.py DAEMON; exits 77 where there can be no lab."""
import signal
import sys
import time

from client import OK
from nodes import eventually
from observe import status
from small_cluster import SmallCluster, main

FROZEN_S = 12
ANSWER_S = 6  # a read waits until the node knows that it is cut off


class FrozenCorosync(SmallCluster):
    def ask(self, node):
        """Everything that has to be answered, with a new connection."""
        client = self.client(node, ANSWER_S, ANSWER_S)
        try:
            self.assertIsNone(client.prepare())
            self.assertEqual(client.query("value").value, b"before")
        finally:
            client.close()
        self.assertTrue(status(self.cluster, node).known)

    def test_daemon_goes_on_reading(self):
        node, other = self.cluster.nodes
        self.assertEqual(self.write(node, b"before").outcome, OK)
        eventually("the other reads it", lambda: self.read(other) == b"before", 10, 0.2)
        self.assertTrue(node.signal("corosync", signal.SIGSTOP))
        end = time.monotonic() + FROZEN_S
        while time.monotonic() < end:
            self.ask(node)
            time.sleep(0.5)
        self.assertNotEqual(self.write(node, b"refused", 5).outcome, OK)
        node.signal("corosync", signal.SIGCONT)
        eventually("both write again", lambda: all(self.write(n, b"after").outcome == OK for n in (node, other)), 60, 0.5)
        words = node.last_words(100000)
        self.assertIn("corosync does not answer", words)
        self.assertIn("corosync answers again", words)

    def test_daemon_stops_without_it(self):
        node = self.cluster.nodes[0]
        self.assertTrue(node.signal("corosync", signal.SIGSTOP))
        time.sleep(3)
        node.daemon_expected = False
        node.signal("clusbridged", signal.SIGTERM)
        eventually("the daemon ends", lambda: not node.processes("clusbridged"), 15, 0.1)
        node.signal("corosync", signal.SIGCONT)

    def test_daemon_that_starts_says_what_it_waits_for(self):
        node = self.cluster.nodes[0]
        node.daemon_expected = False
        node.signal("clusbridged", signal.SIGTERM)
        eventually("the daemon ends", lambda: not node.processes("clusbridged"), 15, 0.1)
        self.assertTrue(node.signal("corosync", signal.SIGSTOP))
        node.start_daemon()
        eventually("it says so", lambda: "corosync does not answer" in node.last_words(100000), 15, 0.2)
        node.signal("corosync", signal.SIGCONT)
        eventually("it writes", lambda: self.write(node, b"started").outcome == OK, 60, 0.5)


if __name__ == "__main__":
    sys.exit(main(__doc__))
