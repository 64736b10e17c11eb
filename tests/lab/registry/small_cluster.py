# SPDX-License-Identifier: Apache-2.0
"""What the tests of a few nodes have in common: `main` runs those of the calling file, which gets the daemon as its
argument and exits 77 where there can be no lab."""
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("LAB_NET", "10.77.43")

# pylint: disable=wrong-import-position
from client import Client
from nodes import Cluster
from workload import make_key

SKIPPED = 77
KEY = "SmallClusterTest"
STATE_MIB = 64


class SmallCluster(unittest.TestCase):
    SIZE = 2
    OPTIONS = ()  # of `lab up`
    daemon = ""

    def setUp(self):
        self.cluster = Cluster(self.SIZE, self.daemon, STATE_MIB, options=self.OPTIONS)
        self.addCleanup(self.cluster.down)
        make_key(self.cluster.nodes[0], self.cluster.port, self.cluster.environment, KEY, 60)

    def client(self, node, connect_wait=5, call_wait=10):
        return Client(node.address, self.cluster.port, self.cluster.environment, KEY, connect_wait, call_wait)

    def write(self, node, value, seconds=20):
        """The answer to one write."""
        client = self.client(node, seconds, seconds)
        try:
            problem = client.prepare()
            return problem if problem is not None else client.set("value", value)
        finally:
            client.close()

    def read(self, node):
        client = self.client(node)
        try:
            return None if client.prepare() is not None else client.query("value").value
        finally:
            client.close()


def main(doc):
    if len(sys.argv) != 2:
        sys.exit(doc)
    SmallCluster.daemon = os.path.abspath(sys.argv.pop())
    if os.geteuid() != 0 or not all(shutil.which(p) for p in ("corosync", "pacemakerd", "stonith_admin")):
        print("skipped: needs root, corosync and Pacemaker")
        return SKIPPED
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1
