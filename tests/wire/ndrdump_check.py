#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the cases of tests/wire/cases with Samba's ndrdump.

NDR stubs must survive ndrdump's decoding and encoding byte by byte (--validate). NDR64 stubs must
be consumed to the last byte and give the same dump as the NDR stub of the case; ndrdump of Samba
4.17 cannot encode NDR64 again. A case file may say `ndrdump differs in|out REASON` where Samba's
interface definition departs from the specification; such a stub must really differ. Exit code 0
when all hold.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).resolve().parent / "cases"

# Names of interfaces and methods in Samba.
PIPES = {"clusapi3": "clusapi", "epmapper": "epmapper", "mgmt": "mgmt"}
RENAMED = {
    "ept_map": "epm_Map",
    "ept_lookup": "epm_Lookup",
    "ept_lookup_handle_free": "epm_LookupHandleFree",
    "rpc__mgmt_inq_if_ids": "mgmt_inq_if_ids",
    "rpc__mgmt_inq_stats": "mgmt_inq_stats",
    "rpc__mgmt_is_server_listening": "mgmt_is_server_listening",
    "rpc__mgmt_inq_princ_name": "mgmt_inq_princ_name",
}


def samba_function(method: str) -> str:
    if method.startswith("Api"):
        return "clusapi_" + method[3:]
    return RENAMED.get(method, method)


def read_case(folder: pathlib.Path) -> dict:
    case = {"name": folder.name, "folder": folder, "differs": {}}
    for line in (folder / "case").read_text().splitlines():
        words = line.split(None, 3)
        if words[:2] == ["ndrdump", "differs"]:
            case["differs"][words[2]] = words[3]
        elif words:
            case[words[0]] = words[1]
    return case


def dump(ndrdump: str, case: dict, direction: str, form: str, scratch: pathlib.Path):
    """Runs ndrdump on one stub; returns (accepted, dump without remarks, everything it said)."""
    files = {}
    for which in ("in", "out"):
        files[which] = scratch / which
        text = (case["folder"] / f"{which}.{form}.hex").read_text()
        files[which].write_bytes(bytes.fromhex(text))
    command = [ndrdump, PIPES[case["interface"]], samba_function(case["method"]), direction,
               str(files[direction])]
    if direction == "out":
        command += ["-c", str(files["in"])]
    command.append("--ndr64" if form == "ndr64" else "--validate")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    accepted = done.returncode == 0 and "dump OK" in said and "WARNING" not in said
    lines = [line for line in done.stdout.splitlines()
             if not line.startswith(("push ", "pull ", "dump ", "WARNING"))]
    return accepted, lines, said


def check(ndrdump: str, case: dict, scratch: pathlib.Path) -> list:
    complaints = []
    for direction in ("in", "out"):
        # A context that ndrdump reads differently spoils the response too, in harmless ways.
        tolerated = direction in case["differs"]
        context = direction == "out" and "in" in case["differs"]
        plain, plain_lines, plain_said = dump(ndrdump, case, direction, "ndr", scratch)
        wide, wide_lines, wide_said = dump(ndrdump, case, direction, "ndr64", scratch)
        if tolerated:
            if plain and wide and plain_lines == wide_lines:
                complaints.append(f"{direction}: does not differ any more")
            continue
        if context:
            continue
        if not plain:
            complaints.append(f"{direction}.ndr: {plain_said}")
        if not wide:
            complaints.append(f"{direction}.ndr64: {wide_said}")
        if plain_lines != wide_lines:
            complaints.append(f"{direction}: the dumps of NDR and NDR64 differ")
    return complaints


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--ndrdump", default="ndrdump")
    arguments.add_argument("case", nargs="*")
    given = arguments.parse_args()
    failed = 0
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        for folder in sorted(p for p in CASES.iterdir() if p.is_dir()):
            if given.case and folder.name not in given.case:
                continue
            count += 1
            for complaint in check(given.ndrdump, read_case(folder), pathlib.Path(scratch)):
                failed += 1
                print(f"{folder.name}: {complaint}")
    print(f"{count} cases, {failed} complaints")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
