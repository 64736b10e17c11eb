#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Four nodes with corosync's last_man_standing lose two, one after the other: the voters of the registry follow corosync's
expected votes, so the two that are left write on. test_last_man.py DAEMON; exits 77 where there can be no lab."""
import sys

from client import OK
from nodes import eventually
from observe import status
from small_cluster import SmallCluster, main

FOLLOWED_S = 20  # corosync notices, waits for its window of 3 s, and counts anew


class LastMan(SmallCluster):
    SIZE = 4
    OPTIONS = ("--last-man-standing",)

    def voters(self, node):
        return [member["node"] for member in status(self.cluster, node).raw.get("members", ()) if member["voter"]]

    def test_two_of_four_write_on(self):
        first, second, third, fourth = self.cluster.nodes
        self.assertEqual(self.write(first, b"four").outcome, OK)
        fourth.kill()
        eventually("three voters", lambda: self.voters(first) == [1, 2, 3], FOLLOWED_S, 0.2)
        third.kill()
        eventually("two voters", lambda: self.voters(first) == [1, 2], FOLLOWED_S, 0.2)
        for node in (first, second):
            self.assertEqual(self.write(node, b"two").outcome, OK)
        for node in (third, fourth):
            node.boot()
        for node in (third, fourth):
            eventually(f"corosync of {node}", node.ready)
            node.start_daemon()
        eventually("four voters", lambda: self.voters(first) == [1, 2, 3, 4], 60, 0.2)
        eventually("the last has what it missed", lambda: self.read(fourth) == b"two", 60, 0.2)


if __name__ == "__main__":
    sys.exit(main(__doc__))
