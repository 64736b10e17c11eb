# SPDX-License-Identifier: Apache-2.0
"""Faults. Each is injected, held for some seconds and healed.

`minority`: nodes that must not serve while it lasts. `reached`: nodes whose clients should be answered again
within the bound, if the fault is a single failure. A jump of the wall clock is missing: namespaces share it.
"""
import signal
import threading
import time

from nodes import eventually

FAULTS = {}


def fault(name, hold, single=False, least=3):
    """hold: seconds; single: one failure that the others must get over; least: nodes it needs."""
    def register(cls):
        cls.name, cls.hold, cls.single, cls.least = name, hold, single, least
        FAULTS[name] = cls
        return cls
    return register


class Fault:
    """One fault on nodes that `rng` chooses."""
    name, hold, single, least = "", 0.0, False, 3
    weight = 1  # elementary faults, for the bound on epochs

    def __init__(self, cluster, rng):
        self.cluster, self.rng = cluster, rng
        self.victims = [rng.choice(cluster.nodes)]
        self.minority = []

    def __str__(self):
        return f"{self.name} {','.join(map(str, self.victims))}" if self.victims else self.name

    @property
    def reached(self):
        return self.cluster.others(self.victims)

    def inject(self):
        raise NotImplementedError

    def heal(self):
        raise NotImplementedError

    def smaller_part(self):
        """Some nodes, less than half of all."""
        most = (len(self.cluster.nodes) - 1) // 2
        return self.rng.sample(self.cluster.nodes, self.rng.randint(1, most))


class ProcessFault(Fault):
    """Processes end; healing starts them again."""

    def heal(self):
        self.cluster.start_all()


@fault("kill-daemon", hold=5, single=True)
class KillDaemon(ProcessFault):
    def inject(self):
        for node in self.victims:
            node.signal("clusbridged", signal.SIGKILL)


@fault("kill-daemon-quick", hold=4, single=True)
class KillDaemonQuick(KillDaemon):
    """Started again at once: within the time in which the others notice."""

    def inject(self):
        super().inject()
        for node in self.victims:  # nobody else: another fault may hold others down
            node.start_daemon()


@fault("kill-all-daemons", hold=2)
class KillAllDaemons(KillDaemon):
    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = list(cluster.nodes)


@fault("stop-daemon", hold=4, single=True)
class StopDaemon(ProcessFault):
    """SIGTERM: it leaves the group and says so."""

    def inject(self):
        for node in self.victims:
            node.stop_daemon()


@fault("kill-corosync", hold=8, single=True)
class KillCorosync(ProcessFault):
    """The lab starts corosync and Pacemaker again; the daemon lives on."""

    def inject(self):
        for node in self.victims:
            node.signal("corosync", signal.SIGKILL)


@fault("kill-node", hold=6, single=True)
class KillNode(ProcessFault):
    def inject(self):
        for node in self.victims:
            node.kill()


@fault("kill-majority", hold=6)
class KillMajority(KillNode):
    """The nodes that are left must not serve."""

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = rng.sample(cluster.nodes, len(cluster.nodes) // 2 + 1)
        self.minority = cluster.others(self.victims)


@fault("kill-all-nodes", hold=2)
class KillAllNodes(KillNode):
    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = list(cluster.nodes)


@fault("restart-loop", hold=16)
class RestartLoop(ProcessFault):
    """One daemon is stopped and started every few seconds."""
    weight = 5

    def inject(self):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self):
        while not self.ended.wait(3):
            self.victims[0].stop_daemon()
            self.victims[0].start_daemon()

    def heal(self):
        self.ended.set()
        self.thread.join()
        super().heal()


class Pause(Fault):
    process, seconds = "clusbridged", 1.0

    def inject(self):
        for node in self.victims:
            node.signal(self.process, signal.SIGSTOP)

    def heal(self):
        for node in self.victims:
            node.signal(self.process, signal.SIGCONT)


@fault("pause-daemon-1", hold=1, single=True)
class PauseDaemonShort(Pause):
    pass


@fault("pause-daemon-3", hold=3, single=True)
class PauseDaemon(Pause):
    pass


@fault("pause-daemon-10", hold=10, single=True)
class PauseDaemonLong(Pause):
    pass


@fault("pause-corosync-3", hold=3, single=True)
class PauseCorosync(Pause):
    process = "corosync"


@fault("pause-all-daemons-3", hold=3)
class PauseAll(Pause):
    """Every lease runs out."""

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = list(cluster.nodes)


class Packets(Fault):
    def heal(self):
        for node in self.cluster.nodes:
            node.hear_all()

    def split(self, left, right):
        for node in left:
            node.deaf_to(right)
        for node in right:
            node.deaf_to(left)


@fault("link-down", hold=8, single=True)
class LinkDown(Fault):
    """Clients of the node are cut off, too."""

    def inject(self):
        self.victims[0].link("down")

    def heal(self):
        self.victims[0].link("up")


