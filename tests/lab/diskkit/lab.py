# SPDX-License-Identifier: Apache-2.0
"""The guests of one lab together."""
import os
import signal
import subprocess
import sys
import time

from . import share
from .control import Control
from .guest import Guest
from .place import LAB
from .switch import Switch

TIMED_OUT, NO_GUEST = 124, 125
TARGET_NUMBER = 9


def layout(args):
    """Guests as (name, number, role). Without a driver the first node has the target; with one a guest of its own."""
    if args.nodes == 1 and not args.driver:
        return [("lab", 1, "single")]
    role = "served" if args.driver else "node"
    nodes = [(f"node{n}", n, role) for n in range(1, args.nodes + 1)]
    return ([("target", TARGET_NUMBER, "target")] if args.driver else []) + nodes


def configuration(args, kind, guest):
    """What a guest's scripts go by."""
    name, number, role = guest
    networked = role != "single"
    local = {"single": " ".join(str(i) for i in range(1, args.initiators + 1)), "target": ""}.get(role, str(number))
    return {"LAB_NAME": name, "LAB_NUMBER": number, "LAB_ROLE": role, "LAB_KIND": kind,
            "LAB_NODE": number, "LAB_NODES": args.nodes, "LAB_NETWORK": int(networked),
            "LAB_TARGET_NODE": 1 if role == "node" else 0, "LAB_CLUSTER": int(args.cluster),
            "LAB_TOKEN_MS": args.token,
            "LAB_TRANSPORT": "iscsi" if networked or args.iscsi else "loop",
            "LAB_LUNS": args.luns, "LAB_SIZE_MB": args.size, "LAB_PATHS": args.paths,
            "LAB_INITIATORS": args.nodes if networked else args.initiators, "LAB_LOCAL_INITIATORS": local,
            "LAB_REPORT_AFTER": max(1, args.timeout * 0.8 - 5)}


class Lab:
    """Made with everything prepared and nothing started; close() ends all guests and keeps what they left."""

    def __init__(self, args, machine, folder, keeper):
        self.args, self.folder = args, folder
        self.deadline = time.monotonic() + args.timeout
        os.mkdir(os.path.join(folder, "common"))
        plan = layout(args)
        self.switch = Switch([number for _, number, _ in plan]) if plan[0][2] != "single" else None
        self.guests = {}
        for name, number, role in plan:
            home = os.path.join(folder, name)
            share.prepare(home, configuration(args, machine.kind, (name, number, role)))
            if not args.driver:
                share.put_command(os.path.join(home, "lab/command"), args.command, args.env)
            self.guests[name] = Guest(name, number, machine, home, args.memory, keeper,
                                      self.switch.guest_end(number) if self.switch else None)

    def close(self):
        for guest in self.guests.values():
            guest.kill()
            if self.args.out:
                into = self.args.out if len(self.guests) == 1 else os.path.join(self.args.out, guest.name)
                share.keep(guest.share, into)

    def run_command(self):
        """The command in all guests; the first exit status that is not 0."""
        for guest in self.guests.values():
            guest.start()
        if not self._follow():
            return self._timed_out()
        statuses = [g.status() for g in self.guests.values()]
        self._tell_of_the_dead()
        return next((s for s in statuses if s), 0)

    def run_driver(self):
        """The command on this machine, once all guests are ready; its exit status."""
        self.say_who_is_expected()
        for guest in self.guests.values():
            guest.start()
        if not self._get_ready():
            return NO_GUEST
        control = Control(self)
        environment = {**os.environ, "LAB_CONTROL": self.folder, "LAB_CTL": os.path.join(LAB, "disks-ctl")}
        driver = subprocess.Popen(self.args.command, env=environment, stdin=subprocess.DEVNULL,
                                  start_new_session=True)
        try:
            while driver.poll() is None:
                if time.monotonic() > self.deadline:
                    return self._timed_out()
                control.serve(0.1)
        finally:
            if driver.poll() is None:
                os.killpg(driver.pid, signal.SIGKILL)
                driver.wait()
        return driver.returncode if driver.returncode >= 0 else 128 - driver.returncode

    def say_who_is_expected(self):
        """How many nodes a node that starts has to see."""
        with open(os.path.join(self.folder, "common/expected-nodes"), "w", encoding="utf-8") as f:
            nodes = [g for g in self.guests.values() if g.number != TARGET_NUMBER]
            started = [g for g in nodes if g.running() and not g.frozen]
            f.write(f"{len(started or nodes)}\n")

    def _get_ready(self):
        """Until all guests are; False, and told why, if one does not get there."""
        while not all(g.ready() for g in self.guests.values()):
            dead = [g for g in self.guests.values() if not g.running()]
            if dead or time.monotonic() > self.deadline:
                if not dead:
                    self._timed_out()
                for guest in dead:
                    with open(os.path.join(guest.share, "stderr"), encoding="utf-8", errors="replace") as f:
                        print(f"disks: {guest.name} ended:\n{f.read()}{guest.tail(8)}", file=sys.stderr)
                return False
            time.sleep(0.1)
        return True

    def _follow(self):
        """Until all have ended, or one has died, or the time is up; False if it is."""
        several = len(self.guests) > 1
        followers = [f for g in self.guests.values()
                     for f in share.followers(g.share, f"{g.name}: " if several else "")]
        while time.monotonic() < self.deadline:
            statuses = [g.status() for g in self.guests.values()]
            for f in followers:
                f.pump()
            if None not in statuses or 125 in statuses:
                return True
            time.sleep(0.05)
        return False

    def _timed_out(self):
        print(f"disks: not done after {self.args.timeout:g} s; --out DIR keeps consoles and what hangs "
              "(DIR/stuck)", file=sys.stderr)
        for guest in self.guests.values():
            if guest.running():
                print(f"disks: end of {guest.name}'s console:\n{guest.tail()}", file=sys.stderr)
        return TIMED_OUT

    def _tell_of_the_dead(self):
        for guest in self.guests.values():
            if not guest.running() and share.status(guest.share) is None:
                print(f"disks: {guest.name} died; the end of its console:\n{guest.tail()}", file=sys.stderr)
