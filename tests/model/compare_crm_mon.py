#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare_crm_mon.py DUMP_SNAPSHOT CIB.xml...: crm_mon's opinion of a CIB against the snapshot's.

Compares the state of every node and, for every resource (each instance of clones and bundles), whether it runs,
where, and the state that follows from crm_mon's role, failed and pending marks. Exit status 77: no crm_mon.
"""
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

ANCHOR = "ocf:clusbridge:group"


def fields(line):
    return dict((k, v.strip('"')) for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', line))


def snapshot(dump, path):
    nodes, resources = {}, []
    text = subprocess.run([dump, path], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if line.startswith("node "):
            found = fields(line)
            nodes[found["uname"]] = found
        elif line.startswith("resource "):
            found = fields(line)
            if found["cib"]:
                resources.append(found)
    return nodes, resources


def crm_mon(path):
    env = dict(os.environ, CIB_file=path)
    command = ["crm_mon", "--output-as=xml", "-1", "-r", "-f"]
    return ET.fromstring(subprocess.run(command, check=True, capture_output=True, env=env).stdout)


def truth(element, name):
    return element.get(name) == "true"


def wanted_nodes(status, cib):
    """Node name -> state as the snapshot should have it."""
    paused = {n.get("uname") for n in cib.iter("node")
              for v in n.iter("nvpair") if v.get("name") == "clusbridge-pause" and v.get("value") == "true"}
    # crm_mon shows a node whose join is not complete as offline.
    joining = {n.get("uname") for n in cib.iter("node_state")
               if n.get("in_ccm") == "true" and n.get("crmd") == "online" and n.get("join") != "member"}
    states = {}
    for node in status.find("nodes"):
        if node.get("type") == "remote" and not node.get("id"):
            continue
        name = node.get("name")
        if truth(node, "pending") or name in joining:
            states[name] = "joining"
        elif not truth(node, "online"):
            states[name] = "down"
        elif truth(node, "standby") or name in paused:
            states[name] = "paused"
        else:
            states[name] = "up"
    return states


def at_threshold(cib, name, node):
    """Any failure counter of the resource on the node (on any node) at INFINITY, or at its own threshold."""
    for state in cib.iter("node_state"):
        if node and state.get("uname") != node:
            continue
        for pair in state.iterfind("transient_attributes//nvpair"):
            if pair.get("name").split("#")[0] != "fail-count-" + name:
                continue
            own = [v.get("value") for r in cib.iter("primitive") if r.get("id") == name
                   for v in r.iterfind("meta_attributes/nvpair") if v.get("name") == "migration-threshold"]
            if pair.get("value") == "INFINITY" or (own and int(pair.get("value")) >= int(own[0])):
                return True
    return False


def expected(cib, name, entries, wanted, online, node=None):
    """State and nodes of a resource, out of crm_mon's entries for it."""
    running = [n.get("name") for e in entries for n in e.iterfind("node") if n.get("name") in online]
    entries = [e for e in entries if not e.findall("node")
               or any(n.get("name") in online for n in e.iterfind("node"))]
    if node is not None:
        running = [n for n in running if n == node]
        entries = [e for e in entries if node in [n.get("name") for n in e.iterfind("node")]]
    pending = [e.get("pending") or e.get("role") for e in entries]
    failed = any(truth(e, "failed") and not truth(e, "failure_ignored") for e in entries)
    if any(p in ("Starting", "Promoting", "Migrating") for p in pending):
        return {"online_pending"}, running
    if any(p in ("Stopping", "Demoting") for p in pending):
        return {"offline_pending"}, running
    if running and not failed and wanted:
        return {"online"}, running
    if running and not wanted:
        return {"failed"}, running
    if wanted and (failed or at_threshold(cib, name, node)):
        return {"failed"}, running
    return {"offline"}, running


def base(name):
    return re.sub(r":\d+$", "", name)


def compare(dump, path):
    status, cib = crm_mon(path), ET.parse(path)
    nodes, resources = snapshot(dump, path)
    problems = []
    bundles = {b.get("id") for b in cib.iter("bundle")}
    replicas = {n for n in (e.get("name") for e in status.find("nodes"))
                if any(re.fullmatch(re.escape(b) + r"-\d+", n) for b in bundles)}
    states = {n: s for n, s in wanted_nodes(status, cib).items() if n not in replicas}
    online = {n.get("name") for n in status.find("nodes") if truth(n, "online")}
    if set(states) != set(nodes):
        problems.append(f"nodes {sorted(nodes)}, crm_mon has {sorted(states)}")
    for name in sorted(set(states) & set(nodes)):
        if nodes[name]["state"] != states[name]:
            problems.append(f"node {name}: {nodes[name]['state']}, expected {states[name]}")

    entries = {}
    for each in status.find("resources").iter("resource"):
        entries.setdefault(base(each.get("id")), []).append(each)
    cloned = {r.get("id") for kind in ("clone", "master", "bundle") for c in cib.iter(kind)
              for r in c.iter("primitive")}
    anchors = {name for name, all_of in entries.items()
               if all(e.get("resource_agent") == ANCHOR for e in all_of)}
    shown = {r["cib"] for r in resources}
    expected_ids = {p.get("id") for p in cib.iter("primitive")} - anchors
    if shown - bundles != expected_ids:
        problems.append(f"resources {sorted(shown)}, the CIB has {sorted(expected_ids)}")
    for each in resources:
        name = each["cib"]
        wanted = each["wanted"] == "1"
        if name in bundles or any(name in [p.get("id") for p in b.iter("primitive")] for b in cib.iter("bundle")):
            problems += compare_replica(status, each, cib)
            continue
        node = each["owner"] if name in cloned else None
        states, running = expected(cib, name, entries.get(name, []), wanted, online, node)
        if each["state"] not in states:
            problems.append(f"resource {each['name']}: {each['state']}, expected {'/'.join(states)}")
        if running and node is None and name not in cloned and each["owner"] not in running:
            problems.append(f"resource {each['name']}: owner {each['owner']}, runs on {running}")
    return problems


def compare_replica(status, each, cib):
    """A container, or what is in it, of the replica whose container runs on the instance's node."""
    for bundle in status.iter("bundle"):
        for replica in bundle.iterfind("replica"):
            agents = {r.get("id"): r for r in replica.iterfind("resource")}
            container = next((r for r in agents.values()
                              if re.search(r"-(docker|podman|rkt)-\d+$", r.get("id"))), None)
            if container is None or each["owner"] not in [n.get("name") for n in container.iterfind("node")]:
                continue
            chosen = container if each["cib"] == bundle.get("id") else agents.get(each["cib"])
            if chosen is None:
                continue
            state = "online" if truth(chosen, "active") else "offline"
            if each["state"] != state:
                return [f"replica {each['name']}: {each['state']}, expected {state}"]
            return []
    return [] if each["state"] == "offline" else [f"{each['name']}: {each['state']} without a replica"]


def main():
    if not shutil.which("crm_mon"):
        print("no crm_mon here")
        return 77
    failures = 0
    for path in sys.argv[2:]:
        problems = compare(sys.argv[1], os.path.abspath(path))
        failures += bool(problems)
        print(("ok   " if not problems else "FAIL ") + os.path.basename(path))
        for each in problems:
            print("     " + each)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