@fault("one-way", hold=10)
class OneWay(Packets):
    """The node is heard and hears nobody."""
    weight = 3

    def inject(self):
        for node in self.victims:
            node.deaf_to(self.cluster.others([node]))


@fault("one-way-pair", hold=10)
class OneWayPair(Packets):
    """One node does not hear one other; everyone else hears everyone."""
    weight = 3

    def inject(self):
        self.victims[0].deaf_to([self.rng.choice(self.cluster.others(self.victims))])


@fault("loss", hold=12)
class Loss(Packets):
    """Every node loses 30 of 100 packets from its peers."""
    weight = 5

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = list(cluster.nodes)

    def inject(self):
        for node in self.victims:
            node.deaf_to(self.cluster.others([node]), probability=0.3)


@fault("slow-link", hold=10)
class SlowLink(Packets):
    """200 ms of delay where the kernel has netem, else 500 kbit/s: `run` says which."""
    weight = 3

    def inject(self):
        shape = ["netem", "delay", "200ms", "50ms"] if self.cluster.has_netem else [
            "tbf", "rate", "500kbit", "burst", "4kb", "latency", "300ms"]
        for node in self.victims:
            node.run("tc", "qdisc", "add", "dev", "eth0", "root", *shape)

    def heal(self):
        for node in self.victims:
            node.run("tc", "qdisc", "del", "dev", "eth0", "root", check=False)


@fault("partition", hold=10, single=True)
class Partition(Packets):
    """Majority and minority. Clients reach both."""

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = self.minority = self.smaller_part()

    def inject(self):
        self.split(self.minority, self.reached)


@fault("partition-all", hold=8)
class PartitionAll(Packets):
    """Nobody hears anybody."""

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = self.minority = list(cluster.nodes)

    def inject(self):
        for node in self.victims:
            node.deaf_to(self.cluster.others([node]))


@fault("partition-moving", hold=16)
class PartitionMoving(Packets):
    """Another minority every four seconds."""
    weight = 5

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = []

    def inject(self):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self):
        while not self.ended.is_set():
            part = self.smaller_part()
            self.split(part, self.cluster.others(part))
            self.ended.wait(4)
            super().heal()

    def heal(self):
        self.ended.set()
        self.thread.join()
        super().heal()


@fault("bridge", hold=12)
class Bridge(Packets):
    """Two sides that hear one node in the middle, but not each other."""
    weight = 3

    def inject(self):
        order = self.rng.sample(self.cluster.nodes, len(self.cluster.nodes))
        half = len(order) // 2
        self.victims = order[:1]
        self.split(order[1:half + 1], order[half + 1:])


@fault("full-disk", hold=8)
class FullDisk(Fault):
    """No byte is left where one node keeps its state: every origin refuses writes, or goes on without the node."""

    def inject(self):
        self.victims[0].fill_disk()

    def heal(self):
        self.victims[0].empty_disk()


@fault("full-disk-restart", hold=8)
class FullDiskRestart(FullDisk):
    """The daemon is killed and started while its disk is full: it may say so and end."""

    def inject(self):
        super().inject()
        time.sleep(2)
        self.victims[0].excused = True
        self.victims[0].signal("clusbridged", signal.SIGKILL)
        self.cluster.start_all()

    def heal(self):
        super().heal()
        self.cluster.start_all()
        self.victims[0].excused = False


@fault("mixed", hold=8)
class Mixed(Fault):
    """Two or three at once, on any nodes."""
    weight = 3
    PARTS = ("kill-daemon", "kill-daemon-quick", "kill-node", "pause-daemon-3", "pause-corosync-3", "one-way",
             "one-way-pair", "loss", "partition", "stop-daemon", "kill-corosync")

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.parts = [FAULTS[name](cluster, rng) for name in rng.sample(self.PARTS, rng.randint(2, 3))]

    def __str__(self):
        return "mixed (" + ", ".join(map(str, self.parts)) + ")"

    def inject(self):
        # Packets first, nodes last: a node that is dead has neither packets to drop nor processes to stop.
        for part in sorted(self.parts, key=lambda part: isinstance(part, ProcessFault) + isinstance(part, KillNode)):
            part.inject()
            time.sleep(self.rng.uniform(0, 1.5))

    def heal(self):
        self.cluster.heal()
        for part in self.parts:
            part.heal()


@fault("rolling-kill", hold=2)
class RollingKill(ProcessFault):
    """One daemon after the other is killed, the next as soon as the last one is back in the group."""
    weight = 5

    def __init__(self, cluster, rng):
        super().__init__(cluster, rng)
        self.victims = rng.sample(cluster.nodes, len(cluster.nodes))

    def inject(self):
        for node in self.victims:
            node.signal("clusbridged", signal.SIGKILL)
            time.sleep(self.rng.uniform(0.2, 2.5))
            self.cluster.start_all()
            eventually(f"daemon of {node}", lambda node=node: node.processes("clusbridged"))
