#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A lab ends with its owner, is cleared when it is nobody's, and is left alone while it is in use.

test_ownership.py [TEST...]
Needs root, corosync and Pacemaker; exits 77 where they are missing.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "lab")
NET = os.environ.get("LAB_NET", "10.77.8")
A, B = map(int, NET.split(".")[1:])
NEIGHBOUR = f"10.{A}.{B ^ 1}"
SMALL = ("--nodes", "1", "--no-seed")
GONE_SECONDS = 20


def lab(*args, net=NET):
    return subprocess.run([LAB, *args], env={**os.environ, "LAB_NET": net}, check=False,
                          capture_output=True, text=True, timeout=120)


def root(net):
    return f"/tmp/clusbridge-lab-{net}"


def traces(net):
    """What a lab leaves to see: links, namespaces, files, its watcher and the nodes' first processes."""
    tag = "cb{:02x}{:02x}".format(*map(int, net.split(".")[1:]))
    said = [line for command in (["ip", "-o", "link"], ["ip", "netns"])
            for line in subprocess.run(command, capture_output=True, text=True, check=True)
            .stdout.splitlines() if tag in line]
    said += [name for name in os.listdir("/tmp") if name.startswith(os.path.basename(root(net)))]
    return said + processes(root(net) + "/")


def processes(word):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                command = f.read().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if word in command:
            found.append(f"{pid} {command}")
    return found


class Ownership(unittest.TestCase):
    def setUp(self):
        for net in (NET, NEIGHBOUR):
            self.assertEqual(traces(net), [], "there is a lab already")

    def tearDown(self):
        for net in (NET, NEIGHBOUR):
            lab("down", net=net)
            self.assertEqual(traces(net), [])

    def up(self, *args, net=NET):
        done = lab("up", *SMALL, *args, net=net)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def owner(self):
        p = subprocess.Popen(["sleep", "300"])
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        return p

    def gone(self):
        limit = time.monotonic() + GONE_SECONDS
        while left := traces(NET):
            self.assertLess(time.monotonic(), limit, left)
            time.sleep(0.05)

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)

    def watcher(self):
        with open(root(NET) + "/watcher.json", encoding="utf-8") as f:
            return json.load(f)["pid"]

    def test_a_lab_goes_with_its_owner_and_what_runs_in_it(self):
        owner = self.owner()
        self.up("--owner", str(owner.pid))
        inside = [subprocess.Popen([LAB, "run", where, "sh", "-c", "echo inside; exec sleep 300"],
                                   env={**os.environ, "LAB_NET": NET}, stdout=subprocess.PIPE,
                                   text=True) for where in ("node1", "client")]
        for p in inside:
            self.addCleanup(p.stdout.close)
            self.assertEqual(p.stdout.readline(), "inside\n")
        owner.kill()  # not yet waited for: to be a zombie is to have ended
        self.gone()
        for p in inside:
            self.assertNotEqual(p.wait(timeout=10), 0)

    def test_a_lab_in_use_is_refused_and_lives_on(self):
        owner = self.owner()
        self.up("--owner", str(owner.pid))
        refused = lab("up", *SMALL)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"process {owner.pid}", refused.stderr)
        lab("kill", "node1")  # what its owner does with it is the owner's business
        self.assertNotEqual(lab("up", *SMALL).returncode, 0)
        self.assertEqual(lab("boot", "node1").returncode, 0)
        self.assertTrue(json.loads(lab("env").stdout)["nodes"][0]["up"])

    def test_a_lab_without_owner_is_cleared_when_all_nodes_are_dead(self):
        self.up()
        self.assertIn("already up", lab("up", *SMALL).stderr)
        lab("kill", "node1")
        self.assertIn("all of its nodes are dead", self.up().stderr)
        self.assertEqual(lab("run", "node1", "true").returncode, 0)

    def test_a_lab_whose_owner_and_watcher_were_killed_is_cleared(self):
        owner = self.owner()
        self.up("--owner", str(owner.pid))
        self.kill(self.watcher())
        owner.kill()
        self.assertIn("has ended", self.up().stderr)

    def test_a_start_that_was_killed_is_cleared(self):
        p = subprocess.Popen([LAB, "up", *SMALL], env={**os.environ, "LAB_NET": NET})
        while not os.path.exists(root(NET) + "/node1/pid"):
            self.assertIsNone(p.poll())
            time.sleep(0.01)
        p.kill()
        p.wait()
        self.assertIn("cut short", self.up().stderr)

    def test_a_start_that_is_told_to_end_leaves_nothing(self):
        for sig in (signal.SIGTERM, signal.SIGINT):
            p = subprocess.Popen([LAB, "up", *SMALL], env={**os.environ, "LAB_NET": NET})
            while not os.path.exists(root(NET) + "/node1/pid"):
                self.assertIsNone(p.poll())
                time.sleep(0.01)
            p.send_signal(sig)
            self.assertEqual(p.wait(timeout=30), 128 + sig)
            self.assertEqual(traces(NET), [])

    def test_a_lab_is_cleared_that_was_half_cleared(self):
        self.up()
        os.unlink(root(NET) + "/lab.json")
        self.assertIn("no state", self.up().stderr)

    def test_labs_of_different_nets_are_independent(self):
        self.up()
        self.up("--links", "2", net=NEIGHBOUR)
        self.assertEqual(lab("down", net=NEIGHBOUR).returncode, 0)
        self.assertEqual(traces(NEIGHBOUR), [])
        self.assertEqual(lab("run", "node1", "cibadmin", "-Q").returncode, 0)

    def test_the_refused_nets(self):
        for net in ("10.128.0", "10.77", "10.77.0.1", "10.077.0", "192.168.0", "10.77.256"):
            self.assertIn("LAB_NET is", lab("env", net=net).stderr, net)


def available():
    needed = ("corosync", "pacemakerd", "ip", "nsenter", "unshare")
    return os.geteuid() == 0 and all(map(shutil.which, needed))


if __name__ == "__main__":
    if not available():
        print("needs root, corosync and Pacemaker")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
