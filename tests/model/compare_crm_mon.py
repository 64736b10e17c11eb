#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare_crm_mon.py DUMP_SNAPSHOT [--quiet] CIB.xml|FOLDER...: crm_mon's opinion of CIBs against the snapshot's.

Compares the state of every node and, for every resource (each instance of clones and bundles), whether it runs,
where, and the state that follows from crm_mon's role, failed and pending marks. README.md lists where the snapshot
reads a CIB otherwise on purpose; each such reading is a function of this file. Exit status 77: no crm_mon.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

ANCHOR = "ocf:clusbridge:group"
INFINITY = 1000000


class NotComparable(Exception):
    """crm_mon refuses the CIB."""


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


def ask_crm_mon(path):
    env = dict(os.environ, CIB_file=path)
    command = ["crm_mon", "--output-as=xml", "-1", "-r", "-f"]
    return ET.fromstring(subprocess.run(command, check=False, capture_output=True, env=env).stdout)


def crm_mon(path):
    """What crm_mon says; a CIB of a newer schema is shown to it as one without a schema."""
    answer = ask_crm_mon(path)
    if answer.find("resources") is None:
        document = ET.parse(path)
        document.getroot().set("validate-with", "none")
        with tempfile.NamedTemporaryFile(suffix=".xml") as copy:
            document.write(copy.name)
            answer = ask_crm_mon(copy.name)
    if answer.find("resources") is None or answer.find("nodes") is None:
        error = answer.find(".//error")
        raise NotComparable(error.text if error is not None else "no answer")
    return answer


def truth(element, name):
    return element.get(name) == "true"


def true_since(text):
    """A truth value, or the time since when it is true."""
    return int(text) > 0 if (text or "").isdigit() else text in ("true", "online", "yes", "on")


class Cib:
    """What the comparison needs of the CIB itself."""

    def __init__(self, path):
        self.root = ET.parse(path).getroot()
        self.primitives = {p.get("id"): p for p in self.root.iter("primitive")}
        self.parents = {c: p for p in self.root.iter() for c in p}
        self.states = {s.get("uname"): s for s in self.root.iter("node_state")}
        self.bundles = {b.get("id"): b for b in self.root.iter("bundle")}
        self.cloned = {r.get("id") for kind in ("clone", "master") for c in self.root.iter(kind)
                       for r in c.iter("primitive")}
        self.bundled = {p.get("id"): b for b in self.bundles.values() for p in b.iter("primitive")}

    def meta(self, name, wanted):
        """A meta attribute as it counts; sets with rules are left out."""
        at = self.primitives.get(name, self.bundles.get(name))
        chain = []
        while at is not None:
            chain.append(at)
            if at.get("template"):
                chain += [t for t in self.root.iter("template") if t.get("id") == at.get("template")]
            at = self.parents.get(at)
        for owner in chain + list(self.root.iter("rsc_defaults")):
            for given in owner.findall("meta_attributes"):
                if given.find("rule") is None:
                    for pair in given.iter("nvpair"):
                        if pair.get("name") == wanted:
                            return pair.get("value")
        return None

    def seconds(self, text):
        found = re.fullmatch(r"\s*(\d+)\s*(ms|msec|s|sec|m|min|h|hr)?\s*", text or "0")
        return int(int(found[1]) * {"ms": .001, "msec": .001, "m": 60, "min": 60, "h": 3600,
                                    "hr": 3600}.get(found[2], 1)) if found else 0

    def failures(self, name, node):
        """Failures that are counted and have not expired."""
        state = self.states.get(node)
        version = [int(n) for n in re.findall(r"\d+", self.root.get("crm_feature_set") or "0")]
        operation = "" if version < [3, 0, 13] else r"#.+_\d+"
        count, last = 0, 0
        for pair in state.iterfind("transient_attributes//nvpair") if state is not None else []:
            if re.fullmatch(r"fail-count-" + re.escape(name) + r"(:\d+)?" + operation, pair.get("name")):
                value = pair.get("value")
                count += INFINITY if value == "INFINITY" else int(value)
            if re.fullmatch(r"last-failure-" + re.escape(name) + r"(:\d+)?" + operation, pair.get("name")):
                last = max(last, int(pair.get("value")))
        period = self.seconds(self.meta(name, "failure-timeout"))
        blocked = any(o.get("on-fail") == "block" for o in self.primitives.get(name, self.root).iter("op"))
        if period and last and not blocked and time.time() > last + period:
            return 0
        return count

    def at_threshold(self, name, node=None):
        text = self.meta(name, "migration-threshold")
        threshold = INFINITY if text in (None, "INFINITY") else int(text)
        return threshold != 0 and any(
            self.failures(name, n) >= max(threshold, 1) for n in ([node] if node else self.states))

    def in_flight(self, name, node, operations):
        """Such an operation of an instance has no result on the node."""
        state = self.states.get(node)
        return state is not None and any(
            o.get("operation") in operations and o.get("op-status") == "-1"
            for r in state.iter("lrm_resource") if base(r.get("id")) == name for o in r.iter("lrm_rsc_op"))


