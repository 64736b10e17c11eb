# SPDX-License-Identifier: Apache-2.0
"""What was asked and answered, with one clock."""
import json
import threading
from dataclasses import asdict, dataclass

from client import OK, UNKNOWN

INFINITE = float("inf")
READ, WRITE = "read", "write"


@dataclass
class Operation:
    """One call. `register` is what is read or written as a whole: a value, or the values of a batch."""
    worker: str
    node: str
    kind: str
    register: str
    value: object  # written, or what was read; None: no value
    start: float
    end: float
    outcome: str
    code: int = 0
    reason: str = ""
    call: tuple = (0, 0)

    @property
    def returned(self):
        """A write whose fate is unknown may take effect at any later time."""
        return INFINITE if self.outcome == UNKNOWN else self.end

    def __str__(self):
        what = f"{self.kind} {self.register} = {self.value!r}"
        fate = self.outcome + (f" {self.code:#x}" if self.code else "") + (f" ({self.reason})" if self.reason else "")
        return f"{self.start:.4f} .. {self.end:.4f} {self.worker} at {self.node}: {what}: {fate}"


class History:
    """Filled by many threads; `take` empties it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.operations = []

    def add(self, operation):
        with self.lock:
            self.operations.append(operation)

    def take(self):
        with self.lock:
            taken, self.operations = self.operations, []
        return taken


def informative(operation):
    """Reads without an answer tell nothing; a write that was refused must never be seen, so it is left out."""
    return operation.outcome == OK or (operation.outcome == UNKNOWN and operation.kind == WRITE)


def store(path, operations):
    with open(path, "w", encoding="utf-8") as out:
        for operation in operations:
            out.write(json.dumps(asdict(operation)) + "\n")
