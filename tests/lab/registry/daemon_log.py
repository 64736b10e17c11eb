# SPDX-License-Identifier: Apache-2.0
"""Which calls a node answered while it said that its registry is not active.

Such a node is a read-only server (MS-CMRP 3.1.1): it may serve what it has, which may be old, and its answers do not
say so. Its log does, in the order of things: a line a call and a line a change of state. A call is known by the
client's port and its number on that connection.
"""
import re

CALL = re.compile(r" CLUSBRIDGE_EVENT=(?:call|refused) CLUSBRIDGE_PEER=\S+:(\d+) ")
CONNECTED = re.compile(r"(?:^|debug: )\S+:(\d+): connected to port \d+")
ACTIVE, INACTIVE = "the registry is active", "the registry is not active"
# The line about the state is written one turn of the event loop late; before it comes at most one call of each
# connection that was waiting then.
LATE_LINES = 32


class DaemonLog:
    """Reads on where it stopped; the file is appended to when the daemon is started again."""

    def __init__(self, path):
        self.path, self.offset = path, 0
        self.active = False
        self.numbers = {}  # port -> calls of the connection that has it
        self.recent = []  # last calls

    def read(self):
        """(calls answered since the last time, those among them that tell nothing), each as (port, number)."""
        with open(self.path, "rb") as f:
            f.seek(self.offset)
            text = f.read()
            self.offset += len(text)
        answered, unsure = set(), set()
        for line in text.decode(errors="replace").splitlines():
            if INACTIVE in line:
                if self.active:
                    unsure.update(self._last_of_each())
                self.active = False
            elif ACTIVE in line:
                self.active = True
            elif match := CONNECTED.search(line):
                self.numbers[match[1]] = 0
            elif match := CALL.search(line):
                port = match[1]
                self.numbers[port] = self.numbers.get(port, 0) + 1
                call = (int(port), self.numbers[port])
                answered.add(call)
                self.recent = self.recent[1 - LATE_LINES:] + [call]
                if not self.active:
                    unsure.add(call)
        return answered, unsure

    def _last_of_each(self):
        last = {}
        for port, number in self.recent:
            last[port] = number
        return last.items()
