# SPDX-License-Identifier: Apache-2.0
"""Where things are: this folder, the cache of kernels."""
import os
import subprocess

KIT = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.dirname(KIT)
FETCH = os.path.join(LAB, "disks-fetch")
FETCH_SECONDS = 600


class Unavailable(Exception):
    """A kind of guest cannot be had here; the text says why."""


def fetched(kind):
    """Folder of the unpacked kernel: linux, modules/, release. Raises Unavailable."""
    try:
        p = subprocess.run([FETCH, kind], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"disks-fetch {kind} takes too long") from None
    if p.returncode != 0:
        raise Unavailable(p.stderr.strip() or f"disks-fetch {kind} failed")
    return p.stdout.strip()
