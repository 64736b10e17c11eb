#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Samba's raw_protocol suite against the endpoint mapper port of any server.

Called by raw_protocol.sh, which sets the environment. Compares with an exclusion file: lines
`name: reason`. Exit code 0 when every failure is excluded and at least --minimum tests passed.
An excluded test that passes is reported, so that the list can shrink, and counts as passed.
"""

import argparse
import os
import re
import signal
import sys
import unittest

import samba.dcerpc.base
import samba.dcerpc.mgmt
from samba.tests.dcerpc import raw_protocol, raw_testcase

ONE_TEST = 120  # seconds


class Suite(raw_protocol.TestDCERPC_BIND):
    """The suite, for a server without Netlogon.

    17 tests of fragmentation and flags happen to call netr_ServerReqChallenge through the endpoint
    mapper, with stubs of up to 4 MiB, and expect 12 bytes with a zero status at the end. Here they
    call rpc__mgmt_inq_stats for no counters, whose answer has the same size and end.
    """

    substitute = False

    def _get_netlogon_ctx(self):
        self.substitute = True
        ctx, ack = self.prepare_presentation(samba.dcerpc.mgmt.abstract_syntax(),
                                             samba.dcerpc.base.transfer_syntax_ndr(),
                                             context_id=0, return_ack=True)
        return ctx, ack, b"\0" * 16

    def generate_request(self, *arguments, **keywords):
        if self.substitute and keywords.get("opnum") == 4:
            keywords["opnum"] = 1
        return super().generate_request(*arguments, **keywords)


def use_port(port):
    """The suite knows only 135; a server on another port is reached, and must name it itself."""
    connect = raw_testcase.RawDCERPCTest.connect

    def connect_there(self):
        if self.primary_address == "135":
            self.primary_address = port
        return connect(self)

    raw_testcase.RawDCERPCTest.connect = connect_there


def read_exclusions(path):
    exclusions = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if line and not line.startswith("#"):
                name, reason = line.split(":", 1)
                exclusions[name.strip()] = reason.strip()
    return exclusions


def run_one(name, verbose):
    """Returns None when the test passed, else the last line of its failure."""

    def expire(*_):
        raise TimeoutError(f"no end within {ONE_TEST} s")

    result = unittest.TestResult()
    # The suite prints PDUs of some tests whatever happens.
    standard_error = sys.stderr
    if not verbose:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")
    signal.signal(signal.SIGALRM, expire)
    signal.alarm(ONE_TEST)
    try:
        Suite(name).run(result)
    finally:
        signal.alarm(0)
        if not verbose:
            sys.stderr.close()
        sys.stderr = standard_error
    troubles = result.failures + result.errors
    if not troubles:
        return None
    if verbose:
        print(troubles[0][1])
    lines = troubles[0][1].strip().splitlines()
    reasons = [line for line in lines if re.match(r"\w[\w.]*(Error|Exception)?: ", line)]
    return reasons[-1] if reasons else lines[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exclusions", required=True)
    parser.add_argument("--minimum", type=int, default=180)
    parser.add_argument("--port", default="135")
    parser.add_argument("--only", default="", help="tests whose name holds this text")
    parser.add_argument("--verbose", action="store_true", help="print whole tracebacks")
    options = parser.parse_args()
    use_port(options.port)
    exclusions = read_exclusions(options.exclusions)
    names = unittest.TestLoader().getTestCaseNames(Suite)
    stale = sorted(set(exclusions) - set(names))
    for name in stale:
        print(f"FAILED  {name}: excluded, but there is no such test")
    passed, excluded, failed = 0, 0, len(stale)
    for name in names:
        if options.only not in name:
            continue
        trouble = run_one(name, options.verbose)
        if trouble is None:
            passed += 1
            if name in exclusions:
                print(f"ok      {name}, though it is excluded: {exclusions[name]}")
        elif name in exclusions:
            excluded += 1
            print(f"skipped {name}: {exclusions[name]}")
        else:
            failed += 1
            print(f"FAILED  {name}: {trouble}")
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, {excluded} skipped")
    if passed < options.minimum and not options.only:
        print(f"fewer than {options.minimum} passed")
        return 1
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # Samba's modules may crash while the interpreter takes them down
