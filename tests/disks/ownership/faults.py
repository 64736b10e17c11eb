# SPDX-License-Identifier: Apache-2.0
"""What is done to the owner of a disk in a round, and what has to come of it."""
import os
import random
import signal
import threading
import time

import storage

KEEPS = "keeps"      # a live owner: a challenger is refused, all its paths come back, it goes on writing
REPLACED = "replaced"  # a dead one: exactly one challenger has the disk within 8 s
EITHER = "either"    # the target was away: whoever has the disk afterwards, there were never two
OUTLASTS = (12, 15)  # seconds; the last challenger begins within 3 (slot.SPREAD) and has to have the disk 8 later


class Fault:
    """On a disk: of one LUN alone. On a node: of all LUNs, so that rounds of all LUNs begin together."""
    on_node = False
    outcome = REPLACED
    challengers = 1
    # The former owner's writer goes on, whatever its guard said; only the host's barrier or the target stops it.
    rude = False
    # The owner is dead for sure, and the challenger may be told so.
    may_be_fenced = False

    def strike(self, slot):
        """On a disk: begins."""

    def heal(self, slot):
        """On a disk: ends, when the round has its verdicts."""

    def run(self, store, victim, rng, begun):
        """On a node: begins, calls begun(), ends."""


class PathLoss(Fault):
    """One path of two goes and comes back."""
    on_node, outcome = True, KEEPS

    def run(self, store, victim, rng, begun):
        path = rng.randint(1, store.paths)
        store.down(victim, path)
        begun()
        time.sleep(rng.uniform(3, 9))
        store.up(victim, path)


class AllPaths(Fault):
    """All paths go, and come back when somebody else has the disk."""
    on_node = True

    def run(self, store, victim, rng, begun):
        for path in range(1, store.paths + 1):
            store.down(victim, path)
        begun()
        time.sleep(rng.uniform(*OUTLASTS))
        for path in range(1, store.paths + 1):
            store.up(victim, path)


class NewSessions(Fault):
    """Log-out and log-in, of one path or of one after the other: the target sees another initiator port."""
    on_node, outcome = True, KEEPS

    def run(self, store, victim, rng, begun):
        order = list(range(1, store.paths + 1))
        rng.shuffle(order)
        begun()
        for path in order[:rng.randint(1, store.paths)]:
            store.down(victim, path)
            time.sleep(rng.uniform(0, 1))
            store.up(victim, path)
            wait_until(store.complete, 30)
            time.sleep(rng.uniform(0.2, 3))


class FrozenPath(Fault):
    """Commands through one path get no answer."""
    on_node, outcome = True, KEEPS

    def run(self, store, victim, rng, begun):
        path = rng.randint(1, store.paths)
        store.freeze(victim, path)
        begun()
        time.sleep(rng.uniform(5, 12))
        store.thaw(victim, path)


class FrozenPaths(Fault):
    """Commands of the node get no answer; what it sent before comes through when somebody else has the disk."""
    on_node = True

    def run(self, store, victim, rng, begun):
        for path in range(1, store.paths + 1):
            store.freeze(victim, path)
        begun()
        time.sleep(rng.uniform(*OUTLASTS))
        for path in range(1, store.paths + 1):
            store.thaw(victim, path)


class Restart(Fault):
    """The target goes and comes back."""
    on_node, outcome = True, EITHER

    def __init__(self, how):
        self.how = how

    def run(self, store, victim, rng, begun):
        begun()
        time.sleep(rng.uniform(0, 2))
        store.stop_target()
        store.start_target(self.how)


class Attentions(Fault):
    """Resets of the unit and registrations of strangers, several a second: every nexus is told, again and again."""
    outcome = KEEPS

    def strike(self, slot):
        slot.storm = threading.Thread(target=self._storm, args=(slot, random.Random(slot.rng.random())), daemon=True)
        slot.storm.start()

    @staticmethod
    def _storm(slot, rng):
        end = time.monotonic() + rng.uniform(4, 8)
        stranger = slot.stranger_key()
        ways = slot.ways_of_others()
        while time.monotonic() < end and ways:
            if rng.random() < 0.5:
                storage.reset(rng.choice(ways))
            else:
                storage.register(rng.choice(ways), stranger)
            time.sleep(rng.uniform(0.2, 0.7))
        for way in ways:
            storage.register(way, 0)

    def heal(self, slot):
        slot.storm.join(60)


class KilledGuard(Fault):
    """kill -9 of the guard: the deadman keeps the host from writing."""
    rude = True

    def strike(self, slot):
        slot.tenure.guard.signal(signal.SIGKILL)
        slot.stop_by = time.monotonic()


class KilledBoth(Fault):
    """kill -9 of guard and deadman: only the target's refusal is left, or the writer dies too and the node is fenced."""
    may_be_fenced = True
    rude = True

    def strike(self, slot):
        slot.tenure.guard.kill_all()


class TwoChallengers(KilledBoth):
    """Both other nodes want a dead owner's disk at the same time."""
    challengers = 2


class FrozenGuard(Fault):
    """SIGSTOP of the guard: the deadman acts when the belief is over; later the guard wakes up."""
    rude = True

    def strike(self, slot):
        slot.tenure.guard.signal(signal.SIGSTOP)
        slot.stop_by = time.monotonic() + 6.0

    def heal(self, slot):
        slot.former.guard.signal(signal.SIGCONT)


class FrozenNode(Fault):
    """SIGSTOP of all of the owner's processes, the writer too; later they wake up."""
    rude = True

    def strike(self, slot):
        guard = slot.tenure.guard
        slot.stopped = [guard.process.pid, *guard.deadmen()]
        guard.signal(signal.SIGSTOP)
        for pid in slot.stopped[1:]:
            send(pid, signal.SIGSTOP)
        slot.tenure.writer.signal(signal.SIGSTOP)

    def heal(self, slot):
        for pid in slot.stopped:
            send(pid, signal.SIGCONT)
        slot.former.writer.signal(signal.SIGCONT)


def send(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass


def wait_until(true, seconds, pause=0.1):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(pause)
    return bool(true())


FAULTS = {
    "path-loss": PathLoss(), "all-paths": AllPaths(), "new-isid": NewSessions(), "frozen-path": FrozenPath(),
    "frozen-paths": FrozenPaths(), "restart-aptpl": Restart("keep"), "restart-forgets": Restart("lose"),
    "attentions": Attentions(), "guard-killed": KilledGuard(), "both-killed": KilledBoth(),
    "two-challengers": TwoChallengers(), "guard-frozen": FrozenGuard(), "node-frozen": FrozenNode(),
}

# What the target itself makes impossible, and what tcm_loop cannot do.
EXCLUDED = {
    "loop": {"new-isid": "a nexus of tcm_loop has one initiator port for ever",
             "frozen-path": "commands to a path of tcm_loop fail, they cannot be made to wait",
             "frozen-paths": "commands to a path of tcm_loop fail, they cannot be made to wait"},
    "iscsi": {},
}
