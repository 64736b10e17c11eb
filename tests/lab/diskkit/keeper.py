# SPDX-License-Identifier: Apache-2.0
"""Ends the guests of a lab that was killed: a process of its own, which waits for the end of its standard input."""
import subprocess

# A guest is a process group: some of its processes outlive the one that is told of the parent's death.
SCRIPT = r"""
guests=
while read -r word; do
    case $word in
    done) exit ;;
    *) guests="$guests -$word" ;;
    esac
done
[ -z "$guests" ] || kill -9 $guests
rm -rf -- "$1"
"""


class Keeper:
    """Knows the lab's guests and folder; after close() it does nothing."""

    def __init__(self, folder):
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["/bin/sh", "-c", SCRIPT, "keeper", folder], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)

    def _tell(self, word):
        try:
            self._process.stdin.write(f"{word}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def watch(self, group):
        self._tell(group)

    def close(self):
        self._tell("done")
        self._process.stdin.close()
        self._process.wait()
