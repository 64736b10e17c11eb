# SPDX-License-Identifier: Apache-2.0
"""A small file system of its own for each daemon's state, which can be full without harm to anything else."""
import os

from .place import ROOT, node_dir
from .processes import sh


def attach(i, mebibytes):
    """Before the node boots: it copies this machine's mounts then, and finds the disk again after a power cut."""
    image, folder = os.path.join(node_dir(i), "state.img"), os.path.join(node_dir(i), "state")
    with open(image, "wb") as f:
        f.truncate(mebibytes << 20)
    sh("mkfs.ext4", "-q", "-m", "0", image)
    os.makedirs(folder, mode=0o700)
    sh("mount", "-o", "loop", image, folder)
    os.chmod(folder, 0o700)


def detach_all():
    with open("/proc/mounts", encoding="utf-8") as f:
        places = [line.split()[1] for line in f]
    for place in places:
        if place.startswith(ROOT + "/"):
            sh("umount", place, check=False)
