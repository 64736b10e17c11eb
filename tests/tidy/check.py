#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the tree that a program can check, prints FILE:LINE: FINDING, exits 1 on any.

Usage: check.py [--root DIR] [--config DIR]

Rules: include arrows (arrows.txt) in sources and in link lists; a source includes its own header
first, which proves that the header compiles alone; licence line first; no tabs; at most 100 columns
of code, 125 of a script; at most 600 lines a file; `#pragma once` in headers; no mutexes or threads
outside of threads.txt; nothing of words.txt. data.txt names files that no rule looks at.
"""
import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys

MAX_COLUMNS = 100
# Scripts and build files: command lines do not break as well as code does.
MAX_SCRIPT_COLUMNS = 125
CODE = (".cpp", ".hpp")
MAX_LINES = 600
ANY_LENGTH = {".idl"}  # one file is one interface, as its specification prints it
LICENCE = "SPDX-License-Identifier: Apache-2.0"
CPP = {".cpp", ".hpp", ".c", ".h"}
HEADERS = {".hpp", ".h"}
SOURCES = CPP | {".py", ".pl", ".sh", ".idl", ".cmake"}
PRODUCT_ROOTS = ("bridge", "xml", "sgpr")
INCLUDE_ROOTS = ("bridge", "gen", "xml", "sgpr", "tests")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^">]+)[">]')
THREADS = re.compile(
    r"\bstd::(?:\w*mutex|j?thread|condition_variable\w*|lock_guard|unique_lock|shared_lock"
    r"|scoped_lock|async|call_once)\b|#\s*include\s*<(?:mutex|shared_mutex|thread"
    r"|condition_variable)>")
LINKED = re.compile(r"\b(?:bridge|clusbridge)_(\w+)")


class Config:
    """The lists beside the script; a list that is absent is empty."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.arrows, self.outside = {}, {}
        for line in self._lines("arrows.txt"):
            name, _, targets = line.partition(":")
            into = self.outside if name.startswith("!") else self.arrows
            into[name.strip().lstrip("!")] = set(targets.split())
        self.threads = set(self._lines("threads.txt"))
        self.data = self._lines("data.txt")
        self.words = [re.compile(word) for word in self._lines("words.txt")]

    def _lines(self, name):
        path = self.folder / name
        if not path.exists():
            return []
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def is_data(self, path):
        return any(fnmatch.fnmatch(path, pattern) for pattern in self.data)

    def may_include(self, source, target):
        allowed = self.arrows.get(source, set())
        return source == target or target in allowed or "*" in allowed

    def cycle(self):
        """Folders whose arrows lead back to where they start, or None."""
        state = {}

        def visit(folder, trail):
            if state.get(folder) == "done":
                return None
            if folder in trail:
                return trail[trail.index(folder):] + [folder]
            for target in sorted(self.arrows.get(folder, set()) - {"*"}):
                found = visit(target, trail + [folder])
                if found:
                    return found
            state[folder] = "done"
            return None

        for folder in sorted(self.arrows):
            found = visit(folder, [])
            if found:
                return found
        return None


def folder_of(path):
    """The row of arrows.txt that a path belongs to: "bridge/net/a.cpp" is "net"; None: no row."""
    parts = path.split("/")
    if parts[0] == "bridge":
        return parts[1] if len(parts) > 2 else None
    return parts[0] if parts[0] in PRODUCT_ROOTS + ("gen",) and len(parts) > 1 else None


def is_source(path, text):
    name = path.rsplit("/", 1)[-1]
    suffix = pathlib.PurePosixPath(path).suffix
    return suffix in SOURCES or name == "CMakeLists.txt" or (not suffix and text.startswith("#!"))


def without_comment(line):
    """Good enough for the rules here: no rule's text holds two slashes."""
    return line.split("//", 1)[0]


