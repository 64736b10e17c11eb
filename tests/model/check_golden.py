#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check_golden.py DUMP_SNAPSHOT CIB_DIR GOLDEN_DIR [--write]: snapshots of all CIBs against the stored text."""
import difflib
import os
import subprocess
import sys

# Failures of the stored CIBs happened long before, or happen long after.
NOW = "1800000000"


def main():
    dump, cibs, golden = sys.argv[1:4]
    write = sys.argv[4:] == ["--write"]
    failures = 0
    for name in sorted(os.listdir(cibs)):
        got = subprocess.run([dump, os.path.join(cibs, name), NOW], check=True, capture_output=True, text=True).stdout
        path = os.path.join(golden, name.removesuffix(".xml") + ".txt")
        if write:
            with open(path, "w", encoding="utf-8") as out:
                out.write(got)
            continue
        with open(path, encoding="utf-8") as stored:
            wanted = stored.read()
        if got != wanted:
            failures += 1
            sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), path, "now"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
