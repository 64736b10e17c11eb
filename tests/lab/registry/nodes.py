# SPDX-License-Identifier: Apache-2.0
"""The lab's nodes as the faults need them: processes, packets, links, disks."""
import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "..", "lab")
PATIENCE_S = 60


class LabError(Exception):
    pass


def lab(*arguments, check=True, timeout=180):
    done = subprocess.run([LAB, *arguments], capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise LabError(f"lab {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def eventually(what, check, seconds=PATIENCE_S, pause=0.1):
    """Until `check` is true."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def children(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as f:
            return [int(child) for child in f.read().split()]
    return []


class Node:
    """Names, addresses and folders are those of `lab env`. Processes are found by their network namespace, so a
    signal never reaches anything outside of this lab."""

    def __init__(self, described):
        self.name, self.address, self.log = described["name"], described["address"], described["log"]
        self.number = described["id"]
        self.folder = os.path.dirname(self.log)
        self.state = os.path.join(self.folder, "state")
        self.daemon_expected = True
        self.excused = False  # the daemon may end by itself

    def __repr__(self):
        return self.name

    def init(self):
        """Process id of the node's first process, or None when it is down."""
        try:
            with open(os.path.join(self.folder, "pid"), encoding="utf-8") as f:
                outer = int(f.read())
        except (OSError, ValueError):
            return None
        return next(iter(children(outer)), None)

    def processes(self, name):
        """Those of the node with this command name."""
        first, found = self.init(), []
        if first is None:
            return found
        try:
            mine = os.stat(f"/proc/{first}/ns/net").st_ino
        except OSError:
            return found
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                    before, _, after = f.read().rpartition(")")
                if (before.partition("(")[2] == name[:15] and not after.split()[0] == "Z"
                        and os.stat(f"/proc/{pid}/ns/net").st_ino == mine):
                    found.append(int(pid))
        return found

    def signal(self, name, number):
        pids = self.processes(name)
        if name == "clusbridged" and number == signal.SIGKILL:
            self.daemon_expected = False
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pids

    def command(self, *command):
        first = self.init()
        if first is None:
            raise LabError(f"{self.name} is down")
        return ["nsenter", "-t", str(first), "-m", "-u", "-i", "-n", "-p", "--", *command]

    def run(self, *command, check=True, timeout=20):
        try:
            done = subprocess.run(self.command(*command), capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            if check:
                raise LabError(f"{self.name}: {' '.join(command)}: no end") from error
            return ""
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    # ---- daemon and node

    def daemon_memory(self):
        """Resident KiB of the daemon, 0 when it does not run."""
        for pid in self.processes("clusbridged"):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/status", encoding="utf-8") as f:
                    return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])
        return 0

    def store_is_free(self):
        """A process that was killed keeps its files until the last flush of the disk has ended."""
        try:
            with open(os.path.join(self.state, "registry/registry.db.lock"), "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False

    def start_daemon(self):
        """As a service manager does: when the last one is gone."""
        eventually(f"{self.name}: the end of the last daemon", self.store_is_free, 60, 0.02)
        lab("start-daemon", self.name, "--no-wait")
        with contextlib.suppress(LabError):  # one that ends at once is found by `daemon_ended_itself`
            eventually("process", lambda: self.processes("clusbridged"), 5, 0.02)
        self.daemon_expected = True

    def daemon_ended_itself(self):
        """Nobody asked it to, and it does not run."""
        return self.daemon_expected and not self.processes("clusbridged")

    def last_words(self, lines=15):
        """Of the daemon."""
        with open(os.path.join(self.log, "clusbridged.log"), encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-lines:])

    def stop_daemon(self):
        self.daemon_expected = False
        lab("stop-daemon", self.name)

    def kill(self):
        self.daemon_expected = False
        lab("kill", self.name)

    def boot(self):
        lab("boot", self.name)

    def _quorum(self, field):
        """What corosync says; None when it does not answer."""
        text = self.run("timeout", "2", "corosync-quorumtool", "-s", check=False) if self.init() else ""
        match = re.search(rf"^{field}:\s+(\w+)", text, re.MULTILINE)
        return None if match is None else match[1]

    def quorate(self):
        said = self._quorum("Quorate")
        return None if said is None else said == "Yes"

    def members(self):
        """Nodes of its membership."""
        said = self._quorum("Nodes")
        return None if said is None else int(said)

    def ready(self):
        """Corosync answers, so that the daemon may be started."""
        return self.quorate() is not None

    # ---- packets

    def deaf_to(self, others, probability=None):
        """Drops what comes from the others; with a probability only so many of the packets."""
        for other in others:
            chance = [] if probability is None else ["-m", "statistic", "--mode", "random", "--probability",
                                                     str(probability)]
            self.run("iptables", "-w", "-A", "INPUT", "-s", other.address, *chance, "-j", "DROP")

    def hear_all(self):
        """A node that is down has lost its rules already."""
        if self.init() is not None:
            self.run("iptables", "-w", "-F", "INPUT", check=False)

    def link(self, state):
        lab("link", self.name, state)

    # ---- disk

    def fill_disk(self):
        """All of the file system that holds the daemon's state. Returns the bytes that were free."""
        free = os.statvfs(self.state)
        with open(os.path.join(self.state, "filler"), "ab", buffering=0) as f:
            with contextlib.suppress(OSError):
                while f.write(b"\0" * (1 << 20)):
                    pass
            with contextlib.suppress(OSError):
                while f.write(b"\0" * 512):
                    pass
        return free.f_bavail * free.f_frsize

    def empty_disk(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.state, "filler"))


