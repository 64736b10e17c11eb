#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The checker finds what is wrong with a history, and nothing where nothing is wrong."""
import itertools
import random
import time
import unittest

from checker import Checker, RegisterChecker, torn
from history import INFINITE, READ, WRITE, Operation, informative


def operation(kind, value, start, end, outcome="ok", register="r", node="node1"):
    return Operation("w", node, kind, register, value, start, end, outcome)


def write(value, start, end, outcome="ok"):
    return operation(WRITE, value, start, end, outcome)


def read(value, start, end, outcome="ok"):
    return operation(READ, value, start, end, outcome)


def verdict(*operations):
    """Whether the history is accepted."""
    return RegisterChecker("r").check([o for o in operations if informative(o)]) is None


def linearizable(operations, initial=None):
    """By trying every order: the definition itself, for a handful of operations."""
    unknown = [o for o in operations if o.returned == INFINITE]
    certain = [o for o in operations if o.returned != INFINITE]
    for count in range(len(unknown) + 1):
        for chosen in itertools.combinations(unknown, count):
            for order in itertools.permutations(certain + list(chosen)):
                if explains(order, initial):
                    return True
    return False


def explains(order, value):
    latest_start = -INFINITE
    for o in order:
        if o.returned < latest_start:
            return False
        latest_start = max(latest_start, o.start)
        if o.kind == READ and o.value != value:
            return False
        if o.kind == WRITE:
            value = o.value
    return True


def random_history(rng, size):
    """Of intervals and values without any sense: about as often wrong as right."""
    made, written = [], [None]
    for number in range(size):
        start = rng.randrange(12)
        end = start + rng.randrange(1, 7)
        if rng.random() < 0.5:
            value = None if rng.random() < 0.2 else f"v{number}"
            written.append(value)
            made.append(write(value, start, end, "unknown" if rng.random() < 0.25 else "ok"))
        else:
            made.append(read(rng.choice(written), start, end))
    return made


def busy_history(rng, operations, workers, unknown=0.05):
    """A right one: effects are in the order of time, at an instant within each call."""
    calls, clocks = [], [0.0] * workers
    for number in range(operations):
        worker = min(range(workers), key=lambda w: clocks[w])
        start = clocks[worker] + rng.random() * 0.2
        end = start + rng.random()
        calls.append([rng.uniform(start, end), start, end, rng.random() < 0.4, f"v{number}"])
        clocks[worker] = end
    value, made = None, []
    for _, start, end, writes, name in sorted(calls):
        if not writes:
            made.append(read(value, start, end))
        elif rng.random() < unknown:
            if rng.random() < 0.5:
                value = name
            made.append(write(name, start, end, "unknown"))
        else:
            value = name
            made.append(write(name, start, end))
    return made


class GoodHistories(unittest.TestCase):
    def test_reads_follow_writes(self):
        self.assertTrue(verdict(read(None, 0, 1), write("a", 2, 3), read("a", 4, 5), write("b", 6, 7), read("b", 8, 9)))

    def test_a_read_beside_a_write_sees_either_value(self):
        for value in ("a", "b"):
            self.assertTrue(verdict(write("a", 0, 1), write("b", 2, 5), read(value, 3, 4)))

    def test_an_unknown_write_may_have_happened_or_not_or_happen_later(self):
        lost = write("b", 2, 3, "unknown")
        self.assertTrue(verdict(write("a", 0, 1), lost, read("a", 4, 5)))
        self.assertTrue(verdict(write("a", 0, 1), lost, read("b", 4, 5)))
        self.assertTrue(verdict(write("a", 0, 1), lost, read("a", 4, 5), read("b", 6, 7)))

    def test_a_deleted_value_is_absent(self):
        self.assertTrue(verdict(write("a", 0, 1), write(None, 2, 3), read(None, 4, 5)))

    def test_a_read_without_an_answer_tells_nothing(self):
        self.assertTrue(verdict(write("a", 0, 1), read("zzz", 2, 3, "refused"), read("yyy", 2, 3, "unknown")))

    def test_a_refused_write_is_nothing(self):
        self.assertTrue(verdict(write("a", 0, 1), write("b", 2, 3, "refused"), read("a", 4, 5)))


