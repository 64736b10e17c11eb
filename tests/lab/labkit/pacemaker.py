# SPDX-License-Identifier: Apache-2.0
"""The nodes: corosync and Pacemaker in namespaces, and when they are ready."""
import contextlib
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

from .place import NET, ROOT, SECOND_NET, node_dir, node_namespace, stored
from .processes import children, depopulate, in_namespace, read_pid, sh

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
START_SECONDS = 60


def init_pid(i):
    """Process id, seen from here, of the node's first process."""
    outer = read_pid(os.path.join(node_dir(i), "pid"))
    if not outer or not in_namespace(outer, node_namespace(i)):
        return None
    return next(iter(children(outer)), None)


def enter(i):
    pid = init_pid(i)
    if not pid:
        sys.exit(f"lab: node{i} is down")
    return ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "--"]


def corosync_conf(state, i):
    nodes = ""
    for k in range(1, state["nodes"] + 1):
        second = f"    ring1_addr: {SECOND_NET}.{k}\n" if state["links"] > 1 else ""
        nodes += f"  node {{\n    name: node{k}\n    nodeid: {k}\n"
        nodes += f"    ring0_addr: {NET}.{k}\n{second}  }}\n"
    # knet pings every token/2: below 1000 ms the links flap on a busy machine. At real-time priority the corosyncs of
    # many nodes on few CPUs keep each other, and everything else, from running.
    return f"""totem {{
  version: 2
  cluster_name: labcluster
  transport: knet
  crypto_cipher: none
  crypto_hash: none
  token: 1000
  token_coefficient: 0
  join: 30
  consensus: 1200
}}
nodelist {{
{nodes}}}
quorum {{
  provider: corosync_votequorum
  {"two_node: 1" if state["nodes"] == 2 else ""}
  {"last_man_standing: 1" if state["last_man_standing"] else ""}
  last_man_standing_window: 3000
  wait_for_all: 0
}}
system {{
  sched_rr: no
}}
logging {{
  to_logfile: yes
  logfile: {node_dir(i)}/log/corosync.log
  to_syslog: no
}}
"""


def seed_cib(state):
    """The first CIB: the installed Pacemaker's versions, the lab's nodes, the seed.

    A newer feature set than the installed one would make every write fail.
    """
    cib = ET.fromstring(sh("cibadmin", "--empty").stdout)
    cib.set("admin_epoch", "1")
    configuration = cib.find("configuration")
    names = [f"node{i}" for i in range(1, state["nodes"] + 1)]
    with open(state["seed"] or os.path.join(HERE, "seed.xml"), encoding="utf-8") as f:
        seed = ET.fromstring(f.read())
    if not state["seed"]:
        for part in ("resources", "constraints"):
            seed.find(part).clear()
    configuration.clear()
    for part in ("crm_config", "nodes", "resources", "constraints"):
        found = seed.find(part)
        configuration.append(found if found is not None else ET.Element(part))
    for extra in seed:
        if extra.tag not in ("crm_config", "nodes", "resources", "constraints"):
            configuration.append(extra)
    nodes = configuration.find("nodes")
    for i, name in enumerate(names, 1):
        if not any(n.get("uname") == name for n in nodes):
            ET.SubElement(nodes, "node", id=str(i), uname=name)
    return ET.tostring(cib, encoding="unicode")


def prepare(state, i):
    d = node_dir(i)
    folders = ["etc-corosync", "var-lib-corosync", "log"]
    folders += ["var-lib-pacemaker/" + sub for sub in ("cib", "pengine", "cores", "blackbox")]
    for sub in folders:
        os.makedirs(os.path.join(d, sub), exist_ok=True)
    with open(os.path.join(d, "etc-corosync/corosync.conf"), "w", encoding="utf-8") as f:
        f.write(corosync_conf(state, i))
    cib = os.path.join(d, "var-lib-pacemaker/cib/cib.xml")
    with open(cib, "w", encoding="utf-8") as f:
        f.write(seed_cib(state))
    os.chmod(cib, 0o600)
    sh("chown", "-R", "hacluster:haclient", os.path.join(d, "var-lib-pacemaker"))


def boot(i):
    d = node_dir(i)
    with open(os.path.join(d, "log/init.out"), "w", encoding="utf-8") as out:
        p = subprocess.Popen(
            ["ip", "netns", "exec", node_namespace(i), "unshare", "-m", "-u", "-i", "-p", "--fork",
             "--kill-child", os.path.join(HERE, "node-init"), d, f"node{i}",
             *(["respawn"] if (stored() or {}).get("respawn") else [])],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    with open(os.path.join(d, "pid"), "w", encoding="utf-8") as f:
        f.write(str(p.pid))


def kill_node(i):
    """As by a power cut: all that is on the node, the commands of `lab run` too."""
    if not depopulate(node_namespace(i)):
        sys.exit(f"lab: a process of node{i} does not die")
    for name in ("pid", "daemon.pid"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(node_dir(i), name))


def online(i, nodes):
    """Whether node i has seen that many nodes join."""
    try:
        p = sh(*enter(i), "timeout", "5", "cibadmin", "-Q", check=False)
        cib = ET.fromstring(p.stdout) if p.returncode == 0 else None
    except (ET.ParseError, SystemExit):
        return False
    if cib is None or not cib.get("dc-uuid"):
        return False
    states = cib.findall("status/node_state")
    return sum(s.get("crmd") in ("online",) and s.get("join") == "member" for s in states) >= nodes


def wait_online(state, nodes):
    limit = time.monotonic() + START_SECONDS
    while not online(nodes[0], len(nodes)):
        if time.monotonic() > limit:
            sys.exit(f"lab: the cluster did not come up; see {ROOT}/node*/log")
        time.sleep(0.1)
    if state["seed"]:
        wait_idle(nodes[0], limit)


def wait_idle(i, limit):
    """The controller of the DC is idle twice in a row: the seed's resources have been started."""
    idle = 0
    while idle < 2 and time.monotonic() < limit:
        cib = ET.fromstring(sh(*enter(i), "timeout", "5", "cibadmin", "-Q").stdout)
        dc = f"node{cib.get('dc-uuid')}"
        p = sh(*enter(i), "timeout", "2", "crmadmin", "-S", dc, check=False)
        idle = idle + 1 if "S_IDLE" in p.stdout else 0
        time.sleep(0.1)
