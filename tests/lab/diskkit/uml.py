# SPDX-License-Identifier: Apache-2.0
"""user-mode-linux: a kernel as an ordinary process, which traces the guest's processes."""
import os
import re
import signal
import subprocess

from .place import Unavailable, fetched

PROBE_SECONDS = 30
LAST_CHECK = re.compile(r"Checking PROT_EXEC mmap in .*OK$")


class Uml:
    """Starts guests; made once a kernel is there and may trace."""
    kind = "uml"
    one_processor = True

    def __init__(self):
        self.kernel = fetched("uml")
        self._probe()

    def _probe(self):
        """The kernel first says whether it may trace and execute its memory file: it is ended once it has."""
        try:
            p = subprocess.Popen(["timeout", str(PROBE_SECONDS), os.path.join(self.kernel, "linux"), "mem=32M",
                                  "con=null", "con0=null", "root=none", "panic=-1"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as e:
            raise Unavailable(f"user-mode-linux: {e}") from None
        said = []
        with p:
            for line in p.stdout:
                said.append(line.decode(errors="replace").strip())
                if LAST_CHECK.match(said[-1]):
                    os.killpg(p.pid, signal.SIGKILL)
                    return
        raise Unavailable("user-mode-linux does not run here (is ptrace forbidden, or /dev/shm not executable?): "
                          + "; ".join(said[-3:]))

    def command(self, guest):
        """Command line of a guest, see guest.Guest."""
        line = [os.path.join(self.kernel, "linux"), f"mem={guest.memory_mb}M", "root=/dev/root",
                "rootfstype=hostfs", "rootflags=/", "ro", "quiet", "panic=-1",
                f"init={guest.share}/lab/uml-init", "con=null", "con0=fd:0,fd:1",
                f"lab.share={guest.share}", f"lab.common={guest.common}", f"lab.modules={self.kernel}/modules"]
        if guest.link is not None:
            line.append(f"vec0:transport=fd,fd={guest.link.fileno()},mac={guest.mac}")
        return line
