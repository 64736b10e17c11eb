#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare_crm_diff.py PATCH_CIB CIB.xml...: patchsets made by crm_diff, applied by ours.

Every CIB against the next one and against random edits of itself (elements removed, moved, copied under another
identifier, attributes changed). The result must be the new document, element for element. Exit status 77: no crm_diff.
"""
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

EDITS = 12
SEED = 20140


def canonical(element):
    return (element.tag, sorted(element.attrib.items()), [canonical(e) for e in element])


def bump(root):
    root.set("epoch", str(int(root.get("epoch", "0")) + 1))


def edit(root, rng):
    """Up to eight random edits below the sections that change in life."""
    root = copy.deepcopy(root)
    bump(root)
    for _ in range(rng.randint(1, 8)):
        parents = [e for section in ("configuration/resources", "configuration/constraints", "status",
                                     "configuration/crm_config/cluster_property_set")
                   for base in root.iterfind(section) for e in base.iter() if len(e)]
        if not parents:
            break
        parent = rng.choice(parents)
        child = rng.choice(list(parent))
        kind = rng.randrange(5)
        if kind == 0:
            parent.remove(child)
        elif kind == 1:
            parent.remove(child)
            parent.insert(rng.randint(0, len(parent)), child)
        elif kind == 2 and child.get("id"):
            twin = copy.deepcopy(child)
            for each in twin.iter():
                if each.get("id"):
                    each.set("id", each.get("id") + "-x%d" % rng.randrange(1000))
            parent.insert(rng.randint(0, len(parent)), twin)
        elif kind == 3:
            child.set("description", "changed %d & <more>" % rng.randrange(1000))
        else:
            for name in list(child.attrib):
                if name not in ("id", "class", "type", "provider") and rng.random() < 0.3:
                    del child.attrib[name]
    return root


def patched(tool, old, new, folder):
    paths = [os.path.join(folder, n) for n in ("old.xml", "new.xml", "patch.xml")]
    ET.ElementTree(old).write(paths[0])
    ET.ElementTree(new).write(paths[1])
    made = subprocess.run(["crm_diff", "-o", paths[0], "-n", paths[1]], capture_output=True)
    if not made.stdout.strip():
        return "same", None
    with open(paths[2], "wb") as out:
        out.write(made.stdout)
    done = subprocess.run([tool, paths[0], paths[2]], capture_output=True)
    if done.returncode:
        return "status %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip()), made.stdout
    if canonical(ET.fromstring(done.stdout)) != canonical(new):
        return "another document", made.stdout
    return "ok", None


def main():
    if not shutil.which("crm_diff"):
        print("no crm_diff here")
        return 77
    tool, paths = sys.argv[1], sys.argv[2:]
    rng = random.Random(SEED)
    roots = [ET.parse(p).getroot() for p in paths]
    failures, counts = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for i, root in enumerate(roots):
            following = copy.deepcopy(roots[(i + 1) % len(roots)])
            following.set("epoch", "5000")
            for new in [following] + [edit(root, rng) for _ in range(EDITS)]:
                result, patch = patched(tool, root, new, folder)
                counts[result] = counts.get(result, 0) + 1
                if result not in ("ok", "same"):
                    failures += 1
                    print("FAIL %s: %s" % (os.path.basename(paths[i]), result))
                    if failures <= 3:
                        print(patch.decode())
    print("%d failures; %s" % (failures, counts))
    # Comparing nothing would prove nothing.
    return 1 if failures or not counts.get("ok") else 0


if __name__ == "__main__":
    sys.exit(main())
