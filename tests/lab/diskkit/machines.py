# SPDX-License-Identifier: Apache-2.0
"""Which kind of guest can be had here."""
import sys

from .place import Unavailable
from .qemu import Qemu
from .uml import Uml

KINDS = {"uml": Uml, "qemu": Qemu}


def choose(wanted):
    """A machine of the wanted kind; auto: the first that there is, and aloud which and why. Raises Unavailable."""
    if wanted != "auto":
        return KINDS[wanted]()
    reasons = []
    for kind, machine in KINDS.items():
        try:
            found = machine()
        except Unavailable as e:
            reasons.append(f"no {kind}: {e}")
            continue
        print(f"disks: {kind}" + (f" ({'; '.join(reasons)})" if reasons else ""), file=sys.stderr)
        return found
    raise Unavailable("; ".join(reasons))
