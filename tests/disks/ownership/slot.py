# SPDX-License-Identifier: Apache-2.0
"""One LUN: who owns it, and a round of it."""
import random
import signal
import time

from faults import EITHER, KEEPS, wait_until
from guards import CLUSTER, NO_DISK, Guard
from stamps import Log, violations
from writers import Writer

REPLACE_WITHIN, REACTION = 8.0, 0.8
SPREAD = 3.0  # for each challenger: those of all LUNs share one processor here, which nodes do not
STRANGER, MARKER = 77, 0xcb57  # a node that is none; what ends every key (sgpr/node_key.hpp)


class Tenure:
    """From when a guard was seen to own the disk."""

    def __init__(self, nursery, epoch, guard, log):
        self.epoch, self.guard, self.node, self.owned_at = epoch, guard, guard.node, guard.verdict_at
        self.writer = Writer(nursery, epoch, guard, log)


class Result:
    """Of one round. `problems` are what must not be; `notes` what may, and is worth a word."""

    def __init__(self, fault, lun, victim):
        self.fault, self.lun, self.victim, self.winner = fault, lun, victim, victim
        self.takeover, self.fenced, self.stamps, self.stopped_after = None, False, 0, None
        self.problems, self.notes = [], []

    def bad(self, kind, text):
        self.problems.append((kind, text))

    def kinds(self):
        return {kind for kind, _ in self.problems}


