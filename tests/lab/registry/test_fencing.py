#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster of two loses a node: the registry of the other waits until the node is known to be dead, and then goes on
alone. test_fencing.py DAEMON; exits 77 where there can be no lab."""
import sys

from client import ERROR_SHARING_PAUSED, OK
from nodes import eventually
from small_cluster import SmallCluster, main

LOST_S = 10  # corosync notices


class Fencing(SmallCluster):
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


if __name__ == "__main__":
    sys.exit(main(__doc__))