class BadHistories(unittest.TestCase):
    def test_a_stale_read(self):
        self.assertFalse(verdict(write("a", 0, 1), write("b", 2, 3), read("a", 4, 5)))

    def test_a_lost_write(self):
        self.assertFalse(verdict(write("a", 0, 1), read(None, 2, 3)))

    def test_a_write_that_was_refused_and_is_there(self):
        self.assertFalse(verdict(write("a", 0, 1), write("b", 2, 3, "refused"), read("b", 4, 5)))

    def test_a_write_that_was_refused_comes_back_much_later(self):
        early = [write("a", 0, 1), write("b", 2, 3, "refused")]
        late = [o for n in range(50) for o in (write(f"c{n}", 10 + 2 * n, 11 + 2 * n),)]
        self.assertFalse(verdict(*early, *late, read("b", 500, 501)))

    def test_a_read_before_its_write(self):
        self.assertFalse(verdict(read("a", 0, 1), write("a", 2, 3)))

    def test_an_unknown_write_happens_once(self):
        lost = write("b", 2, 3, "unknown")
        self.assertFalse(verdict(lost, read("b", 4, 5), write("c", 6, 7), read("c", 8, 9), read("b", 10, 11)))

    def test_an_unknown_write_does_not_come_back(self):
        self.assertFalse(verdict(write("a", 0, 1), write("b", 2, 3, "unknown"), read("b", 4, 5), read("a", 6, 7)))

    def test_two_readers_see_two_orders(self):
        self.assertFalse(verdict(write("a", 0, 10), write("b", 0, 10), read("a", 11, 12), read("b", 13, 14)))

    def test_a_value_that_nobody_wrote(self):
        self.assertFalse(verdict(write("a", 0, 1), read("x", 2, 3)))

    def test_a_deleted_value_that_is_there_again(self):
        self.assertFalse(verdict(write("a", 0, 1), write(None, 2, 3), read("a", 4, 5)))

    def test_a_batch_in_parts(self):
        self.assertIsNone(torn("g", ["a", "a", "a"]))
        self.assertIsNotNone(torn("g", ["a", "a", "b"]))
        self.assertIsNotNone(torn("g", ["a", "a", None]))


class TheSearch(unittest.TestCase):
    def test_it_agrees_with_the_definition(self):
        rng = random.Random(1)
        rights = 0
        for _ in range(3000):
            history = random_history(rng, rng.randrange(1, 7))
            expected = linearizable(history)
            rights += expected
            self.assertEqual(verdict(*history), expected, "\n".join(map(str, history)))
        self.assertTrue(600 < rights < 2400, rights)

    def test_it_goes_on_where_it_stopped(self):
        rng = random.Random(2)
        checker = RegisterChecker("r")
        for value in range(30):
            at = 10 * value
            part = [write(f"a{value}", at, at + 1), write(f"u{value}", at, at + 1, "unknown"),
                    read(f"a{value}", at + 2, at + 3)]
            rng.shuffle(part)
            self.assertIsNone(checker.check(part))
        self.assertIsNone(checker.check([read("u3", 400, 401)]))
        self.assertIsNotNone(checker.check([read("a7", 402, 403)]))
        self.assertIsNone(checker.check([read("a7", 404, 405)]), "it goes on after a violation")

    def test_it_is_quick_for_thousands_of_operations(self):
        for seed in range(3):
            history = busy_history(random.Random(seed), 6000, 12)
            begun = time.process_time()
            self.assertTrue(verdict(*history))
            self.assertLess(time.process_time() - begun, 20)

    def test_it_finds_one_stale_read_among_thousands(self):
        for seed in range(5):
            rng = random.Random(seed)
            history = busy_history(rng, 2000, 6)
            reads = [i for i, o in enumerate(history) if o.kind == READ and o.value and 1000 < i]
            spoilt = rng.choice(reads)
            history[spoilt] = read(history[spoilt - 400].value or "v0", history[spoilt].start, history[spoilt].end)
            self.assertFalse(verdict(*history))

    def test_registers_are_independent(self):
        checker = Checker()
        good = [operation(WRITE, "a", 0, 1, register="x"), operation(READ, "a", 2, 3, register="x")]
        bad = [operation(WRITE, "b", 0, 1, register="y"), operation(READ, None, 2, 3, register="y")]
        found = checker.check(good + bad)
        self.assertEqual([violation.register for violation in found], ["y"])
        self.assertEqual(checker.checked, 4)


if __name__ == "__main__":
    unittest.main()
