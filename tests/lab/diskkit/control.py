# SPDX-License-Identifier: Apache-2.0
"""What a driver on the machine asks of a running lab: the server's side, one JSON request and answer a connection."""
import json
import os
import socket

SOCKET_NAME = "control"
REQUEST_BYTES = 4096
REQUEST_SECONDS = 5


class Refused(Exception):
    """The request cannot be met; the text says why."""


class Control:
    """Serves within the thread that calls serve(), which has to be the one that starts guests."""

    def __init__(self, lab):
        self._lab = lab
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(os.path.join(lab.folder, SOCKET_NAME))
        self._listener.listen(16)

    def serve(self, seconds):
        """Answers one request, if one comes within that time."""
        self._listener.settimeout(seconds)
        try:
            peer, _ = self._listener.accept()
        except TimeoutError:
            return
        with peer:
            peer.settimeout(REQUEST_SECONDS)
            try:
                answer = {"ok": self._answer(json.loads(peer.recv(REQUEST_BYTES)))}
            except Refused as e:
                answer = {"refused": str(e)}
            except (OSError, ValueError, TypeError, KeyError) as e:
                answer = {"refused": f"not understood: {e!r}"}
            try:
                peer.sendall(json.dumps(answer).encode())
            except OSError:
                pass

    def _answer(self, request):
        verb, names = request["verb"], request["guests"]
        guests = [self._guest(name) for name in names]
        return VERBS[verb](self._lab, *guests)

    def _guest(self, name):
        if name not in self._lab.guests:
            raise Refused(f"no guest {name}; there are {', '.join(self._lab.guests)}")
        return self._lab.guests[name]


def _state(lab):
    return {g.name: {"state": "frozen" if g.frozen else "up" if g.running() else "down",
                     "ready": g.running() and g.ready(), "share": g.share, "pid": g.process.pid}
            for g in lab.guests.values()}


def _must_run(guest):
    if not guest.running():
        raise Refused(f"{guest.name} is down")


def _kill(_lab, guest):
    guest.kill()


def _boot(lab, guest):
    if guest.running():
        raise Refused(f"{guest.name} is up")
    guest.start()
    lab.say_who_is_expected()


def _freeze(_lab, guest):
    _must_run(guest)
    guest.freeze()


def _thaw(_lab, guest):
    _must_run(guest)
    guest.thaw()


VERBS = {
    "state": _state, "kill": _kill, "boot": _boot, "freeze": _freeze, "thaw": _thaw,
    "cut": lambda lab, one, other: lab.switch.cut(one.number, other.number),
    "join": lambda lab, one, other: lab.switch.join(one.number, other.number),
    "heal": lambda lab: lab.switch.heal(),
}


def ask(folder, verb, *guests):
    """The client's side. Raises Refused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(30)
        try:
            s.connect(os.path.join(folder, SOCKET_NAME))
            s.sendall(json.dumps({"verb": verb, "guests": guests}).encode())
            answer = json.loads(b"".join(iter(lambda: s.recv(1 << 16), b"")))
        except (OSError, ValueError) as e:
            raise Refused(f"the lab does not answer: {e}") from None
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer["ok"]
