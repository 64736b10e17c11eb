# SPDX-License-Identifier: Apache-2.0
"""user-mode-linux: a kernel as an ordinary process, which traces the guest's processes."""
import os
import re
import shutil
import signal
import subprocess
import tempfile

from .place import KIT, Unavailable, fetched

PROBE_SECONDS = 30
COMPILE_SECONDS = 60
LAST_CHECK = re.compile(r"Checking PROT_EXEC mmap in .*OK$")


def has_unknown_registers():
    """Whether the processor has registers for which the kernel of the guests has no room (uml_xstate.c)."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        return any(line.startswith("flags") and " amx_tile" in line for line in f)


def compiled_preload(folder):
    """uml_xstate.c as a shared object in this folder. Raises Unavailable."""
    wanted = os.path.join(folder, "uml_xstate.so")
    source = os.path.join(KIT, "uml_xstate.c")
    if os.path.exists(wanted) and os.path.getmtime(wanted) > os.path.getmtime(source):
        return wanted
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Unavailable("user-mode-linux needs a C compiler on a processor with AMX")
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        made = os.path.join(fresh, "made.so")
        try:
            subprocess.run([compiler, "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o", made, source, "-ldl"],
                           check=True, capture_output=True, text=True, timeout=COMPILE_SECONDS)
        except subprocess.SubprocessError as e:
            raise Unavailable(f"user-mode-linux: {source} does not compile: {e}") from None
        os.replace(made, wanted)
    return wanted


class Uml:
    """Starts guests; made once a kernel is there and may trace."""
    kind = "uml"
    one_processor = True

    def __init__(self):
        self.kernel = fetched("uml")
        self.run = [os.path.join(self.kernel, "linux")]
        if has_unknown_registers():
            self.run = ["env", f"LD_PRELOAD={compiled_preload(self.kernel)}", *self.run]
        self._probe()

    def _probe(self):
        """The kernel first says whether it may trace and execute its memory file: it is ended once it has."""
        try:
            p = subprocess.Popen(["timeout", str(PROBE_SECONDS), *self.run, "mem=32M", "con=null", "con0=null",
                                  "root=none", "panic=-1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
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
        line = [*self.run, f"mem={guest.memory_mb}M", "root=/dev/root",
                "rootfstype=hostfs", "rootflags=/", "ro", "quiet", "panic=-1",
                f"init={guest.share}/lab/uml-init", "con=null", "con0=fd:0,fd:1",
                f"lab.share={guest.share}", f"lab.common={guest.common}", f"lab.modules={self.kernel}/modules"]
        if guest.link is not None:
            line.append(f"vec0:transport=fd,fd={guest.link.fileno()},mac={guest.mac}")
        return line
