#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Guards of several nodes compete for real disks, round after round, each with a fault; checks that there is one writer.

Run it where the LUNs are, with the built command (without AddressSanitizer):

    tests/lab/disks --iscsi --luns 16 --size 4 --initiators 3 --paths 2 --memory 1536 --timeout 3600 --out DIR \\
        $PWD/tests/disks/ownership/rounds.py $PWD/build-clang/sgpr/sgpr --rounds 500

Rounds of all LUNs run side by side, as most of a round is waiting. A line a round, a summary, and the same as JSON in
$LAB_OUT/ownership.json. Exit status: 0; 1 if a rule was broken; 2 if only a time was missed.
"""
import argparse
import json
import os
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from faults import EXCLUDED, FAULTS, wait_until
from slot import REPLACE_WITHIN, Result, Slot
from storage import Storage
from writers import Nursery

BROKEN = ("two writers", "two owners", "live owner lost", "not replaced", "believed too long", "owner stopped",
          "path not back", "former guard stays", "host stopped late")
MISSED = ("late",)


class Batch:
    """One round of every LUN, with the same fault."""

    def __init__(self, name, number, victim, slots):
        self.name, self.number, self.victim, self.fault = name, number, victim, FAULTS[name]
        self.begun, self.healed, self.healed_at = threading.Event(), threading.Event(), 0.0
        self._waiting, self._lock, self._all = slots, threading.Lock(), threading.Event()

    def prepared(self):
        """Of a LUN, once in a round."""
        with self._lock:
            self._waiting -= 1
            if self._waiting == 0:
                self._all.set()

    def wait_for_all(self):
        """Until every LUN has its owner: guards that start would take the processor from challengers."""
        self._all.wait(240)

    def break_node(self, store, rng):
        if self.fault.on_node:
            self.wait_for_all()
            try:
                self.fault.run(store, self.victim, rng, self.begun.set)
            finally:
                self.begun.set()
                self.healed_at = time.monotonic()
                self.healed.set()


class Summary:
    def __init__(self, transport, seed, names):
        self.transport, self.seed, self.began = transport, seed, time.monotonic()
        self.faults = {name: [] for name in names}

    def add(self, result):
        self.faults[result.fault].append(result)

    @staticmethod
    def _times(values):
        if not values:
            return None
        return {"rounds": len(values), "median_s": round(statistics.median(values), 2), "max_s": round(max(values), 2)}

    def of(self, results):
        done = [r for r in results if "unprepared" not in r.kinds()]
        counted = {kind: sum(kind in r.kinds() for r in done) for kind in BROKEN + MISSED}
        challenged = [r.takeover for r in done if r.takeover is not None and not r.fenced]
        fenced = [r.takeover for r in done if r.takeover is not None and r.fenced]
        return {"rounds": len(done), "unprepared": len(results) - len(done),
                "violations": sum(bool(r.kinds() & {"two writers", "two owners"}) for r in done),
                "kept": sum(r.winner == r.victim for r in done), "problems": {k: n for k, n in counted.items() if n},
                "takeover": self._times(challenged), "takeover_when_fenced": self._times(fenced),
                "host_stopped_after": self._times([r.stopped_after for r in done if r.stopped_after is not None]),
                "stamps": sum(r.stamps for r in done)}

    def json(self):
        return {"transport": self.transport, "seed": self.seed, "seconds": round(time.monotonic() - self.began),
                "excluded": EXCLUDED[self.transport], "faults": {n: self.of(r) for n, r in self.faults.items() if r}}

    def status(self):
        kinds = {kind for results in self.faults.values() for r in results for kind in r.kinds()}
        return 1 if kinds & set(BROKEN) else 2 if kinds & set(MISSED) else 0


def say(number, result):
    words = [f"{time.monotonic():8.1f} {number:5d} lun {result.lun:2d} {result.fault:15s} "
             f"node {result.victim} -> {result.winner}"]
    if result.takeover is not None:
        words.append(f"{'fenced ' if result.fenced else ''}{result.takeover:.2f} s")
    words.append(f"{result.stamps} stamps")
    words += result.notes
    words += [f"{kind.upper()}: {text}" for kind, text in result.problems]
    print("; ".join(words) if result.problems else ", ".join(words), flush=True)


class SystemLog:
    """What guards send to syslog, with the time, into a file."""

    def __init__(self, name):
        self.file = open(name, "a", encoding="utf-8", errors="replace")  # pylint: disable=consider-using-with
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if not os.path.lexists("/dev/log"):
            self.socket.bind("/dev/log")
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            line = self.socket.recv(8192).decode(errors="replace").rstrip("\0\n")
            self.file.write(f"{time.monotonic():.3f} {line.partition('sgpr-guard')[2] or line}\n")
            self.file.flush()


class Run:
    def __init__(self, args, folder, nursery):
        self.args, self.store = args, Storage()
        names = args.only.split(",") if args.only else list(FAULTS)
        excluded = EXCLUDED[self.store.transport]
        self.names = [n for n in names if n not in excluded and FAULTS[n].challengers < len(self.store.nodes)]
        self.slots = [Slot(nursery, os.path.abspath(args.program), self.store, number, wwid, folder)
                      for number, wwid in enumerate(self.store.luns, 1)]
        self.summary = Summary(self.store.transport, args.seed, self.names)
        self.rounds = 0

    def plan(self):
        """Every fault in turn, in a new order each time, so that a run that is cut short has had all of them alike."""
        rng = random.Random(self.args.seed)
        batches = -(-self.args.rounds // len(self.slots))
        for number in range(batches):
            names = list(self.names)
            rng.shuffle(names)
            for name in names:
                yield number, name

    def victim(self, rng):
        """A node that has most of the disks, which need not change hands then."""
        owned = [s.tenure.node for s in self.slots if s.tenure]
        return max(sorted(set(owned)), key=owned.count) if owned else rng.choice(self.store.nodes)

    def one_round(self, slot, batch, rng):
        try:
            result = slot.round(batch, rng)
        except Exception as e:  # pylint: disable=broad-exception-caught
            result = Result(batch.name, slot.number, batch.victim)
            result.bad("unprepared", f"driver: {type(e).__name__}: {e}")
            batch.prepared()
        self.rounds += 1
        say(self.rounds, result)
        return result

    def batch(self, number, name, pool):
        rng = random.Random(f"{self.args.seed} {name} {number}")
        batch = Batch(name, number, self.victim(rng), len(self.slots))
        done = [pool.submit(self.one_round, slot, batch, random.Random(rng.random())) for slot in self.slots]
        batch.break_node(self.store, rng)
        for each in done:
            self.summary.add(each.result())
        if self.store.failures:
            print(f"storage: {self.store.failures}", flush=True)
            self.store.failures.clear()
        return wait_until(self.store.complete, 60)

    def run(self):
        end = time.monotonic() + self.args.seconds
        with ThreadPoolExecutor(len(self.slots)) as pool:
            for number, name in self.plan():
                if time.monotonic() > end:
                    print("time is over", flush=True)
                    break
                if not self.batch(number, name, pool):
                    print("disks are missing after a fault: the lab is broken, not the guards", flush=True)
                    break
                self.write()
        for slot in self.slots:
            slot.close()
        return self.report()

    def write(self):
        with open(os.path.join(os.environ.get("LAB_OUT", "."), "ownership.json"), "w", encoding="ascii") as f:
            json.dump(self.summary.json(), f, indent=1)

    def report(self):
        self.write()
        for name, of in self.summary.json()["faults"].items():
            print(f"{name:15s} {of['rounds']:4d} rounds, {of['violations']} violations, {of['kept']} kept, takeover "
                  f"{of['takeover']}, fenced {of['takeover_when_fenced']}, {of['problems'] or 'no problems'}", flush=True)
        for name, why in EXCLUDED[self.store.transport].items():
            print(f"{name:15s} excluded: {why}")
        return self.summary.status()


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program", help="the command sgpr")
    p.add_argument("--rounds", type=int, default=48, metavar="N", help="of each fault, all LUNs together")
    p.add_argument("--seed", type=int, default=1, metavar="S", help="decides faults, nodes and times")
    p.add_argument("--only", default="", metavar="FAULT[,...]", help=", ".join(FAULTS))
    p.add_argument("--seconds", type=float, default=1e9, metavar="S", help="begin no round after this time")
    args = p.parse_args()
    unknown = set(filter(None, args.only.split(","))) - set(FAULTS)
    if unknown:
        p.error(f"no such fault: {', '.join(sorted(unknown))}")
    return args


def main():
    args = parse()
    nursery = Nursery()
    with tempfile.TemporaryDirectory(prefix="ownership-") as folder:
        SystemLog(os.path.join(os.environ.get("LAB_OUT", folder), "guards.log"))
        print(f"at most {REPLACE_WITHIN} s to replace a dead owner", flush=True)
        return Run(args, folder, nursery).run()


if __name__ == "__main__":
    sys.exit(main())
