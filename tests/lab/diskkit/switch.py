# SPDX-License-Identifier: Apache-2.0
"""The network between guests: an Ethernet switch in this process, which can be told to lose frames."""
import selectors
import socket
import threading

from .guest import mac_of

BUFFER_BYTES = 1 << 20
FRAME_BYTES = 1 << 16


class Switch:
    """A port per guest number. Frames to a guest that does not read are lost, as on a wire: nobody waits."""

    def __init__(self, numbers):
        self._ours, self._guests = {}, {}
        self._cut = set()
        self._by_mac = {bytes.fromhex(mac_of(n).replace(":", "")): n for n in numbers}
        self._selector = selectors.DefaultSelector()
        for n in numbers:
            ours, guest = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            for end in (ours, guest):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            ours.setblocking(False)
            self._ours[n], self._guests[n] = ours, guest
            self._selector.register(ours, selectors.EVENT_READ, n)
        threading.Thread(target=self._forward, daemon=True).start()

    def guest_end(self, number):
        """The socket that the guest is given; stays the switch's."""
        return self._guests[number]

    def cut(self, one, other):
        """From now on nothing passes between the two."""
        self._cut |= {(one, other), (other, one)}

    def join(self, one, other):
        self._cut -= {(one, other), (other, one)}

    def heal(self):
        self._cut = set()

    def _forward(self):
        while True:
            for key, _ in self._selector.select():
                # A few frames of each port in turn.
                for _ in range(16):
                    try:
                        frame = key.fileobj.recv(FRAME_BYTES)
                    except BlockingIOError:
                        break
                    self._pass_on(key.data, frame)

    def _pass_on(self, source, frame):
        known = self._by_mac.get(frame[:6])
        for target in [known] if known else [n for n in self._ours if n != source]:
            if target == source or (source, target) in self._cut:
                continue
            try:
                self._ours[target].send(frame)
            except OSError:
                pass  # its buffer is full
