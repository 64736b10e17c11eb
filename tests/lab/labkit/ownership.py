# SPDX-License-Identifier: Apache-2.0
"""Whose lab it is, when it is nobody's any more, and how it goes.

A lab may have an owner, the process that `lab up --owner PID` named. A watcher takes the lab down when the
owner ends, however that happens; should the watcher have been killed too, the next `up` does.
"""
import json
import os
import select
import shutil
import subprocess
import sys
import time

from . import state_disk
from .network import links, namespaces, remove_network
from .place import CLIENT, ROOT, locked, stored
from .processes import depopulate, end, identity, in_namespace, inhabitants, same

WATCHER = os.path.join(ROOT, "watcher.json")
LOOK_SECONDS = 1.0
START_SECONDS = 30


def name_of(who):
    try:
        with open(f"/proc/{who['pid']}/cmdline", "rb") as f:
            command = f.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        command = ""
    return f"process {who['pid']}" + (f", {command}" if command else "")


def anything_left():
    return bool(namespaces() or links() or os.path.exists(ROOT))


def nodes_live():
    return any(inhabitants(name) for name in namespaces() if name != CLIENT)


def why_abandoned(state):
    """Why what there is is nobody's, or None when it is a lab in use."""
    if state is None:
        return "it has no state"
    if not state.get("ready"):
        return "its start was cut short"  # the lock is ours: nobody is starting it
    owner = state.get("owner")
    if owner and not same(owner):
        return f"its owner, process {owner['pid']}, has ended"
    if not owner and not nodes_live():
        return "all of its nodes are dead"
    return None


def make_room():
    """Clears what a lab left behind; a lab in use is not touched, and ends the program."""
    if not anything_left():
        return
    state = stored()
    reason = why_abandoned(state)
    if reason is None:
        owner = state.get("owner")
        sys.exit(f"lab: already up ({ROOT}" + (f", for {name_of(owner)}" if owner else "") + ")")
    print(f"lab: clearing {ROOT}: {reason}", file=sys.stderr, flush=True)
    take_down()


def _end_watcher():
    try:
        with open(WATCHER, encoding="utf-8") as f:
            who = json.load(f)
    except (FileNotFoundError, ValueError):
        return
    if who["pid"] != os.getpid():
        end(who)


def take_down():
    """Ends every process in the lab's namespaces, the clients and the KDC too, and removes all."""
    # The command that is asked to end the lab would go first.
    if any(in_namespace(os.getpid(), name) for name in namespaces()):
        sys.exit("lab: not from within the lab")
    _end_watcher()
    stubborn = [name for name in namespaces() if not depopulate(name)]
    remove_network()
    state_disk.detach_all()
    shutil.rmtree(ROOT, ignore_errors=True)
    if stubborn:
        sys.exit(f"lab: processes do not die in {' '.join(stubborn)}")


def start_watcher(lab, state):
    """Forked off twice: whoever kills the owner with all of its children does not find it."""
    subprocess.run(["setsid", "--fork", lab, "watch", state["id"]], check=True, cwd="/",
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + START_SECONDS
    while not os.path.exists(WATCHER):
        if time.monotonic() > limit:
            sys.exit("lab: no watcher came up")
        time.sleep(0.01)


def _is_current(lab_id):
    state = stored()
    return state is not None and state.get("id") == lab_id


def watch(lab_id):
    """Until the owner ends or the lab is gone."""
    state = stored()
    if not _is_current(lab_id):
        return
    with open(WATCHER + ".new", "w", encoding="utf-8") as f:
        json.dump(identity(os.getpid()), f)
    os.replace(WATCHER + ".new", WATCHER)
    try:
        owner = os.pidfd_open(state["owner"]["pid"])
    except ProcessLookupError:
        owner = None
    while owner is not None and same(state["owner"]):
        if select.select([owner], [], [], LOOK_SECONDS)[0] or not _is_current(lab_id):
            break
    with locked():
        if _is_current(lab_id):
            take_down()
