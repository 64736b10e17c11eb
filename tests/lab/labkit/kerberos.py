# SPDX-License-Identifier: Apache-2.0
"""The lab's own KDC, at the client's address, and what it gives to nodes and clients."""
import os
import shutil
import subprocess
import sys

from .place import ACCOUNT, CLIENT, CLIENT_OCTET, NET, ROOT, host_name

KDC_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../interop/kdc.sh")
REALM = "TEST.CLUSBRIDGE"
DIR = os.path.join(ROOT, "kdc")
SECONDS = 120


def available():
    """Whether a KDC is installed: without it the lab has none, and `lab env` says so."""
    return shutil.which("krb5kdc", path=os.environ.get("PATH", "") + ":/usr/sbin") is not None


def _kdc(*arguments):
    """In a session of its own: what it leaves running is nobody's terminal's business."""
    p = subprocess.run(["ip", "netns", "exec", CLIENT, KDC_SCRIPT, *arguments], text=True,
                       env={**os.environ, "KDC_ADDRESS": f"{NET}.{CLIENT_OCTET}"},
                       stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True,
                       timeout=SECONDS, check=False)
    if p.returncode != 0:
        sys.exit(f"lab: kdc.sh {arguments[0]}: {p.stderr.strip()}; see {DIR}")


def start(nodes):
    """The KDC, the account's principal and its tickets. It ends with the client's namespace."""
    _kdc("start", DIR, *(host_name(i) for i in range(1, nodes + 1)))
    _kdc("user", DIR, ACCOUNT["user"], ACCOUNT["password"])


def keytab(i):
    """Holds the keys of this node's services alone."""
    return os.path.join(DIR, "keytab." + host_name(i))


def daemon_environment(i):
    """The replay cache lies with the node: the default one would outlive the lab."""
    folder = os.path.join(ROOT, f"node{i}")
    return {"KRB5_CONFIG": os.path.join(DIR, "krb5.conf"),
            "KRB5RCACHENAME": f"file2:{folder}/replay-cache"}


def described():
    """For `lab env`: what clients set."""
    return {"realm": REALM, "config": os.path.join(DIR, "krb5.conf"),
            "ccache": f"FILE:{DIR}/ccache"}
