# SPDX-License-Identifier: Apache-2.0
"""The writers' processes, as the driver sees them.

They are forked by a process that stays small: a fork of the driver costs a guest a tenth of a second, in the moment in
which challengers of other LUNs are timed.
"""
import json
import os
import select
import signal
import socket
import threading

from stamps import Stamper

LINE = 4096


class Nursery:
    """To be made before threads are, and before the driver is large."""

    def __init__(self):
        self._driver, mine = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        if os.fork() == 0:
            self._driver.close()
            try:
                self._serve(mine)
            finally:
                os._exit(0)
        mine.close()

    @staticmethod
    def _serve(asked):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
        while line := asked.recv(LINE):
            pid = os.fork()
            if pid == 0:
                asked.close()
                try:
                    Stamper(**json.loads(line)).run()
                finally:
                    os._exit(0)
            asked.send(str(pid).encode())

    def fork(self, **about):
        with self._lock:
            self._driver.send(json.dumps(about).encode())
            return int(self._driver.recv(LINE))


class Writer:
    """Writes stamps while its guard says owned; once rude, until it is ended."""

    def __init__(self, nursery, epoch, guard, log):
        self.pid = nursery.fork(epoch=epoch, node=guard.node, guard=guard.socket, log=log)
        try:
            self.process = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self.process = None

    def signal(self, number):
        if self.process is not None:
            try:
                signal.pidfd_send_signal(self.process, number)
            except ProcessLookupError:
                pass

    def be_rude(self):
        """From now on it writes whatever the guard says."""
        self.signal(signal.SIGUSR1)

    def end(self, seconds=40):
        """False: it hangs in a write that the kernel does not give up."""
        if self.process is None:
            return True
        self.signal(signal.SIGKILL)
        self.signal(signal.SIGCONT)
        if not select.select([self.process], [], [], seconds)[0]:
            return False
        os.close(self.process)
        self.process = None
        return True
