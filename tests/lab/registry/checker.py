# SPDX-License-Identifier: Apache-2.0
"""Is a history of reads and writes of one register linearizable?

The search of Wing and Gong with Lowe's memory of configurations, made incremental: operations are taken in the
order of time, and what is kept is every state that the register may be in, with the calls under way that have
already taken effect in it. A call has to take effect before it returns; an unknown write may do so at any later
time or never. A refused write is no operation at all: a read that returns its value has nothing to explain it.

Values that are written are unique, but for None, the value of a register that does not exist.
"""
from dataclasses import dataclass, field

from history import INFINITE, WRITE

MAX_CONFIGURATIONS = 200_000
SHOWN = 12  # operations around a violation


class Overflow(Exception):
    """More configurations than the search is willing to hold: nothing is known."""


@dataclass
class Violation:
    register: str
    what: str
    operation: object = None
    around: list = field(default_factory=list)

    def __str__(self):
        lines = [f"{self.register}: {self.what}"]
        if self.operation is not None:
            lines.append(f"    cannot be explained: {self.operation}")
        lines += [f"    {operation}" for operation in self.around]
        return "\n".join(lines)


class RegisterChecker:
    """One register. `check` may be called again and again with later operations, each time when no call is under
    way: nothing that starts later may have been recorded with an earlier time.

    A configuration is (value, done, hidden): indices of the calls under way that have taken effect, and of the
    writes under way that may have taken effect just before another one, seen by nobody. A read takes effect as
    soon as it can, which never does harm; a write only to explain a read under way, or when it has to.
    """

    def __init__(self, name, initial=None):
        self.name = name
        self.configurations = {(initial, frozenset(), frozenset())}
        self.pending = {}  # index -> operation
        self.next = 0
        self.recent = []

    def check(self, operations):
        """A Violation or None. After a violation the register is what the last read says."""
        events = []
        for operation in operations:
            index, self.next = self.next, self.next + 1
            events.append((operation.start, 0, index, operation))
            if operation.returned != INFINITE:
                events.append((operation.returned, 1, index, operation))
        # At the same instant calls overlap: starts come first.
        for _, returns, index, operation in sorted(events, key=lambda event: event[:3]):
            found = self._returned(index) if returns else self._started(index, operation)
            if found is not None:
                self._restart(operations)
                return found
        return None

    def _started(self, index, operation):
        self.pending[index] = operation
        self.recent = self.recent[-SHOWN:] + [operation]
        if operation.kind != WRITE:
            self.configurations = {(value, done | {index} if value == operation.value else done, hidden)
                                   for value, done, hidden in self.configurations}

    def _returned(self, index):
        operation = self.pending[index]
        kept = set()
        for value, done, hidden in self.configurations:
            if index in done:
                kept.add((value, done - {index}, hidden))
                continue
            if index in hidden:
                kept.add((value, done, hidden - {index}))
            self._reach(done, index, kept)
            if len(kept) > MAX_CONFIGURATIONS:
                raise Overflow(self.name)
        if not kept:
            return Violation(self.name, self._name_of(operation), operation, self._around())
        del self.pending[index]
        self.configurations = self._dominant(kept)
        return None

    def _reach(self, done, index, reached):
        """Adds the configurations that writes under way lead to, until call `index` has taken effect."""
        seen, todo = {done}, [done]
        while todo:
            effective = todo.pop()
            wanted = {o.value for i, o in self.pending.items() if o.kind != WRITE and i not in effective}
            for i, operation in self.pending.items():
                if operation.kind != WRITE or i in effective or not (i == index or operation.value in wanted):
                    continue
                after = effective | {i} | {r for r, o in self.pending.items()
                                           if o.kind != WRITE and o.value == operation.value}
                if index in after:
                    hidden = frozenset(w for w, o in self.pending.items()
                                       if o.kind == WRITE and w not in after and o.returned != INFINITE)
                    reached.add((operation.value, after - {index}, hidden))
                elif after not in seen:
                    seen.add(after)
                    todo.append(after)
            if len(seen) > MAX_CONFIGURATIONS:
                raise Overflow(self.name)

    def _dominant(self, configurations):
        """Leaves out what can do no more than another: it has used up unknown writes, or hidden fewer writes."""
        if len(configurations) == 1:
            return configurations
        groups = {}
        for value, done, hidden in configurations:
            spent = frozenset(i for i in done if self.pending[i].returned == INFINITE)
            groups.setdefault((value, done - spent), set()).add((spent, hidden))
        kept = set()
        for (value, needed), variants in groups.items():
            for spent, hidden in variants:
                if not any((s, h) != (spent, hidden) and s <= spent and h >= hidden for s, h in variants):
                    kept.add((value, needed | spent, hidden))
        return kept

    def _name_of(self, operation):
        if operation.kind == WRITE:
            return "a write has no place in the order"
        written = any(o.kind == WRITE and o.value == operation.value
                      for o in list(self.pending.values()) + self.recent)
        states = sorted({repr(value) for value, _, _ in self.configurations})
        hint = "" if written or operation.value is None else ", which no recent write explains"
        return f"read {operation.value!r}{hint}, but the value can only be {' or '.join(states[:5])}"

    def _around(self):
        return sorted({id(o): o for o in self.recent + list(self.pending.values())}.values(),
                      key=lambda o: o.start)[-3 * SHOWN:]

    def _restart(self, operations):
        reads = [o for o in operations if o.kind != WRITE]
        last = max(reads, key=lambda o: o.end).value if reads else None
        self.configurations, self.pending, self.recent = {(last, frozenset(), frozenset())}, {}, []


class Checker:
    """All registers."""

    def __init__(self):
        self.registers = {}
        self.checked = 0

    def check(self, operations):
        """Violations in what happened since the last time. Raises Overflow when a search is too large."""
        by_register = {}
        for operation in operations:
            by_register.setdefault(operation.register, []).append(operation)
        found = []
        for name, mine in sorted(by_register.items()):
            checker = self.registers.setdefault(name, RegisterChecker(name))
            self.checked += len(mine)
            violation = checker.check(mine)
            if violation is not None:
                found.append(violation)
        return found


def torn(register, values):
    """A Violation when values that one batch has written differ in what one batch has read."""
    if len(set(values)) > 1:
        return Violation(register, f"a batch was read in parts: {values}")
    return None
