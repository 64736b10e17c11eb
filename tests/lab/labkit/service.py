# SPDX-License-Identifier: Apache-2.0
"""The daemon under test on each node, and its accounts."""
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

from . import kerberos
from .pacemaker import HERE, START_SECONDS, enter
from .place import ACCOUNT, CLUSTER_ID, FIXED_PORT, NET, ROOT, node_dir, node_namespace
from .processes import alive, children, in_namespace, read_pid, sh, wait_gone

ACCOUNTS = os.path.join(ROOT, "accounts")


def _configure(i):
    with open(os.path.join(HERE, "clusbridged.toml.in"), encoding="utf-8") as f:
        text = f.read()
    words = {"ADDRESS": f"{NET}.{i}", "PORT": str(FIXED_PORT), "DIR": node_dir(i),
             "CLUSTER_ID": CLUSTER_ID, "ACCOUNTS": ACCOUNTS, "KEYTAB": kerberos.keytab(i)}
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    path = os.path.join(node_dir(i), "clusbridged.toml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def start_daemon(state, i):
    if not state["daemon"]:
        sys.exit("lab: no daemon was given")
    config = _configure(i)
    os.makedirs(os.path.join(node_dir(i), "state"), mode=0o700, exist_ok=True)
    environment = {**os.environ, **(kerberos.daemon_environment(i) if state["kdc"] else {})}
    with open(os.path.join(node_dir(i), "log/clusbridged.log"), "a", encoding="utf-8") as out:
        p = subprocess.Popen(enter(i) + [state["daemon"], "--config", config, "--foreground"],
                             stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                             env=environment, start_new_session=True)
    with open(os.path.join(node_dir(i), "daemon.pid"), "w", encoding="utf-8") as f:
        f.write(str(p.pid))


def stop_daemon(i):
    """nsenter forks for the pid namespace: the daemon is its child."""
    path = os.path.join(node_dir(i), "daemon.pid")
    pid = read_pid(path)
    if pid and in_namespace(pid, node_namespace(i)):
        for child in children(pid):
            os.kill(child, signal.SIGTERM)
        if not wait_gone(pid):
            for process in (*children(pid), pid):
                os.kill(process, signal.SIGKILL)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def make_accounts(state):
    """The accounts file of all nodes, made with the clusbridge command beside the daemon."""
    tool = os.path.join(os.path.dirname(state["daemon"]), "clusbridge")
    if not os.path.exists(tool):
        sys.exit(f"lab: no clusbridge beside {state['daemon']}")
    p = sh(tool, "account", "add", "--accounts-file", ACCOUNTS, "--role", "admin",
           "--password-stdin", ACCOUNT["user"], input=ACCOUNT["password"] + "\n", check=False)
    if p.returncode != 0:
        sys.exit("lab: clusbridge account: " + p.stderr)
    if state["kdc"]:
        _map_principal()


def _map_principal():
    """The same user is known by its principal too; its tickets carry no groups."""
    line = f"{ACCOUNT['user']}:@{kerberos.REALM}:-::admin\n"
    with open(ACCOUNTS, "r+", encoding="utf-8") as f:
        if line not in f.readlines():
            f.write(line)


def wait_daemons(state):
    limit = time.monotonic() + START_SECONDS
    for i in range(1, state["nodes"] + 1):
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection((f"{NET}.{i}", FIXED_PORT), 1).close()
                break
            log = f"{node_dir(i)}/log/clusbridged.log"
            if not alive(read_pid(os.path.join(node_dir(i), "daemon.pid")) or 0):
                sys.exit(f"lab: clusbridged ended; see {log}")
            if time.monotonic() > limit:
                sys.exit(f"lab: clusbridged does not listen; see {log}")
            time.sleep(0.05)
