#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what the daemon's adapters show with Pacemaker's own tools, on real nodes.

test_lab.py SNAPSHOT_DUMP [TEST...]
Needs root, corosync and Pacemaker; exits 77 where they are missing.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "lab")
DUMP = ""
NET = os.environ.setdefault("LAB_NET", "10.77.9")
NODE_UP, NODE_DOWN, NODE_PAUSED, NODE_JOINING = "0", "1", "2", "3"
ONLINE, OFFLINE, FAILED = "2", "3", "4"
PATIENCE_S = 60
RECOVERY_S = 30
CONTROLLER_AWAY_S = 5
DEATHS = 6


def lab(*args, check=True, timeout=120):
    return subprocess.run([LAB, *args], check=check, capture_output=True, text=True,
                          timeout=timeout).stdout


def run(node, *cmd, check=True):
    return lab("run", node, "timeout", "30", *cmd, check=check)


def dump(node, *options):
    """Lines of the snapshot: kind -> list of rows."""
    rows = {}
    for line in run(node, DUMP, *options).splitlines():
        kind, *fields = line.split("\t")
        rows.setdefault(kind, []).append(fields)
    return rows


def dump_together():
    """Text of the snapshot on both nodes at once: each waits for the other's report."""
    command = ["timeout", "30", DUMP, "--wait-peers", "--hold", "3"]
    procs = [subprocess.Popen([LAB, "run", n, *command], stdout=subprocess.PIPE, text=True)
             for n in ("node1", "node2")]
    return [p.communicate(timeout=60)[0] for p in procs]


def all_work():
    """Every daemon of Pacemaker runs on node1, and those that the others hang on answer; else an exception."""
    for daemon in ("based", "fenced", "execd", "attrd", "schedulerd", "controld"):
        run("node1", "pidof", f"pacemaker-{daemon}")
    run("node1", "timeout", "5", "cibadmin", "-Q")
    run("node1", "timeout", "5", "crmadmin", "-S", "node1")


def answers_cib(node):
    try:
        run(node, "timeout", "5", "cibadmin", "-Q")
    except subprocess.SubprocessError:
        return False
    return True


def set_role(resource, role):
    run("node1", "crm_resource", "--resource", resource, "--meta", "--set-parameter", "target-role",
        "--parameter-value", role)


def eventually(check, seconds=PATIENCE_S):
    """Calls `check` until it raises no more."""
    end = time.monotonic() + seconds
    while True:
        try:
            return check()
        except (AssertionError, subprocess.SubprocessError):
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


def pacemaker_instances(mon):
    """Every primitive instance that crm_mon shows: (id, node or "", expected states)."""
    failures = {f.get("op_key").rsplit("_", 2)[0] for f in mon.findall("failures/failure")}
    for r in mon.iter("resource"):
        name = r.get("id").split(":")[0]
        node = r.find("node")
        if r.get("failed") == "true":
            state = {FAILED}
        elif r.get("active") == "true":
            state = {ONLINE}
        else:
            wanted = r.get("target_role", "Started") != "Stopped"
            state = {FAILED} if name in failures and wanted else {OFFLINE}
        yield name, node.get("name") if node is not None else "", state


