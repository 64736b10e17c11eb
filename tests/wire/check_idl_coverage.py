#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks bridge/idl/clusapi3.idl against the list of methods in tests/coverage/coverage.tsv.

Every row of clusapi-3.0 is a method at its opnum; every other position is a place-holder; the
number in front of a method is its position; rpc_status stands where version 3.0 has it. With
--ndrdump the names are also compared with Samba's dissector. Exit code 0 when all hold.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Methods of version 3.0 without a trailing rpc_status (MS-CMRP 6.2).
WITHOUT_RPC_STATUS = {
    "ApiOpenCluster", "ApiOpenClusterEx", "ApiCloseCluster", "ApiGetClusterName",
    "ApiGetClusterVersion", "ApiCloseResource", "ApiCloseKey", "ApiCloseGroup", "ApiCloseNotify",
    "ApiCloseNode", "ApiCloseNetwork", "ApiCloseNetInterface", "ApiCloseBatchPort",
    "ApiSetServiceAccountPassword", "ApiUnblockGetNotifyCall", "ApiGetBatchNotification",
    "ApiGetNotifyV2", "ApiGetNotifyAsync",
}

METHOD = re.compile(r"/\*\s*(\d+)\s*\*/\s*(\w+)\s+(\w+)\s*\((.*?)\);", re.S)
ANY_METHOD = re.compile(r"\b(\w+)\s+((?:Api|Opnum)\w+)\s*\(")


def read_methods(path):
    """Returns [(number, return type, name, parameter text)] in the order of the file."""
    text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    methods = [(int(m[1]), m[2], m[3], m[4]) for m in METHOD.finditer(text)]
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    if len(ANY_METHOD.findall(bare)) != len(methods):
        sys.exit(f"{path}: a method without a number in front of it")
    return methods


def read_rows(path, interface):
    """Returns {opnum: name} of one interface."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split("\t")
        if fields[0] == interface:
            rows[int(fields[1])] = fields[2]
    return rows


def check(methods, rows):
    problems = []
    for position, (number, returns, name, parameters) in enumerate(methods):
        where = f"opnum {position} {name}"
        if number != position:
            problems.append(f"{where}: numbered {number}")
        wanted = rows.get(position)
        if wanted is None:
            if name != f"Opnum{position}NotUsedOnWire" or returns != "void":
                problems.append(f"{where}: no row in the list, and not a place-holder")
            continue
        if name != wanted:
            problems.append(f"{where}: the list says {wanted}")
        if not (returns == "error_status_t" or re.fullmatch(r"H\w+_RPC", returns)):
            problems.append(f"{where}: returns {returns}")
        last = parameters.strip().endswith("[out] error_status_t *rpc_status")
        if last == (name in WITHOUT_RPC_STATUS):
            problems.append(f"{where}: rpc_status {'unexpected' if last else 'missing'}")
    for number in sorted(set(rows) - set(range(len(methods)))):
        problems.append(f"opnum {number} {rows[number]}: not in the IDL")
    return problems


def check_ndrdump(methods, rows):
    """Compares names with `ndrdump clusapi`, which prints `0x07 ( 7) clusapi_CreateEnum`."""
    run = subprocess.run(["ndrdump", "clusapi"], capture_output=True, text=True, check=False)
    theirs = {int(n): name for n, name in
              re.findall(r"\(\s*(\d+)\)\s+clusapi_(\w+)", run.stdout + run.stderr)}
    return [f"opnum {n} {name}: ndrdump calls it {theirs.get(n)}"
            for n, (_, _, name, _) in enumerate(methods)
            if n in rows and name != "Api" + theirs.get(n, "")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--idl", type=pathlib.Path, default=ROOT / "bridge/idl/clusapi3.idl")
    parser.add_argument("--coverage", type=pathlib.Path,
                        default=ROOT / "tests/coverage/coverage.tsv")
    parser.add_argument("--ndrdump", action="store_true", help="compare with Samba's names too")
    arguments = parser.parse_args()
    methods = read_methods(arguments.idl)
    rows = read_rows(arguments.coverage, "clusapi-3.0")
    problems = check(methods, rows)
    if arguments.ndrdump:
        problems += check_ndrdump(methods, rows)
    for problem in problems:
        print(problem)
    print(f"{len(rows)} methods listed, {len(methods)} positions in the IDL, "
          f"{len(problems)} problems")
    return 1 if problems or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