def base(name):
    return re.sub(r":\d+$", "", name)


def wanted_nodes(status, cib):
    """Node name -> state as the snapshot should have it."""
    paused = {n.get("uname") for n in cib.root.iter("node")
              for v in n.iter("nvpair") if v.get("name") == "clusbridge-pause" and v.get("value") == "true"}
    states = {}
    for node in status.find("nodes"):
        name = node.get("name")
        state = cib.states.get(name)
        member = node.get("type") == "member" and state is not None
        controller = not member or true_since(state.get("crmd"))
        joined = not member or state.get("join") == "member"
        if member and true_since(state.get("in_ccm")) and controller and (truth(node, "pending") or not joined):
            states[name] = "joining"  # crm_mon calls it offline where nothing is fenced
        elif not truth(node, "online") or not controller:
            states[name] = "down"     # also a node that crm_mon has online, unclean or pending, without a controller
        elif truth(node, "standby") or name in paused:
            states[name] = "paused"
        else:
            states[name] = "up"
    return states


def expected(cib, name, entries, wanted, online, node=None):
    """States and nodes of a resource, out of crm_mon's entries for it."""
    running = [n.get("name") for e in entries for n in e.iterfind("node") if n.get("name") in online]
    # What is on a node that is not up does not run (and is not failed for that).
    entries = [e for e in entries if not e.findall("node")
               or any(n.get("name") in online for n in e.iterfind("node"))]
    starting = any(e.get("role") in ("Starting", "Promoting", "Migrating") for e in entries)
    stopping = any(e.get("role") in ("Stopping", "Demoting", "Migrating") for e in entries)
    if node is not None:
        running = [n for n in running if n == node]
        entries = [e for e in entries if node in [n.get("name") for n in e.iterfind("node")]]
        # crm_mon does not say where an instance that is not active yet is being started.
        starting = cib.in_flight(name, node, ("start", "promote"))
        stopping = cib.in_flight(name, node, ("stop", "demote"))
    failed = any(truth(e, "failed") for e in entries)
    ignored = any(truth(e, "failure_ignored") for e in entries)
    if starting or stopping:
        return {s for s, so in (("online_pending", starting), ("offline_pending", stopping)) if so}, running
    if running and not wanted:
        return {"failed"}, running
    if running and not failed:
        return {"online"}, running
    if wanted and (failed or (not ignored and cib.at_threshold(name, node))):
        return {"failed"}, running
    return {"offline"}, running


def replica_entries(status, bundle, name, node):
    """crm_mon's entries for a container (`name` is the bundle), or for what is in it, on a node."""
    found = []
    for replica in bundle.iterfind("replica"):
        agents = {r.get("id"): r for r in replica.iterfind("resource")}
        container = next((r for r in agents.values()
                          if re.search(r"-(docker|podman|rkt)-\d+$", r.get("id"))), None)
        if container is None or node not in [n.get("name") for n in container.iterfind("node")]:
            continue
        if name == bundle.get("id"):
            found.append(container)
        elif base(name) in agents or name in agents:
            found.append(agents.get(name, agents.get(base(name))))
    return found