class Cluster:
    """A lab that this process brought up."""

    def __init__(self, size, daemon, state_disk, binary=None, options=()):
        lab("up", "--nodes", str(size), "--no-seed", "--daemon", daemon, "--state-disk", str(state_disk),
            "--respawn", "--owner", str(os.getpid()), *options, timeout=300)
        self.environment = json.loads(lab("env"))
        self.nodes = [Node(described) for described in self.environment["nodes"]]
        self.port = self.environment["clusapi_port"]
        self.tool = os.path.join(os.path.dirname(os.path.abspath(binary or daemon)), "clusbridge")
        self.has_netem = self._netem()
        self.deaths = []  # of daemons, that nobody caused: (node, last words)

    def _netem(self):
        node = self.nodes[0]
        answer = node.run("sh", "-c", "tc qdisc add dev lo root netem delay 1ms && tc qdisc del dev lo root && echo yes",
                          check=False)
        return "yes" in answer

    def others(self, nodes):
        return [node for node in self.nodes if node not in nodes]

    def start_all(self):
        """Brings up whatever is down: nodes first, then daemons."""
        self.look_for_deaths()
        for node in self.nodes:
            if node.init() is None:
                node.boot()
        for node in self.nodes:
            eventually(f"corosync of {node}", node.ready)
            if not node.processes("clusbridged"):
                node.start_daemon()

    def corosync_is_stuck(self):
        """It has not made one membership of all, although nothing is in the way."""
        return any(node.members() != len(self.nodes) for node in self.nodes)

    def corosync_comes_together_alone(self, seconds):
        """Without a daemon that sends: whether it is this one's traffic that keeps it apart."""
        for node in self.nodes:
            node.signal("clusbridged", signal.SIGSTOP)
        end = time.monotonic() + seconds
        while (stuck := self.corosync_is_stuck()) and time.monotonic() < end:
            time.sleep(0.5)
        for node in self.nodes:
            node.signal("clusbridged", signal.SIGCONT)
        return not stuck

    def restart_corosync(self):
        """All but one; the nodes start it again."""
        for node in self.nodes[1:]:
            node.signal("corosync", signal.SIGKILL)
        self.start_all()

    def look_for_deaths(self):
        for node in self.nodes:
            if node.daemon_ended_itself() and not node.excused:
                self.deaths.append((str(node), node.last_words()))
                node.daemon_expected = False

    def stop_daemons(self):
        for node in self.nodes:
            node.stop_daemon()

    def heal(self):
        """Whatever fault there was: none is left, except for processes that are down."""
        for node in self.nodes:
            node.link("up")
            if node.init() is None:
                continue
            node.hear_all()
            node.run("tc", "qdisc", "del", "dev", "eth0", "root", check=False)
            for name in ("clusbridged", "corosync"):
                node.signal(name, signal.SIGCONT)
            node.empty_disk()

    def down(self):
        lab("down", check=False)
