# SPDX-License-Identifier: Apache-2.0
"""What the nodes say of themselves, and what they must not do without quorum."""
import json
import os
import time
from dataclasses import dataclass, field

from checker import Violation
from client import ERROR_SHARING_PAUSED, OK, REFUSED, Client
from history import READ
from nodes import eventually
from workload import KEY

LEASE_S = 1.0
UNAVAILABLE_S = 1.0 + 1.2 + 2.0 + LEASE_S  # token, consensus, silence or answers to an epoch change, lease
MARGIN_S = 1.0  # for a lease to run out after corosync has said so


@dataclass
class Status:
    """`clusbridge registry status --json`, or nothing but `known` = False where it does not answer."""
    known: bool = False
    state: str = ""
    epoch: int = 0
    committed: int = 0
    digest: str = ""
    raw: dict = field(default_factory=dict)


def status(cluster, node):
    if not node.processes("clusbridged"):
        return Status()
    text = node.run(cluster.tool, "registry", "status", "--json", "--socket", os.path.join(node.folder, "control.sock"),
                    check=False)
    try:
        said = json.loads(text)
        number = int(said["epoch"].split(".")[0])  # "number.coordinator"
        return Status(True, said["state"], number, int(said["committed"]), said["digest"], said)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Status()


def statuses(cluster):
    return [status(cluster, node) for node in cluster.nodes]


def active(said):
    """All nodes, in one epoch."""
    return all(one.known and one.state == "active" and one.epoch == said[0].epoch for one in said)


def converged(said):
    """The same entries and the same digest, too."""
    return active(said) and len({(one.committed, one.digest) for one in said}) == 1


class Minority:
    """Watches nodes that have no quorum: they refuse writes, serve reads only as read-only servers, and still answer."""

    def __init__(self, cluster, nodes, port, account):
        self.nodes, self.port, self.account = nodes, port, account
        self.since = None
        self.violations = []
        self.codes = set()

    def begin(self):
        """When corosync says on all of them that there is no quorum, and every lease has run out."""
        for node in self.nodes:
            eventually(f"{node} without quorum", lambda node=node: node.quorate() is False, 20, 0.2)
        time.sleep(LEASE_S + MARGIN_S)
        self.since = time.monotonic()

    def probe(self):
        for node in self.nodes:
            client = Client(node.address, self.port, self.account, KEY)
            try:
                code = client.cluster_name()
                if code != 0:
                    self._wrong(node, f"ApiGetClusterName is answered by {code:#x}")
                answer = client.prepare()
                if answer is None:
                    answer = client.set("probe", b"never")
                self.codes.add(answer.code)
                if answer.outcome == OK:
                    self._wrong(node, "a write was acknowledged")
                elif answer.code != ERROR_SHARING_PAUSED:
                    self._wrong(node, f"a write ended in {answer}")
            except Exception as error:  # pylint: disable=broad-except; impacket raises much
                self._wrong(node, f"{type(error).__name__}: {error}")
            finally:
                client.close()

    def _wrong(self, node, what):
        self.violations.append(Violation(str(node), "without quorum: " + what))

    def check(self, operations, end):
        """Nothing was acknowledged by these nodes between `begin` and `end`."""
        names = {str(node) for node in self.nodes}
        for o in operations:
            if o.node in names and o.outcome == OK and self.since < o.start and o.end < end:
                what = "served a read as if it were active" if o.kind == READ else "acknowledged a write"
                self.violations.append(Violation(o.register, f"a node without quorum {what}", o))
        return self.violations


def refusals(operations):
    """Codes of refused calls and how often."""
    counts = {}
    for o in operations:
        if o.outcome == REFUSED:
            counts[o.code] = counts.get(o.code, 0) + 1
    return counts
