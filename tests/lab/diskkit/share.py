# SPDX-License-Identifier: Apache-2.0
"""A guest's folder on the machine (/run/out in the guest): its scripts, configuration, command, and what comes back."""
import os
import re
import shlex
import shutil
import sys

from .place import KIT

# What a command sees of the caller's environment, beside what --env names.
PASSED = re.compile(r"(PATH|LANG|LC_ALL|TZ|(A|L|UB|T)SAN_OPTIONS|GTEST_\w+|CLUSBRIDGE_\w+)$")


def prepare(folder, configuration):
    """Makes the folder with what the guest's first process needs; configuration: names to values."""
    os.makedirs(folder)
    shutil.copytree(os.path.join(KIT, "guest"), os.path.join(folder, "lab"))
    with open(os.path.join(folder, "lab/config"), "w", encoding="utf-8") as f:
        for name, value in configuration.items():
            f.write(f"{name}={shlex.quote(str(value))}\n")
    os.mkdir(os.path.join(folder, "jobs"))
    for name in ("stdout", "stderr"):
        with open(os.path.join(folder, name), "w", encoding="utf-8"):
            pass


def put_command(path, argv, extra_environment):
    """The file of a command: argv runs in this process's working folder, as far as that exists in the guest."""
    environment = {k: v for k, v in os.environ.items() if PASSED.match(k)}
    for assignment in extra_environment:
        name, equals, value = assignment.partition("=")
        environment[name] = value if equals else os.environ.get(name, "")
    environment["PATH"] = environment.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
    with open(path, "w", encoding="utf-8") as f:
        for name, value in environment.items():
            f.write(f"export {name}={shlex.quote(value)}\n")
        f.write(f"cd {shlex.quote(os.getcwd())} 2>/dev/null || cd /\n")
        f.write("exec " + shlex.join(argv) + "\n")


def status(folder):
    """Exit status that the guest left, or None."""
    try:
        with open(os.path.join(folder, "rc"), encoding="utf-8") as f:
            return int(f.read())
    except (FileNotFoundError, ValueError):
        return None


def keep(folder, into):
    """Copies what a user wants to see, not the scripts."""
    os.makedirs(into, exist_ok=True)
    for entry in os.scandir(folder):
        target = os.path.join(into, entry.name)
        if entry.name == "lab" or entry.is_symlink():
            continue
        if entry.is_dir():
            shutil.copytree(entry.path, target, dirs_exist_ok=True, symlinks=True)
        elif entry.is_file():
            shutil.copy(entry.path, target)


class Follower:
    """Passes on what a file grows by."""

    def __init__(self, path, out, prefix=b""):
        self._file = open(path, "rb")  # pylint: disable=consider-using-with
        self._out, self._prefix, self._fresh = out, prefix, True

    def pump(self):
        while data := self._file.read(1 << 16):
            self._out.write(self._prefixed(data) if self._prefix else data)
        self._out.flush()

    def _prefixed(self, data):
        text = b""
        for line in data.splitlines(keepends=True):
            text += (self._prefix if self._fresh else b"") + line
            self._fresh = line.endswith(b"\n")
        return text


def followers(folder, prefix=""):
    """For a guest's standard output and error."""
    mark = prefix.encode()
    return [Follower(os.path.join(folder, "stdout"), sys.stdout.buffer, mark),
            Follower(os.path.join(folder, "stderr"), sys.stderr.buffer, mark)]