def compare_replica(status, each, cib, online):
    """A container, or what is in it, of the replicas whose container runs on the instance's node."""
    name, node = each["cib"], each["owner"]
    owner = name if name in cib.bundles else cib.bundled[name].get("id")
    bundle = next(b for b in status.iter("bundle") if b.get("id") == owner)
    entries = replica_entries(status, bundle, name, node) if node in online else []
    if name not in cib.bundles:
        # What is in a replica runs on the replica, not on its host.
        entries = [e for e in entries if any(n.get("name") in online for n in e.iterfind("node"))]
    states, _ = expected(cib, name, entries, each["wanted"] == "1",
                         {n.get("name") for e in entries for n in e.iterfind("node")})
    return [] if each["state"] in states else [f"replica {each['name']}: {each['state']}, expected {'/'.join(states)}"]


def compare_nodes(states, nodes):
    problems = []
    if set(states) != set(nodes):
        problems.append(f"nodes {sorted(nodes)}, crm_mon has {sorted(states)}")
    for name in sorted(set(states) & set(nodes)):
        if nodes[name]["state"] != states[name]:
            problems.append(f"node {name}: {nodes[name]['state']}, expected {states[name]}")
    return problems


def compare(dump, path):
    status, cib = crm_mon(path), Cib(path)
    nodes, resources = snapshot(dump, path)
    states = wanted_nodes(status, cib)
    online = {n for n, s in states.items() if s in ("up", "paused")}
    online |= {n.get("name") for n in status.find("nodes") if states[n.get("name")] == "joining" and truth(n, "online")}
    replicas = {n for n in states for b in cib.bundles if re.fullmatch(re.escape(b) + r"-\d+", n)}
    problems = compare_nodes({n: s for n, s in states.items() if n not in replicas}, nodes)
    entries = {}
    for each in status.find("resources").iter("resource"):
        entries.setdefault(base(each.get("id")), []).append(each)
    anchors = {name for name, all_of in entries.items()
               if all(e.get("resource_agent") == ANCHOR for e in all_of)}
    shown = {r["cib"] for r in resources}
    if shown - set(cib.bundles) != set(cib.primitives) - anchors:
        problems.append(f"resources {sorted(shown)}, the CIB has {sorted(set(cib.primitives) - anchors)}")
    for each in resources:
        name = each["cib"]
        if name in cib.bundles or name in cib.bundled:
            problems += compare_replica(status, each, cib, online)
            continue
        node = each["owner"] if name in cib.cloned else None
        wanted, running = expected(cib, name, entries.get(name, []), each["wanted"] == "1", online, node)
        if each["state"] not in wanted:
            problems.append(f"resource {each['name']}: {each['state']}, expected {'/'.join(sorted(wanted))}")
        if running and node is None and each["owner"] not in running:
            problems.append(f"resource {each['name']}: owner {each['owner']}, runs on {running}")
    return problems


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            yield from (os.path.join(path, n) for n in sorted(os.listdir(path)) if n.endswith(".xml"))
        else:
            yield path


def main():
    if not shutil.which("crm_mon"):
        print("no crm_mon here")
        return 77
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    quiet = "--quiet" in sys.argv
    for path in files(p for p in sys.argv[2:] if p != "--quiet"):
        try:
            problems = compare(sys.argv[1], os.path.abspath(path))
            result = "FAIL" if problems else "ok"
        except NotComparable as reason:
            problems, result = [str(reason)], "skip"
        counts[result] += 1
        if not quiet or result != "ok":
            print(f"{result:4} {os.path.basename(path)}")
        for each in problems:
            print("     " + each)
    print(f"{counts['ok']} agree, {counts['FAIL']} differ, {counts['skip']} are not comparable")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
