# SPDX-License-Identifier: Apache-2.0
"""One guest: a process of this machine."""
import ctypes
import os
import signal
import subprocess

from . import share as shares

PR_SET_PDEATHSIG = 1


def _prepare_process(processor):
    """In the child, before it becomes the guest: it dies with its parent, and keeps to a processor."""
    def prepare():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if processor is not None:
            os.sched_setaffinity(0, {processor})
    return prepare


def mac_of(number):
    """Address of a guest's network card."""
    return f"52:54:00:09:00:{number:02x}"


def pick_processor(number):
    """Neighbours get different ones; where a lab begins is left to chance, for the sake of other labs."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[(os.getpid() + number) % len(usable)]


class Guest:
    """Owned by one Lab; start() again after its end boots it anew, with the same share."""

    def __init__(self, name, number, machine, share, memory_mb, keeper, link=None):
        """number: from 1, gives address and processor; machine: Uml or Qemu; link: this guest's end of the network, or
        None."""
        self.name, self.number, self.machine, self.memory_mb = name, number, machine, memory_mb
        self.share, self.common = share, os.path.join(os.path.dirname(share), "common")
        self.link, self.mac = link, mac_of(number)
        # A kernel and the processes that it traces take turns at every system call and page fault. On one
        # processor that is a switch; across two a wake-up, which on a busy machine takes five times as long.
        self.processor = pick_processor(number) if machine.one_processor else None
        self.process, self.frozen, self._keeper = None, False, keeper

    def start(self):
        """Only from the main thread: the guest ends with the thread that started it."""
        for leftover in ("rc", "ready"):
            if os.path.exists(os.path.join(self.share, leftover)):
                os.unlink(os.path.join(self.share, leftover))
        with open(os.path.join(self.share, "console"), "ab") as console:
            self.process = subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn
                self.machine.command(self), stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                start_new_session=True, preexec_fn=_prepare_process(self.processor),
                pass_fds=[self.link.fileno()] if self.link else [])
        self.frozen = False
        self._keeper.watch(self.process.pid)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def ready(self):
        """Whether its disks are there, and what else it was to set up."""
        return os.path.exists(os.path.join(self.share, "ready"))

    def status(self):
        """Exit status left by the guest; 125 if it ended without one; None while it runs."""
        found = shares.status(self.share)
        if found is None and not self.running():
            found = shares.status(self.share)
            return 125 if found is None else found
        return found

    def kill(self):
        """At once, as by a power cut, with the processes that it traces."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.frozen = False

    def freeze(self):
        """Only the kernel's process: those that it traces do nothing without it, and a stop would confuse it."""
        os.kill(self.process.pid, signal.SIGSTOP)
        self.frozen = True

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)
        self.frozen = False

    def tail(self, lines=25):
        """The last words on the console."""
        with open(os.path.join(self.share, "console"), "rb") as f:
            said = f.read()[-8192:].decode(errors="replace").splitlines()
        return "\n".join(said[-lines:])
