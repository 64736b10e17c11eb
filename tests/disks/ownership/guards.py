# SPDX-License-Identifier: Apache-2.0
"""Guards ("sgpr guard run") of the nodes, one process a node and LUN."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

OWNED, REFUSED, NO_DISK = 0, 3, 4
CLUSTER = "c0ffee"


def ask(where, command="status", seconds=2.0):
    """What a guard answers on its socket: a dictionary, or None where none answers."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(seconds)
        try:
            s.connect(where)
            s.sendall(json.dumps({"id": 1, "command": command}).encode() + b"\n")
            line = b""
            while not line.endswith(b"\n"):
                some = s.recv(4096)
                if not some:
                    return None
                line += some
            return json.loads(line).get("result")
        except (OSError, ValueError):
            return None


def children_of(pid):
    found = []
    for each in os.listdir("/proc"):
        if not each.isdigit():
            continue
        try:
            with open(f"/proc/{each}/stat", encoding="ascii", errors="replace") as f:
                if int(f.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(each))
        except (OSError, ValueError, IndexError):
            pass
    return found


class Guard:
    """One `sgpr guard run`: when it had its verdict, when it ended. Times are the guest's monotonic clock."""

    def __init__(self, program, wwid, node, boot, ports, fenced=(), wait=40):
        line = [program, "guard", "run", wwid, "--node-id", str(node), "--cluster-id", CLUSTER, "--boot", str(boot),
                "--wait", str(wait)]
        for port in ports:
            line += ["--initiator", port]
        for peer in fenced:
            line += ["--peer", f"{peer}=gone"]
        self.node = node
        name = "+".join([wwid, *ports]).replace("/", "_").replace(" ", "_")
        self.socket = "/run/sgpr/" + name[:80]
        self.verdict, self.text, self.verdict_at, self.ended_at = None, "", None, None
        self.known, self.ended = threading.Event(), threading.Event()
        self.began = time.monotonic()
        self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        line = self.process.stdout.readline().decode(errors="replace").strip()
        self.verdict_at = time.monotonic()
        # No line: it ended before it knew.
        self.verdict = int(line.split()[0]) if line[:1].isdigit() else -1
        self.text = line[2:]
        self.known.set()
        # The deadman has the other end of the pipe too: it is the process that counts.
        self.process.wait()
        self.ended_at = time.monotonic()
        self.ended.set()

    def owned(self):
        return self.verdict == OWNED

    def status(self):
        return ask(self.socket) if not self.ended.is_set() else None

    def owns_now(self):
        said = self.status()
        return bool(said) and said.get("state") == "owned" and said.get("owned_for_ms", 0) > 0

    def usable_paths(self):
        return [p["name"] for p in (self.status() or {}).get("paths", []) if p["usable"]]

    def signal(self, number):
        if not self.ended.is_set():
            try:
                os.kill(self.process.pid, number)
            except ProcessLookupError:
                pass

    def deadmen(self):
        return children_of(self.process.pid)

    def kill_all(self):
        """Guard and deadman at the same time: stopped first, so that neither sees the other die."""
        self.signal(signal.SIGSTOP)
        for pid in self.deadmen():
            os.kill(pid, signal.SIGKILL)
        self.signal(signal.SIGKILL)

    def release(self, seconds=20):
        """True: it has ended."""
        self.signal(signal.SIGTERM)
        return self.ended.wait(seconds)

    def destroy(self):
        self.kill_all()
        self.ended.wait(20)