def check_form(path, lines):
    first = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) <= first or LICENCE not in lines[first]:
        yield first + 1, "the licence line is missing: " + LICENCE
    suffix = pathlib.PurePosixPath(path).suffix
    if len(lines) > MAX_LINES and suffix not in ANY_LENGTH:
        yield MAX_LINES + 1, f"{len(lines)} lines, at most {MAX_LINES}"
    columns = MAX_COLUMNS if suffix in CODE else MAX_SCRIPT_COLUMNS
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "tab"
        if len(line) > columns:
            yield number, f"{len(line)} columns, at most {columns}"
    if suffix in HEADERS and "#pragma once" not in lines:
        yield 1, "the header lacks #pragma once"


def check_include(config, path, name, quoted):
    source = folder_of(path)
    if quoted:
        if name.split("/", 1)[0] not in INCLUDE_ROOTS or "/../" in name:
            return f'"{name}" is not rooted in the repository'
        target = folder_of(name)
        if source and target and not config.may_include(source, target):
            return f"{source} may not include {target}"
        if source and name.startswith("tests/"):
            return f"{source} may not include tests"
        return None
    rules = [prefix for prefix in config.outside if name.startswith(prefix)]
    if source and rules and source not in config.outside[max(rules, key=len)]:
        return f"{source} may not include <{name}>"
    return None


def check_cpp(config, path, lines):
    source = folder_of(path)
    if source and source not in config.arrows:
        yield 1, f"{source} has no row in arrows.txt"
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match:
            finding = check_include(config, path, match[2], match[1] == '"')
            if finding:
                yield number, finding
        if source and path not in config.threads and THREADS.search(without_comment(line)):
            yield number, "a mutex or a thread, and the file is not in threads.txt"


def check_own_header(root, path, lines):
    """What a source includes first compiles alone; its own header must."""
    own = path.removesuffix(".cpp") + ".hpp"
    if not path.endswith(".cpp") or not folder_of(path) or not (root / own).is_file():
        return
    includes = ((number, INCLUDE.match(line)) for number, line in enumerate(lines, 1))
    number, first = next(((n, m[2]) for n, m in includes if m), (1, None))
    if first != own:
        yield number, f'"{own}" is not the first include'


def check_links(config, path, lines):
    """The link list of the folder's library: the arrows too."""
    source = folder_of(path)
    within = False
    for number, line in enumerate(lines, 1):
        code = line.split("#", 1)[0]
        within = within or f"bridge_library({source}" in code
        for name in LINKED.findall(code) if within else ():
            target = "gen" if name.startswith("gen_") else name
            if source and target in config.arrows and not config.may_include(source, target):
                yield number, f"{source} may not link {target}"
        within = within and ")" not in code


def check_file(config, path, text):
    """Findings of one file as (line, text); `path` is relative to the root, with slashes."""
    lines = text.splitlines()
    if is_source(path, text):
        yield from check_form(path, lines)
    if pathlib.PurePosixPath(path).suffix in CPP:
        yield from check_cpp(config, path, lines)
    if path.endswith("/CMakeLists.txt"):
        yield from check_links(config, path, lines)
    for number, line in enumerate(lines, 1):
        for word in config.words:
            if word.search(line):
                yield number, f"forbidden text: {word.pattern}"


def files_of(root):
    """What git holds or would hold; without git every file but hidden ones."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
        return sorted(name for name in names if name and (root / name).is_file())
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found
                  if not any(part.startswith(".") for part in path.parts))


def check_tree(root, config):
    """All findings as "file:line: text"."""
    findings = []
    cycle = config.cycle()
    if cycle:
        findings.append(f"{config.folder / 'arrows.txt'}:1: a cycle: {' -> '.join(cycle)}")
    own = {"words.txt"}
    for path in files_of(root):
        if config.is_data(path) or (root / path).resolve() in {
                (config.folder / name).resolve() for name in own}:
            continue
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            findings.append(f"{path}:1: not UTF-8, and not in data.txt")
            continue
        found = [*check_file(config, path, text), *check_own_header(root, path, text.splitlines())]
        findings.extend(f"{path}:{line}: {what}" for line, what in found)
    return findings


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=here.parent.parent)
    parser.add_argument("--config", type=pathlib.Path, default=here)
    options = parser.parse_args()
    findings = check_tree(options.root.resolve(), Config(options.config))
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
