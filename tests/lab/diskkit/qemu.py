# SPDX-License-Identifier: Apache-2.0
"""qemu without KVM: the second opinion, with several processors and the distribution's own kernel."""
import os
import shutil

from .place import Unavailable, fetched

PROGRAM = "qemu-system-x86_64"
LEAST_MEMORY_MB = 512
PROCESSORS = 2


class Qemu:
    """Starts guests; made once the program and a kernel are there."""
    kind = "qemu"
    one_processor = False

    def __init__(self):
        if not shutil.which(PROGRAM):
            raise Unavailable(f"no {PROGRAM} (apt-get install --no-install-recommends qemu-system-x86)")
        self.kernel = fetched("qemu")

    def command(self, guest):
        """Command line of a guest, see guest.Guest."""
        line = [PROGRAM, "-M", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(PROCESSORS),
                "-m", str(max(guest.memory_mb, LEAST_MEMORY_MB)), "-nodefaults", "-no-user-config",
                "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
                "-kernel", os.path.join(self.kernel, "linux"), "-initrd", os.path.join(self.kernel, "initrd"),
                "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable lab.debugexit"]
        for tag, path, more in (("machine", "/", ",readonly=on"), ("share", guest.share, ""),
                                ("common", guest.common, ""),
                                ("modules", f"{self.kernel}/modules", ",readonly=on")):
            line += ["-virtfs", f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap{more}"]
        if guest.link is not None:
            line += ["-netdev", f"dgram,id=net,local.type=fd,local.str={guest.link.fileno()}",
                     "-device", f"virtio-net-pci,netdev=net,mac={guest.mac},romfile="]
        return line