class Slot:
    """The driver calls round() from one thread at a time."""

    def __init__(self, nursery, program, store, number, wwid, folder):
        self.nursery, self.program, self.store, self.number, self.wwid = nursery, program, store, number, wwid
        self.logfile = f"{folder}/lun{number}.log"
        self.log, self.rng = Log(self.logfile), random.Random()
        self.boots = {node: 1 for node in store.nodes}
        self.epoch, self.tenures, self.told = 0, {}, set()
        self.tenure = self.former = None
        self.storm, self.stopped, self.stop_by = None, [], None

    # What faults use.
    def stranger_key(self):
        return int(CLUSTER, 16) << 40 | STRANGER << 24 | 1 << 16 | MARKER

    def ways_of_others(self):
        """Generic devices of nodes that neither own the disk nor want it just now."""
        mine = set(self.tenure.guard.usable_paths())
        return [way for way in self.store.generics(self.wwid) if way not in mine]

    # Owners.
    def start(self, node, fenced=()):
        return Guard(self.program, self.wwid, node, self.boots[node], self.store.ports_of(node), fenced)

    def adopt(self, guard):
        self.epoch += 1
        self.tenures[self.epoch] = guard.verdict_at
        self.tenure = Tenure(self.nursery, self.epoch, guard, self.logfile)

    def give_up(self, tenure):
        tenure.writer.end()
        if not tenure.guard.release():
            tenure.guard.destroy()

    def own(self, node):
        """The disk is that node's; '' or why not."""
        if self.tenure and self.tenure.node == node and self.tenure.guard.owns_now():
            return ""
        if self.tenure:
            self.give_up(self.tenure)
            self.tenure = None
        why = ""
        for _ in range(4):
            guard = self.start(node)
            guard.known.wait(60)
            if guard.owned():
                self.adopt(guard)
                return ""
            why = f"{guard.verdict} {guard.text}"
            guard.destroy()
            time.sleep(1)
        return why

    # A round.
    def round(self, batch, rng):
        """`batch` has fault, name, victim (of a node) and tells when the fault begins and ends."""
        self.rng, self.stop_by, fault = rng, None, batch.fault
        victim = batch.victim if fault.on_node else rng.choice(self.store.nodes)
        result = Result(batch.name, self.number, victim)
        why = self.own(victim)
        if not why:  # it has to write before anything is done to it
            why = "" if self.writes_after(self.tenure.epoch, 0, 20) else "the owner does not write"
        batch.prepared()
        if why:
            result.bad("unprepared", why)
            return result
        self.former = self.tenure
        self.strike(batch, result)
        if fault.outcome == KEEPS:
            self.expect_kept(batch, result)
        else:
            self.expect_replaced(batch, result)
        self.judge(batch, result)
        return result

    def strike(self, batch, result):
        if batch.fault.on_node:
            batch.begun.wait(120)
            return
        batch.wait_for_all()
        time.sleep(self.rng.uniform(0, 3))  # anywhere between two looks of the defence
        result.fenced = batch.fault.may_be_fenced and self.rng.random() < 0.4
        if result.fenced:
            self.tenure.writer.end()
            self.boots[self.tenure.node] = self.boots[self.tenure.node] % 255 + 1
        elif batch.fault.rude:
            self.tenure.writer.be_rude()
        batch.fault.strike(self)

    def healed(self, batch):
        if batch.fault.on_node:
            return batch.healed.wait(180)
        batch.fault.heal(self)
        return True

    def others(self, count):
        return self.rng.sample([n for n in self.store.nodes if n != self.former.node], count)

    def expect_kept(self, batch, result):
        owner = self.former.guard
        time.sleep(self.rng.uniform(0, 2))
        challenger = self.start(self.others(1)[0])
        challenger.known.wait(60)
        if challenger.owned():
            result.bad("live owner lost", f"node {challenger.node} got the disk; the owner's verdict: "
                       f"ended {owner.ended.is_set()}")
            self.healed(batch)
            self.succeed(challenger, result)
            return
        if not challenger.ended.wait(20):
            result.notes.append("the refused challenger did not end by itself")
            challenger.destroy()
        self.healed(batch)
        since = time.monotonic()
        if not wait_until(owner.owns_now, 10, 0.25):
            result.bad("live owner lost", f"its guard ended ({challenger.verdict} {challenger.text} to the challenger)")
            return
        if not wait_until(lambda: len(owner.usable_paths()) == self.store.paths, 20, 0.25):
            result.bad("path not back", f"usable: {owner.usable_paths()}")
        elif not self.writes_after(self.former.epoch, since, 15):
            result.bad("owner stopped", "no stamp after the fault")

    def expect_replaced(self, batch, result):
        either = batch.fault.outcome == EITHER
        time.sleep(self.rng.uniform(0, 4 if either else SPREAD * batch.fault.challengers))
        fenced = (self.former.node,) if result.fenced else ()
        # Both at once, as near as can be.
        guards = [self.start(node, fenced) for node in self.others(batch.fault.challengers)]
        winners = self.wait_for_verdicts(guards, fenced, again=either)
        if winners and not either:
            self.measure(result, winners[0], winners[0].began)
            if result.takeover > REPLACE_WITHIN:
                result.bad("late", f"{result.takeover:.2f} s")
        time.sleep(self.rng.uniform(0, 2))
        self.healed(batch)
        if winners and either:
            self.measure(result, winners[0], max(winners[0].began, batch.healed_at))
        if len(winners) > 1:
            result.bad("two owners", f"nodes {[g.node for g in winners]} were both told that they own it")
        for guard in guards:
            if guard not in winners and not guard.ended.wait(20):
                guard.destroy()
        if not winners:
            self.nobody_won(result, either, guards)
            return
        self.retire_former(result)
        if either and self.tenure.guard.ended.is_set():
            result.notes.append("taken before the target went, which lost it to nobody")
        elif not self.writes_after(self.tenure.epoch, time.monotonic(), 15):
            result.bad("owner stopped", "the new owner writes nothing")

    def nobody_won(self, result, either, guards):
        said = ", ".join(f"node {g.node}: {g.verdict} {g.text}" for g in guards)
        if either and wait_until(self.former.guard.owns_now, 5, 0.25):
            result.notes.append("kept")
        elif either:
            result.notes.append(f"nobody's: {said}")
        else:
            result.bad("not replaced", said)

    def wait_for_verdicts(self, guards, fenced, again):
        """Its writer begins as soon as one owns the disk. `again`: who found no disk tries it once more."""
        winners, waiting = [], list(guards)
        end = time.monotonic() + 60
        while waiting and time.monotonic() < end:
            for guard in list(waiting):
                if not guard.known.is_set():
                    continue
                waiting.remove(guard)
                if guard.owned():
                    self.adopt(guard)
                    winners.append(guard)
                elif again and guard.verdict == NO_DISK:
                    time.sleep(0.3)
                    waiting.append(self.start(guard.node, fenced))
                    guards.append(waiting[-1])
            time.sleep(0.02)
        return winners

    def succeed(self, guard, result):
        self.adopt(guard)
        result.winner = guard.node
        self.retire_former(result)

    def measure(self, result, guard, since):
        result.winner, result.takeover = guard.node, max(guard.verdict_at - since, 0.0)

    def retire_former(self, result):
        """It has to find out by itself that it lost the disk, and is given the time to write where it must not."""
        if not self.former.guard.ended.wait(30):
            result.bad("former guard stays", f"{self.former.guard.status()}")
            self.former.guard.destroy()
        time.sleep(1)
        self.former.writer.end()

    def writes_after(self, epoch, since, seconds):
        def ask():
            self.log.read()
            return self.log.last_of(epoch) > since
        return wait_until(ask, seconds, 0.2)

    def judge(self, batch, result):
        self.log.read()
        result.stamps = sum(1 for w in self.log.landed if w[0] >= self.former.epoch)
        for text in violations(self.log.landed, self.tenures):
            if text not in self.told:  # by the round before, whose writes are judged against this one's tenures too
                self.told.add(text)
                result.bad("two writers", text)
        for text in self.log.on_disk:
            result.bad("two writers", text)
        for text in self.log.overtaken:
            # A target that forgets lets others in at once, and refuses the former owner from then on.
            if batch.name == "restart-forgets":
                result.notes.append("another owned the disk while the guard still said owned: the target had forgotten")
            else:
                result.bad("believed too long", text)
        if self.stop_by is not None:
            result.stopped_after = max(self.log.last_of(self.former.epoch) - self.stop_by, 0.0)
            if result.stopped_after > REACTION:
                result.bad("host stopped late", f"a write began {result.stopped_after:.2f} s after the time to stop")
        if self.log.refused:
            result.notes.append("refused " + " ".join(f"{k}:{v}" for k, v in sorted(self.log.refused.items())))
        keep = self.epoch - 1
        self.log.landed = [w for w in self.log.landed if w[0] >= keep]
        self.log.on_disk, self.log.overtaken, self.log.refused = [], [], {}
        self.tenures = {e: at for e, at in self.tenures.items() if e >= keep}

    def close(self):
        for tenure in (self.former, self.tenure):
            if tenure:
                tenure.guard.signal(signal.SIGCONT)
                tenure.writer.end(5)
                tenure.guard.destroy()
