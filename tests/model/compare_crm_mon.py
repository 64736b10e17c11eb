#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare_crm_mon.py DUMP_SNAPSHOT CIB.xml|FOLDER...: crm_mon's opinion of CIBs against the snapshots'.

Compares the state of every node and, for every resource (each node's instance of clones and bundles), whether it
runs, where, whether it may be managed, and the state that follows from crm_mon's role, failed and pending marks.
A folder stands for all of its .xml files. Exit status 77: no crm_mon.
"""
import concurrent.futures
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

INFINITY = 1000000
ANCHOR = "ocf:clusbridge:group"
IN_FLIGHT = {"Starting": "online_pending", "Promoting": "online_pending",
             "Stopping": "offline_pending", "Demoting": "offline_pending"}


class Refused(Exception):
    """crm_mon has no opinion of the file."""


def fields(line):
    return dict((k, v.strip('"')) for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', line))


def snapshot(dump, path):
    nodes, resources = {}, []
    command = [dump, path, str(int(time.time()))]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if line.startswith("node "):
            found = fields(line)
            nodes[found["uname"]] = found
        elif line.startswith("resource "):
            found = fields(line)
            if found["cib"]:
                resources.append(found)
    return nodes, resources


def readable(cib, into):
    """Writes a CIB so that any crm_mon reads it: releases before 2.1.7 want truth values where a node's state now has
    times, ignore a node's state without a name, and want no schema that they do not know."""
    names = {n.get("id"): n.get("uname") for n in cib.iter("node") if n.get("uname")}
    for state in cib.iter("node_state"):
        if state.get("uname") is None and state.get("id") in names:
            state.set("uname", names[state.get("id")])
        for name, word in (("in_ccm", "true"), ("crmd", "online")):
            if re.fullmatch(r"\d\d+", state.get(name) or ""):
                state.set(name, word)
            elif state.get(name) == "0":
                state.set(name, {"in_ccm": "false", "crmd": "offline"}[name])
    cib.getroot().set("validate-with", "none")
    cib.write(into)


def crm_mon(cib):
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        readable(copy.deepcopy(cib), file.name)
        env = dict(os.environ, CIB_file=file.name)
        command = ["crm_mon", "--output-as=xml", "-1", "-r", "-f"]
        done = subprocess.run(command, capture_output=True, env=env, text=True)
    errors = [e.text for e in ET.fromstring(done.stdout).iterfind("status/errors/error")] if done.stdout else ["?"]
    if done.returncode != 0 or errors:
        raise Refused(f"crm_mon: {done.returncode} {'; '.join(errors)}")
    return ET.fromstring(done.stdout)


def is_set(value):
    """A truth value, or a time (0: never)."""
    return value in ("true", "online", "1") or bool(re.fullmatch(r"[1-9]\d+", value or ""))


def truth(element, name):
    return element.get(name) == "true"


def scored(text):
    return INFINITY if text == "INFINITY" else int(text or 0)


def seconds(text):
    """A duration; 0 for none."""
    found = re.fullmatch(r"(\d+)\s*(s|sec|m|min|h|hr)?", text or "")
    return int(found[1]) * {"m": 60, "h": 3600}.get((found[2] or "s")[0], 1) if found else 0


def base(name):
    return re.sub(r":\d+$", "", name)


class Cluster:
    """What crm_mon and the CIB say, brought together."""

    def __init__(self, path):
        self.cib = ET.parse(path)
        self.status = crm_mon(self.cib)
        self.replicas = set()
        self.bundles = {b.get("id"): b for b in self.cib.iter("bundle")}
        for node in self.status.find("nodes"):
            if any(re.fullmatch(re.escape(b) + r"-\d+", node.get("name")) for b in self.bundles):
                self.replicas.add(node.get("name"))
        self.nodes = {n.get("name"): n for n in self.status.find("nodes")}
        self.states = {name: self.node_state(node) for name, node in self.nodes.items()}
        self.online = {name for name, state in self.states.items() if state in ("up", "paused")}
        # What is no longer configured is shown on its own; instances that are too many, inside their clone.
        inside = {id(e) for c in self.status.iter("clone") for e in c.iter("resource")}
        self.entries = {}
        for each in self.status.find("resources").iter("resource"):
            if id(each) in inside or not truth(each, "orphaned"):
                self.entries.setdefault(base(each.get("id")), []).append(each)
        self.bundled = {p.get("id"): b for b, e in self.bundles.items() for p in e.iter("primitive")}
        self.cloned = {p.get("id") for kind in ("clone", "master") for c in self.cib.iter(kind)
                       for p in c.iter("primitive")}

    def recorded(self, name):
        ids = {n.get("id") for n in self.cib.iter("node") if n.get("uname") == name}
        return next((s for s in self.cib.iter("node_state")
                     if s.get("uname") == name or (s.get("uname") is None and s.get("id") in ids)), None)

    def node_state(self, node):
        """The state that a node of crm_mon's should have."""
        name = node.get("name")
        online = truth(node, "online")
        if node.get("type") == "member":
            record = self.recorded(name)
            there = record is not None and is_set(record.get("in_ccm"))
            controller = record is not None and is_set(record.get("crmd"))
            # crm_mon takes a node that shuts down or comes up at its controller's word alone.
            if not there:
                return "down"
            # Without fencing crm_mon shows a node whose join is not complete as offline.
            if there and controller and record.get("join") != "member" and not truth(node, "shutdown"):
                return "joining"
            # A node that lost its controller waits to be fenced; crm_mon calls it online and unclean.
            if online and truth(node, "unclean") and not controller:
                return "down"
        if truth(node, "pending"):
            return "joining"
        if not online:
            return "down"
        return "paused" if truth(node, "standby") or self.is_paused(name) else "up"

    def is_paused(self, name):
        node = next((n for n in self.cib.iter("node") if n.get("uname") == name), None)
        pairs = [] if node is None else list(node.iter("nvpair"))
        record = self.recorded(name)
        pairs += [] if record is None else list(record.iterfind("transient_attributes//nvpair"))
        return any(v.get("name") == "clusbridge-pause" and v.get("value") == "true" for v in pairs)

    def configured(self, name, option):
        """A meta attribute of a resource: its own, its parents', or the default for all."""
        chain = [r for r in self.cib.find("configuration/resources").iter()
                 if r.get("id") == name or any(p.get("id") == name for p in r.iter("primitive"))]
        sets = [v for r in reversed(chain) for v in r.iterfind("meta_attributes/nvpair")]
        sets += self.cib.iterfind("configuration/rsc_defaults/meta_attributes/nvpair")
        return next((v.get("value") for v in sets if v.get("name") == option), None)

    def at_threshold(self, name, node):
        """Failures of the resource on the node (on any node) reach its threshold, and still count."""
        threshold = scored(self.configured(name, "migration-threshold")) or INFINITY
        timeout = seconds(self.configured(name, "failure-timeout"))
        # Feature sets before 3.0.13 count per resource, later ones per operation.
        version = [int(n) for n in re.findall(r"\d+", self.cib.getroot().get("crm_feature_set") or "")]
        operation = "" if version < [3, 0, 13] else "#.+"
        for record in self.cib.iter("node_state"):
            if node and record.get("uname") != node:
                continue
            counters = {"fail-count": [0], "last-failure": [0]}
            for pair in record.iterfind("transient_attributes//nvpair"):
                found = re.fullmatch(rf"(fail-count|last-failure)-{re.escape(name)}(:\d+)?{operation}", pair.get("name"))
                if found:
                    counters[found[1]].append(scored(pair.get("value")))
            last = max(counters["last-failure"])
            expired = timeout and last and time.time() > last + timeout
            if not expired and sum(counters["fail-count"]) >= threshold:
                return True
        return False

    def nodes_of(self, entry):
        return [n.get("name") for n in entry.iterfind("node") if n.get("name") in self.online]

    def expected(self, name, entries, node=None):
        """States that fit crm_mon's entries for a resource, and the nodes where it runs."""
        entries = [e for e in entries if not e.findall("node") or self.nodes_of(e)]
        if node is not None:
            # An operation in flight may be all that there is.
            starting = {IN_FLIGHT[e.get("role")] for e in entries if e.get("role") in IN_FLIGHT and not e.findall("node")}
            if starting and self.in_flight(name, node):
                return starting, []
            entries = [e for e in entries if node in self.nodes_of(e)]
        running = sorted({n for e in entries for n in self.nodes_of(e)} & ({node} if node else self.online))
        wanted = not any((e.get("target_role") or "").lower() == "stopped" for e in entries)
        failed = any(truth(e, "failed") for e in entries)
        roles = {e.get("role") for e in entries}
        if "Migrating" in roles:
            return {"online_pending", "offline_pending"}, running
        for role, state in IN_FLIGHT.items():
            if role in roles:
                return {state}, running
        if running and not wanted:
            return {"failed"}, running
        if running and not failed:
            return {"online"}, running
        if wanted and (failed or self.at_threshold(name, node)):
            return {"failed"}, running
        return {"offline"}, running

    def in_flight(self, name, node):
        record = self.recorded(node)
        return record is not None and any(op.get("op-status") == "-1" for r in record.iter("lrm_resource")
                                          if base(r.get("id")) == name for op in r.iterfind("lrm_rsc_op"))

    def group_runs_on(self, name, node):
        """Another member of the resource's group does; all of a group have one owner."""
        members = [p.get("id") for g in self.cib.iter("group") for p in g.iter("primitive")
                   if name in [q.get("id") for q in g.iter("primitive")]]
        return any(node in self.nodes_of(e) for m in members for e in self.entries.get(m, []))

    def replica_entries(self, bundle, node):
        """(containers, what is inside) of the bundle's replicas whose container runs on the node."""
        containers, inside = [], []
        for shown in self.status.iter("bundle"):
            if shown.get("id") != bundle:
                continue
            for replica in shown.iterfind("replica"):
                entries = list(replica.iterfind("resource"))
                container = [e for e in entries if re.search(r"-(docker|podman|rkt)-\d+$", e.get("id"))]
                if container and node in self.nodes_of(container[0]):
                    containers += container
                    inside += [e for e in entries if base(e.get("id")) in self.bundled]
        return containers, inside

    def expected_inside(self, name, entries):
        """As expected(), for what runs inside a bundle's replicas on one node, whatever those are called."""
        entries = [e for e in entries if self.nodes_of(e)]
        return self.expected(name, entries) if entries else ({"offline"}, [])


def compare_nodes(cluster, nodes):
    wanted = {n: s for n, s in cluster.states.items() if n not in cluster.replicas}
    problems = []
    if set(wanted) != set(nodes):
        problems.append(f"nodes {sorted(set(nodes) - set(wanted))} too many, {sorted(set(wanted) - set(nodes))} missing")
    for name in sorted(set(wanted) & set(nodes)):
        if nodes[name]["state"] != wanted[name]:
            problems.append(f"node {name}: {nodes[name]['state']}, expected {wanted[name]}")
    return problems


def compare_resource(cluster, each):
    name, node = each["cib"], each["owner"]
    if name in cluster.bundles:
        entries = cluster.replica_entries(name, node)[0]
        states, running = cluster.expected(name, entries, node)
    elif name in cluster.bundled:
        entries = cluster.replica_entries(cluster.bundled[name], node)[1]
        states, running = cluster.expected_inside(name, entries)
    else:
        entries = cluster.entries.get(name, [])
        states, running = cluster.expected(name, entries, node if name in cluster.cloned else None)
    problems = []
    if each["state"] not in states:
        problems.append(f"resource {each['name']}: {each['state']}, expected {'/'.join(states)}")
    alone = name not in cluster.bundled and name not in cluster.bundles and name not in cluster.cloned
    if running and alone and node not in running and not cluster.group_runs_on(name, node):
        problems.append(f"resource {each['name']}: owner {node}, runs on {running}")
    here = [e for e in entries if not e.findall("node") or set(cluster.nodes_of(e)) & set(running)] \
        if alone else [e for e in entries if set(cluster.nodes_of(e)) & set(running)]
    # What is blocked is not managed either; it shows as failed, or as what it is.
    managed = {truth(e, "managed") for e in here if not truth(e, "blocked")}
    if len(managed) == 1 and (each["locked"] == "0") not in managed:
        problems.append(f"resource {each['name']}: locked={each['locked']}, crm_mon says managed={managed}")
    return problems


def compare_instances(cluster, resources):
    """Every instance that runs is shown on its node, and every configured resource is shown."""
    problems = []
    shown = {}
    for each in resources:
        shown.setdefault(each["cib"], set()).add(each["owner"])
    for name in sorted(cluster.cloned):
        runs = {n for e in cluster.entries.get(name, []) for n in cluster.nodes_of(e)}
        if not runs <= shown.get(name, set()):
            problems.append(f"resource {name}: runs on {sorted(runs - shown.get(name, set()))}, not shown there")
    anchors = {p.get("id") for p in cluster.cib.iter("primitive")
               if (p.get("class"), p.get("provider"), p.get("type")) == tuple(ANCHOR.split(":"))}
    alone = {p.get("id") for p in cluster.cib.iter("primitive")} - cluster.cloned - set(cluster.bundled) - anchors
    if alone - set(shown):
        problems.append(f"resources {sorted(alone - set(shown))} are not shown")
    return problems


def compare(dump, path):
    cluster = Cluster(path)
    nodes, resources = snapshot(dump, path)
    problems = compare_nodes(cluster, nodes)
    for each in resources:
        problems += compare_resource(cluster, each)
    return problems + compare_instances(cluster, resources)


def files_of(arguments):
    for each in arguments:
        if os.path.isdir(each):
            yield from (os.path.join(each, f) for f in sorted(os.listdir(each)) if f.endswith(".xml"))
        else:
            yield each


def verdict(dump, path):
    try:
        problems = compare(dump, os.path.abspath(path))
    except Refused as why:
        return "skip", [str(why)]
    except subprocess.CalledProcessError as why:
        return "FAIL", [str(why)]
    return ("FAIL" if problems else "ok  "), problems


def main():
    if not shutil.which("crm_mon"):
        print("no crm_mon here")
        return 77
    dump, paths = sys.argv[1], list(files_of(sys.argv[2:]))
    counts = {"ok  ": 0, "FAIL": 0, "skip": 0}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for path, (word, lines) in zip(paths, pool.map(lambda each: verdict(dump, each), paths)):
            counts[word] += 1
            if word != "ok  " or len(paths) < 100:
                print(word + " " + os.path.basename(path))
            for line in lines:
                print("     " + line)
    print(f"{counts['ok  ']} agree, {counts['FAIL']} differ, {counts['skip']} without crm_mon's opinion")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
