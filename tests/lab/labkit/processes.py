# SPDX-License-Identifier: Apache-2.0
"""Processes: who is still who, and whose namespace they are in."""
import contextlib
import os
import signal
import subprocess
import time


def sh(*cmd, check=True, **kw):
    return subprocess.run(cmd, check=check, capture_output=True, text=True, **kw)


def _stat(pid):
    """Fields of /proc/PID/stat from the state on, or None."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    """Runs, and is no zombie."""
    stat = _stat(pid)
    return stat is not None and stat[0] != "Z"


def identity(pid):
    """Tells a process from a later one of the same number; None when it does not run."""
    stat = _stat(pid)
    return {"pid": pid, "start": int(stat[19])} if stat and stat[0] != "Z" else None


def same(who):
    """Whether the process whose identity this was still runs."""
    return who is not None and identity(who["pid"]) == who


def end(who, sig=signal.SIGTERM):
    """Signals the process if it is still the same one."""
    with contextlib.suppress(ProcessLookupError):
        fd = os.pidfd_open(who["pid"])
        try:
            if same(who):
                signal.pidfd_send_signal(fd, sig)
        finally:
            os.close(fd)


def wait_gone(pid, seconds=10.0):
    limit = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < limit:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)
    return not alive(pid)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as f:
            return [int(child) for child in f.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def read_pid(path):
    try:
        with open(path, encoding="utf-8") as f:
            return int(f.read())
    except (FileNotFoundError, ValueError):
        return None


def in_namespace(pid, namespace):
    """Whether the process is in the named network namespace: a number may have been given anew."""
    try:
        mine, named = os.stat(f"/proc/{pid}/ns/net"), os.stat(f"/run/netns/{namespace}")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)


def inhabitants(namespace):
    """Processes in the named network namespace, whoever started them; not this one."""
    found = sh("ip", "netns", "pids", namespace, check=False).stdout.split()
    return [int(pid) for pid in found if int(pid) != os.getpid()]


def depopulate(namespace, seconds=10.0):
    """Kills all that is in the namespace. False when something did not die in time."""
    limit = time.monotonic() + seconds
    while pids := inhabitants(namespace):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True
