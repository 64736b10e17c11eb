#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule of check.py on a small tree that breaks it, and on one that does not."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import check  # noqa: E402

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
HASH_LICENCE = "# SPDX-License-Identifier: Apache-2.0\n"
CONFIG = {
    "arrows.txt": "# a comment\nwin32:\nndr: win32\nnet: ndr\ndaemon: *\nxml:\n"
                  "!boost/asio: net\n!boost/asio/awaitable.hpp: net ndr\n",
    "threads.txt": "bridge/net/pool.cpp\n",
    "words.txt": "\\bLATER\\b\n/nowhere/[a-z]\n",
    "data.txt": "tests/fuzz/corpus/*\n*.inc\n",
}


class TreeTest(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.root = pathlib.Path(held.name) / "tree"
        self.config = pathlib.Path(held.name) / "config"
        self.root.mkdir()
        self.config.mkdir()
        for name, text in CONFIG.items():
            (self.config / name).write_text(text, encoding="utf-8")

    def put(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text, encoding="utf-8")

    def findings(self):
        return check.check_tree(self.root, check.Config(self.config))

    def assert_found(self, *expected):
        self.assertEqual(self.findings(), list(expected))


class IncludeArrows(TreeTest):
    def test_allowed_ones_pass(self):
        self.put("bridge/ndr/a.cpp", LICENCE + '#include "bridge/win32/guid.hpp"\n'
                                               '#include "bridge/ndr/b.hpp"\n#include <vector>\n')
        self.put("bridge/daemon/main.cpp", LICENCE + '#include "xml/cib.hpp"\n')
        self.assert_found()

    def test_others_are_found_with_their_line(self):
        self.put("bridge/ndr/a.cpp", LICENCE + '\n  #  include "bridge/net/server.hpp"\n')
        self.put("xml/b.cpp", LICENCE + '#include "bridge/win32/guid.hpp"\n')
        self.assert_found("bridge/ndr/a.cpp:3: ndr may not include net",
                          "xml/b.cpp:2: xml may not include win32")

    def test_do_not_reach_through(self):
        self.put("bridge/net/a.cpp", LICENCE + '#include "bridge/win32/guid.hpp"\n')
        self.assert_found("bridge/net/a.cpp:2: net may not include win32")

    def test_folder_without_a_row_is_found(self):
        self.put("bridge/util/a.cpp", LICENCE)
        self.assert_found("bridge/util/a.cpp:1: util has no row in arrows.txt")

    def test_a_source_includes_its_own_header_first(self):
        self.put("bridge/ndr/a.hpp", LICENCE + "#pragma once\n")
        self.put("bridge/ndr/a.cpp", LICENCE + '#include "bridge/ndr/a.hpp"\n#include <array>\n')
        self.put("bridge/ndr/b.hpp", LICENCE + "#pragma once\n")
        self.put("bridge/ndr/b.cpp", LICENCE + '\n#include <array>\n#include "bridge/ndr/b.hpp"\n')
        self.put("bridge/ndr/c.hpp", LICENCE + "#pragma once\n")
        self.put("bridge/ndr/c.cpp", LICENCE)
        self.assert_found('bridge/ndr/b.cpp:3: "bridge/ndr/b.hpp" is not the first include',
                          'bridge/ndr/c.cpp:1: "bridge/ndr/c.hpp" is not the first include')

    def test_relative_includes_are_found(self):
        self.put("bridge/ndr/a.cpp", LICENCE + '#include "b.hpp"\n'
                                               '#include "bridge/ndr/../net/c.hpp"\n')
        self.assert_found('bridge/ndr/a.cpp:2: "b.hpp" is not rooted in the repository',
                          'bridge/ndr/a.cpp:3: "bridge/ndr/../net/c.hpp" is not rooted in the '
                          "repository")

    def test_product_may_not_include_tests_but_tests_may_include_all(self):
        self.put("bridge/ndr/a.cpp", LICENCE + '#include "tests/unit/ndr/hex.hpp"\n')
        self.put("tests/unit/ndr/a.cpp", LICENCE + '#include "tests/unit/ndr/hex.hpp"\n'
                                                   '#include "bridge/net/server.hpp"\n')
        self.assert_found("bridge/ndr/a.cpp:2: ndr may not include tests")

    def test_outside_headers_have_owners_and_the_longest_rule_wins(self):
        for folder in ("net", "ndr"):
            self.put(f"bridge/{folder}/a.cpp", LICENCE + "#include <boost/asio/awaitable.hpp>\n"
                                                         "#include <boost/asio/ip/tcp.hpp>\n")
        self.assert_found("bridge/ndr/a.cpp:3: ndr may not include <boost/asio/ip/tcp.hpp>")

    def test_link_lists_obey_them(self):
        self.put("bridge/ndr/CMakeLists.txt",
                 HASH_LICENCE + "bridge_library(ndr SOURCES a.cpp\n    LINK bridge_win32\n"
                                "    bridge_net) # bridge_xml\n"
                                "target_link_libraries(other PRIVATE bridge_net)\n")
        self.assert_found("bridge/ndr/CMakeLists.txt:4: ndr may not link net")

    def test_cycle_is_found(self):
        (self.config / "arrows.txt").write_text("a: b\nb: c\nc: a\n", encoding="utf-8")
        self.assertIn("a cycle: a -> b -> c -> a", self.findings()[0])

    def test_own_table_has_no_cycle(self):
        config = check.Config(HERE)
        self.assertIsNone(config.cycle())
        for allowed in config.arrows.values():
            self.assertLessEqual(allowed - {"*"}, set(config.arrows))
        for allowed in config.outside.values():
            self.assertLessEqual(allowed, set(config.arrows))


class Form(TreeTest):
    def test_licence_line_comes_first(self):
        self.put("bridge/ndr/a.cpp", "\n" + LICENCE)
        self.put("bridge/ndr/empty.cpp", "")
        self.put("tests/run", "#!/bin/sh\n" + HASH_LICENCE)
        self.put("tests/stop", "#!/bin/sh\necho\n")
        self.put("README.md", "# no licence line\n")
        missing = "the licence line is missing: SPDX-License-Identifier: Apache-2.0"
        self.assert_found(f"bridge/ndr/a.cpp:1: {missing}", f"bridge/ndr/empty.cpp:1: {missing}",
                          f"tests/stop:2: {missing}")

    def test_columns_are_characters(self):
        self.put("bridge/ndr/a.cpp", LICENCE + "//" + "\u00e4" * 98 + "\n" + "//" + "x" * 99 + "\n")
        self.assert_found("bridge/ndr/a.cpp:3: 101 columns, at most 100")

    def test_lines_are_limited(self):
        self.put("bridge/ndr/a.cpp", LICENCE + "\n" * 599)
        self.put("bridge/ndr/b.cpp", LICENCE + "\n" * 600)
        self.put("bridge/idl/c.idl", LICENCE + "\n" * 600)
        self.assert_found("bridge/ndr/b.cpp:601: 601 lines, at most 600")

    def test_tabs_are_found(self):
        self.put("bridge/ndr/a.cpp", LICENCE + "int\ta;\n")
        self.assert_found("bridge/ndr/a.cpp:2: tab")

    def test_headers_need_pragma_once(self):
        self.put("bridge/ndr/a.hpp", LICENCE + "#pragma once\n")
        self.put("bridge/ndr/b.hpp", LICENCE)
        self.assert_found("bridge/ndr/b.hpp:1: the header lacks #pragma once")

    def test_data_is_left_alone(self):
        self.put("tests/fuzz/corpus/ndr/a.cpp", "\t" + "x" * 200)
        self.put("tests/fuzz/corpus/ndr/b", b"\xff\xfe")
        self.put("bridge/ndr/table.inc", "\t")
        self.assert_found()

    def test_other_bytes_than_utf8_are_found(self):
        self.put("bridge/ndr/a.cpp", b"\xff")
        self.assert_found("bridge/ndr/a.cpp:1: not UTF-8, and not in data.txt")


class Rules(TreeTest):
    def test_threads_only_where_listed(self):
        text = LICENCE + "#include <mutex>\nstd::jthread t; // std::thread\n"
        self.put("bridge/net/pool.cpp", text)
        self.put("bridge/net/other.cpp", text)
        self.put("bridge/net/fine.cpp", LICENCE + "// no std::mutex here\n"
                                                     "std::this_thread::yield();\n")
        self.put("tests/unit/net/a.cpp", text)
        what = "a mutex or a thread, and the file is not in threads.txt"
        self.assert_found(f"bridge/net/other.cpp:2: {what}", f"bridge/net/other.cpp:3: {what}")

    def test_forbidden_text_is_found_everywhere(self):
        self.put("README.md", "see /nowhere/me\n")
        self.put("bridge/ndr/a.cpp", LICENCE + "// LATER\n// LATERAL\n")
        self.assert_found("README.md:1: forbidden text: /nowhere/[a-z]",
                          "bridge/ndr/a.cpp:2: forbidden text: \\bLATER\\b")


class CommandLine(TreeTest):
    def run_check(self):
        return subprocess.run(
            [sys.executable, str(HERE / "check.py"), "--root", str(self.root), "--config",
             str(self.config)], capture_output=True, text=True, check=False)

    def test_exit_code_says_whether_something_was_found(self):
        self.put("bridge/ndr/a.cpp", LICENCE)
        self.assertEqual(self.run_check().returncode, 0)
        self.put("bridge/ndr/b.cpp", "")
        failed = self.run_check()
        self.assertEqual(failed.returncode, 1)
        self.assertTrue(failed.stdout.startswith("bridge/ndr/b.cpp:1: "))

    def test_git_decides_what_belongs_to_the_tree(self):
        self.put("bridge/ndr/a.cpp", "")
        self.put("build/b.cpp", "")
        self.put(".gitignore", "/build/\n")
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.assertEqual(len(self.findings()), 1)


if __name__ == "__main__":
    unittest.main()
