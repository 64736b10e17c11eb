# SPDX-License-Identifier: Apache-2.0
"""The power supply of the guests: cuts it where the fence agent in another guest asks for it."""
import glob
import os
import threading


class Power(threading.Thread):
    """Looks for requests of fence_lab in the shares of `guests` until stop()."""

    def __init__(self, guests, tell):
        super().__init__(daemon=True)
        self.guests, self.tell = {g.name: g for g in guests}, tell
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            for guest in self.guests.values():
                for request in glob.glob(os.path.join(guest.share, "fence.*[0-9]")):
                    self.cut(guest, request)

    def cut(self, asking, request):
        with open(request, encoding="ascii") as f:
            victim = self.guests[f.read().strip()]
        os.unlink(request)
        victim.kill()
        self.tell(f"{asking.name} had {victim.name} fenced")
        done = os.path.join(asking.share, "fenced" + os.path.splitext(request)[1])
        with open(done, "w", encoding="ascii"):
            pass

    def stop(self):
        self.over.set()
        self.join()
