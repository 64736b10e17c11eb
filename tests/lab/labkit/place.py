# SPDX-License-Identifier: Apache-2.0
"""Which lab this is: its addresses, names, folder, lock and what it remembers.

Everything follows from LAB_NET, so that labs of different LAB_NET share nothing.
"""
import contextlib
import fcntl
import json
import os
import re
import sys

DEFAULT_NET = "10.77.0"
FIXED_PORT = 49343
EPM_PORT = 135
CLUSTER_ID = "1ab0c105-0000-4000-8000-0000000010c0"
ACCOUNT = {"user": "Administrator", "domain": "LAB", "password": "Lab-Passw0rd"}
MAX_NODES = 32
HOST_OCTET, CLIENT_OCTET = 254, 253


def octets(net):
    """A and B of 10.A.B. The second link's network is 10.(A+128).B: no other lab's first one."""
    match = re.fullmatch(r"10\.(\d{1,3})\.(\d{1,3})", net)
    a, b = (int(match[1]), int(match[2])) if match else (-1, -1)
    if not (0 <= a < 128 and 0 <= b < 256) or net != f"10.{a}.{b}":
        sys.exit(f"lab: LAB_NET is 10.A.B with A below 128 and B below 256, not {net}")
    return a, b


NET = os.environ.get("LAB_NET", DEFAULT_NET)
A, B = octets(NET)
SECOND_NET = f"10.{A + 128}.{B}"
# Of fixed length, so that no lab's names begin with another lab's; interfaces have 15 characters at most.
TAG = f"cb{A:02x}{B:02x}"
ROOT = f"/tmp/clusbridge-lab-{NET}"
LOCK = ROOT + ".lock"
CLIENT = f"{TAG}-client"


def node_namespace(i):
    return f"{TAG}-node{i}"


def node_dir(i):
    return os.path.join(ROOT, f"node{i}")


def host_name(i):
    """Of a node, as its Kerberos principals call it."""
    return f"node{i}.test.clusbridge"


def state_file():
    return os.path.join(ROOT, "lab.json")


def stored():
    """What `save` stored, or None: there is no lab, or what there is tells nothing."""
    try:
        with open(state_file(), encoding="utf-8") as f:
            state = json.load(f)
        return state if isinstance(state, dict) and "nodes" in state else None
    except (FileNotFoundError, ValueError):
        return None


def load():
    state = stored()
    if state is None:
        sys.exit("lab: not up")
    return state


def save(state):
    with open(state_file() + ".new", "w", encoding="utf-8") as f:
        json.dump(state, f)
    os.replace(state_file() + ".new", state_file())


def number(text):
    """Of a node that the lab has, from `node2` or `2`."""
    digits = text[4:] if text.startswith("node") else text
    if not digits.isdigit() or not 1 <= int(digits) <= load()["nodes"]:
        sys.exit(f"lab: no node {text}")
    return int(digits)


@contextlib.contextmanager
def locked():
    """One command at a time. The lock lies beside the lab's folder, which `down` removes."""
    while True:
        fd = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.fstat(fd).st_ino == os.stat(LOCK).st_ino:
                break
        os.close(fd)  # the command before has removed it
    try:
        yield
    finally:
        if not os.path.exists(ROOT):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(LOCK)
        os.close(fd)