class Follower:
    """snapshot_dump --follow on a node, and its lines as they come."""

    def __init__(self, node):
        self.node, self.lines = node, []
        self.process = subprocess.Popen([LAB, "run", node, DUMP, "--follow", "300"], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def changes(self):
        """One line each; a first one that says nothing when there is none yet."""
        return ["none"] + [line for line in self.lines if " ms: " in line]

    def end(self):
        """Its exit code."""
        run(self.node, "sh", "-c", "kill -TERM $(pidof snapshot_dump)", check=False)
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()
            self.reader.join()
            self.process.stdout.close()


class Lab(unittest.TestCase):
    def agree(self, node):
        mon = ET.fromstring(run(node, "crm_mon", "--output-as=xml", "-r"))
        rows = dump(node)
        shown = {r[0]: r[1] for r in rows["node"]}
        for n in mon.findall("nodes/node"):
            expected = (NODE_DOWN if n.get("online") != "true" else
                        NODE_PAUSED if n.get("standby") == "true" else
                        NODE_JOINING if n.get("pending") == "true" else NODE_UP)
            self.assertEqual(shown.get(n.get("name")), expected, f"node {n.get('name')} on {node}")
        # NAME, CIB ID, STATE, OWNER, TYPE, GROUP
        resources = [r for r in rows["resource"] if r[1]]
        seen = 0
        for name, where, states in pacemaker_instances(mon):
            mine = [r for r in resources if r[1] == name and (not where or r[3] == where)]
            if not where and name in {"watch", "store"}:
                continue  # an instance that runs nowhere is on the node that is left
            self.assertEqual(len(mine), 1, f"{name} on {where}, seen from {node}: {mine}")
            self.assertIn(mine[0][2], states, f"{name}, seen from {node}")
            seen += 1
        self.assertGreaterEqual(seen, 8)

    def agree_everywhere(self):
        for node in ("node1", "node2"):
            eventually(lambda node=node: self.agree(node))

    def state(self, node, name):
        found = [r for r in dump(node)["resource"] if r[1] == name]
        return found[0][2], found[0][3]

    def test_10_agrees_with_crm_mon_after_the_start(self):
        self.agree_everywhere()
        self.assertEqual(self.state("node2", "archive")[0], OFFLINE)
        self.assertEqual(self.state("node2", "broken"), (FAILED, "node1"))

    def test_20_agrees_after_stop_move_and_failure(self):
        set_role("mailer", "Stopped")
        self.agree_everywhere()
        self.assertEqual(self.state("node2", "mailer")[0], OFFLINE)
        set_role("mailer", "Started")
        run("node2", "crm_resource", "--resource", "web", "--move", "--node", "node2")
        self.agree_everywhere()
        eventually(lambda: self.assertEqual(self.state("node1", "web-server"), (ONLINE, "node2")))
        run("node2", "crm_resource", "--resource", "web", "--clear")
        owner = self.state("node1", "mailer")[1]
        run("node1", "crm_resource", "--fail", "--resource", "mailer", "--node", owner)
        self.agree_everywhere()
        run("node1", "crm_resource", "--cleanup", "--resource", "mailer")
        self.agree_everywhere()

    def test_30_agrees_in_standby_and_maintenance(self):
        run("node1", "crm_attribute", "--node", "node2", "--name", "standby", "--update", "on")
        self.agree_everywhere()
        self.assertEqual(dict((r[0], r[1]) for r in dump("node1")["node"])["node2"], NODE_PAUSED)
        option = ("--type", "crm_config", "--name", "maintenance-mode")
        run("node1", "crm_attribute", "--node", "node2", "--name", "standby", "--delete")
        run("node1", "crm_attribute", *option, "--update", "true")
        self.agree_everywhere()
        run("node1", "crm_attribute", *option, "--delete")
        self.agree_everywhere()

    def test_40_all_nodes_show_the_same(self):
        texts = dump_together()
        self.assertEqual(texts[0], texts[1])
        for word in ("node1 - Ethernet\t3", "node2 - Ethernet 2\t3", "Cluster Network 2\t3"):
            self.assertIn(word, texts[0])

    def test_50_shows_pending_between_the_wish_and_the_deed(self):
        p = subprocess.Popen([LAB, "run", "node1", "timeout", "30", DUMP, "--follow", "8"],
                             stdout=subprocess.PIPE, text=True)
        time.sleep(2)
        set_role("archive", "Started")
        states = []
        for line in p.communicate(timeout=60)[0].splitlines():
            fields = line.split("\t")
            if fields[0] == "resource" and fields[2] == "archive" and fields[3] not in states[-1:]:
                states.append(fields[3])
        set_role("archive", "Stopped")
        # The first CIB is seen unsettled, but what is stopped on purpose is offline all the same.
        self.assertEqual(states, [OFFLINE, "81", ONLINE])

    def test_60_survives_the_death_of_the_cib_manager(self):
        def deed(_):
            run("node1", "kill", "-9", run("node1", "pidof", "pacemaker-based").split()[0])
        self.survives("node1", deed, all_work, loses=True)

    def test_65_survives_without_the_controller(self):
        def deed(follower):
            pacemakerd = run("node1", "pidof", "pacemakerd").split()[0]
            run("node1", "kill", "-STOP", pacemakerd)  # it would start another one at once
            run("node1", "kill", "-9", run("node1", "pidof", "pacemaker-controld").split()[0])
            # The other node sees it go and changes the CIB: whether that has settled nobody here can tell.
            eventually(lambda: self.assertIn("settled=0", follower.changes()[-1]))
            time.sleep(CONTROLLER_AWAY_S)
            self.assertIn("settled=0", follower.changes()[-1])
            run("node1", "kill", "-CONT", pacemakerd)
        self.survives("node1", deed, all_work)

    def survives(self, node, deed, recovered, loses=False):
        """The adapter comes back when Pacemaker does.

        Pacemaker 2.1.5 now and then takes corosync for gone when a daemon of its own has died, says so in its log
        and starts it no more. That shows nothing of us: once more, on a node that was booted anew.
        """
        for _ in range(DEATHS):
            follower = Follower(node)
            try:
                eventually(lambda f=follower: self.assertIn("settled=1", f.changes()[-1]))
                deed(follower)
                came_back = self.comes_back(node, recovered)
                if came_back:
                    eventually(lambda f=follower: self.assertRegex(f.changes()[-1], "^[0-9.e+]+ ms: settled=1"))
                elif loses:  # what is not back may be another daemon than the one that the adapter hangs on
                    eventually(lambda f=follower: self.assertEqual(" lost " in f.changes()[-1], not answers_cib(node)))
                self.assertEqual(any(" lost " in line for line in follower.changes()), loses)
            finally:
                code = follower.end()
            self.assertEqual(code, 0, "\n".join(follower.lines[-40:]))
            # What has not come back cleanly may fail later: the tests that follow want a sound node.
            lab("kill", node)
            lab("boot", node)
            self.agree_everywhere()
            if came_back:
                return
        self.fail(f"{DEATHS} times in a row Pacemaker did not start again what had died")

    def comes_back(self, node, recovered):
        try:
            eventually(recovered, RECOVERY_S)
        except subprocess.SubprocessError:
            log = json.loads(lab("env"))["nodes"][int(node[4:]) - 1]["log"]
            with open(f"{log}/pacemaker.log", encoding="utf-8", errors="replace") as f:
                refusals = [line for line in f if "until cluster returns" in line]
            self.assertTrue(refusals, "Pacemaker did not come back and does not say why")
            print(refusals[-1].strip(), flush=True)
            return False
        return True

    def test_70_shows_a_link_that_is_down(self):
        lab("link", "node2", "down")
        try:
            eventually(lambda: self.assertEqual(self.network_state(), "1"))
        finally:
            lab("link", "node2", "up")
        eventually(lambda: self.assertEqual(self.network_state(), "3"))

    def network_state(self):
        rows = [line.split("\t") for line in dump_together()[0].splitlines()]
        return {r[1]: r[2] for r in rows if r[0] == "network"}.get("Cluster Network 1")

    def test_80_shows_a_node_that_dies_and_comes_back(self):
        lab("kill", "node2")
        def gone():
            rows = dump("node1")
            self.assertEqual(dict((r[0], r[1]) for r in rows["node"])["node2"], NODE_DOWN)
            self.assertEqual([r[3] for r in rows["resource"] if r[1] == "mailer"], ["node1"])
        eventually(gone)
        lab("boot", "node2")
        self.agree_everywhere()


def available():
    needed = ("corosync", "pacemakerd", "ip", "nsenter", "unshare")
    return os.geteuid() == 0 and all(map(shutil.which, needed))


def traces():
    """Links, namespaces and folders of labs with this LAB_NET."""
    tag = "cb{:02x}{:02x}".format(*map(int, NET.split(".")[1:]))
    found = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    found += subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
    found += "\n".join(os.listdir("/tmp"))
    return {line for line in found.splitlines() if tag in line or f"clusbridge-lab-{NET}" in line}


def main():
    global DUMP
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    DUMP = os.path.abspath(sys.argv[1])
    if not available():
        print("needs root, corosync and Pacemaker")
        sys.exit(77)
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.default_int_handler)  # what unittest does not take for a failed test
    started = time.monotonic()
    # The lab ends with this process even if it is killed. Only a lab that came up here is taken down here.
    if subprocess.run([LAB, "up", "--nodes", "2", "--links", "2", "--owner", str(os.getpid())],
                      check=False).returncode != 0:
        sys.exit(1)
    print(f"lab up after {time.monotonic() - started:.1f} s", flush=True)
    try:
        result = unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]], exit=False).result
    finally:
        lab("down")
    left = traces()
    assert not left, left
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
