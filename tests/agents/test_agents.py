#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agents' acts, called as Pacemaker calls them, over a sysfs in a folder and commands that answer what a test says."""
import os
import shutil
import stat
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
AGENTS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "agents")
SUCCESS, GENERIC, ARGS, UNIMPLEMENTED, INSTALLED, CONFIGURED, NOT_RUNNING = 0, 1, 2, 3, 5, 6, 7
WWID = "naa.60014051a2b3c015e1f4a6c8d2101234"
DTD = "/usr/share/resource-agents/ra-api-1.dtd"


class Agent(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.bin = self.place("bin")
        self.boot("11111111-0000-0000-0000-000000000000")
        self.env = {
            "PATH": self.bin + ":" + os.environ["PATH"], "OCF_RESOURCE_INSTANCE": "it",
            "HA_RSCTMP": os.path.join(self.folder, "rsctmp"), "OCF_RESKEY_CRM_meta_on_node_uuid": "2",
            "clusbridge_boot_file": os.path.join(self.folder, "boot_id"),
            "clusbridge_boot_counter": os.path.join(self.folder, "lib/boot"),
            "clusbridge_agent_lib": os.path.join(AGENTS, "lib"),
            "clusbridge_sysfs": os.path.join(self.folder, "sys"), "clusbridge_proc": self.place("proc"),
            "clusbridge_multipath_conf": os.path.join(self.folder, "none"),
        }
        self.write("proc/swaps", "Filename Type Size Used Priority\n")
        self.write("proc/1/mountinfo", "21 1 0:20 / /proc rw - proc proc rw\n")
        self.command("cibadmin", "exit 1")
        self.command("corosync-cmapctl", 'echo "totem.cluster_name (str) = labcluster"')
        self.command("blockdev", "exit 0")

    def place(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, exist_ok=True)
        return path

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def boot(self, uuid):
        self.write("boot_id", uuid + "\n")

    def command(self, name, body):
        path = self.write("bin/" + name, f"#!/bin/sh\n{body}\n")
        os.chmod(path, stat.S_IRWXU)

    def run_agent(self, agent, action, **env):
        done = subprocess.run([os.path.join(AGENTS, agent), action], env={**self.env, **env}, capture_output=True,
                              text=True, timeout=60, check=False)
        self.text = done.stderr
        return done.returncode


class Group(Agent):
    def act(self, action, **env):
        return self.run_agent("group", action, **env)

    def test_runs_between_start_and_stop_however_often_they_are_called(self):
        seen = [self.act(a) for a in ("monitor", "start", "start", "monitor", "reload-agent", "stop", "monitor", "stop")]
        self.assertEqual(seen, [NOT_RUNNING, 0, 0, 0, 0, 0, NOT_RUNNING, 0])

    def test_does_not_run_after_a_boot_that_it_did_not_see(self):
        self.act("start")
        self.boot("22222222-0000-0000-0000-000000000000")
        self.assertEqual(self.act("monitor"), NOT_RUNNING)
        self.assertEqual(self.act("start"), SUCCESS)
        self.assertEqual(self.act("monitor"), SUCCESS)

    def test_says_so_when_it_cannot_keep_its_state(self):
        self.assertEqual(self.act("start", HA_RSCTMP=os.path.join(self.folder, "boot_id")), 4)
        self.assertIn("ocf-exit-reason:", self.text)

    def test_tells_groups_apart(self):
        self.act("start")
        self.assertEqual(self.act("monitor", OCF_RESOURCE_INSTANCE="other"), NOT_RUNNING)

    def test_refuses_what_is_no_act(self):
        self.assertEqual(self.act("promote"), UNIMPLEMENTED)
        self.assertEqual(self.act("start", OCF_RESOURCE_INSTANCE=""), ARGS)


class Disk(Agent):
    def setUp(self):
        super().setUp()
        self.env["OCF_RESKEY_disk"] = WWID
        self.device("sda", "8:0")
        self.device("sda/sda1", "8:1")
        self.guard(start=0, status=0, stop=0, holder=7)

    def device(self, path, number):
        """A disk or PARENT/PARTITION in sysfs."""
        real = os.path.join(self.folder, "sys/block", path)
        os.makedirs(os.path.join(real, "holders"))
        self.write(f"sys/block/{path}/dev", number + "\n")
        if "/" not in path:
            self.write(f"sys/block/{path}/device/wwid", WWID + "\n")
        self.place("sys/class/block")
        os.symlink(real, os.path.join(self.folder, "sys/class/block", path.split("/")[-1]))

    def remove_devices(self):
        shutil.rmtree(os.path.join(self.folder, "sys"))

    def guard(self, **status):
        """What "sgpr guard VERB" exits with; each call's words are logged."""
        cases = " ".join(f"{verb}) echo 'its reason' >&2; exit {code};;" for verb, code in status.items())
        self.command("sgpr", f'echo "$@" >> "{self.folder}/calls"\ncase $2 in {cases} esac')

    def calls(self):
        try:
            with open(os.path.join(self.folder, "calls"), encoding="utf-8") as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []

    def act(self, action, **env):
        return self.run_agent("disk", action, **env)

    def started(self):
        self.assertEqual(self.act("start"), SUCCESS, self.text)

    def test_start_says_who_this_node_is(self):
        self.started()
        call = next(c for c in self.calls() if c.startswith("guard start"))
        self.assertTrue(call.startswith(f"guard start {WWID} --node-id 2 --cluster-id ea263b --boot 18 "), call)
        self.assertEqual(self.act("monitor"), SUCCESS)

    def test_needs_no_configuration_but_the_disk(self):
        parameters = {name for name in self.env if name.startswith("OCF_RESKEY_")} - {"OCF_RESKEY_CRM_meta_on_node_uuid"}
        self.assertEqual(parameters, {"OCF_RESKEY_disk"})
        self.assertEqual([self.act(a) for a in ("validate-all", "start", "monitor", "stop")], [SUCCESS] * 4, self.text)

    def test_boots_are_counted_and_acts_of_one_boot_are_not(self):
        for uuid, count in (("1a", 0x1b), ("1a", 0x1b), ("2b", 0x1c)):
            self.boot(uuid + "000000-0000-0000-0000-000000000000")
            self.started()
            self.act("stop")
            self.assertIn(f"--boot {count} ", [c for c in self.calls() if c.startswith("guard start")][-1])

    def test_the_count_of_boots_wraps(self):
        self.write("lib/boot", "old 255\n")
        self.started()
        self.assertIn("--boot 0 ", "\n".join(self.calls()))

    def test_a_start_that_is_refused_leaves_nothing_behind(self):
        self.guard(start=3, status=7, holder=7)
        self.assertEqual(self.act("start"), GENERIC)
        self.assertIn("its reason", self.text)
        self.assertEqual(self.act("monitor"), NOT_RUNNING)

    def test_a_probe_neither_registers_nor_minds_that_the_disk_is_absent(self):
        self.guard(status=7, holder=7)
        self.assertEqual(self.act("monitor"), NOT_RUNNING)
        self.remove_devices()
        self.assertEqual(self.act("monitor"), NOT_RUNNING)
        self.assertFalse([c for c in self.calls() if c.split()[1] in ("start", "run", "stop")])

    def test_a_node_without_the_command_is_told_apart_from_one_in_trouble(self):
        os.remove(os.path.join(self.bin, "sgpr"))
        self.assertEqual([self.act(a) for a in ("monitor", "stop", "start")], [INSTALLED, SUCCESS, INSTALLED])

    def test_a_command_that_went_does_not_make_a_started_disk_a_stopped_one(self):
        self.started()
        os.remove(os.path.join(self.bin, "sgpr"))
        self.assertEqual([self.act(a) for a in ("monitor", "stop")], [GENERIC, GENERIC])

    def test_a_reservation_without_guard_is_a_failure_and_not_a_stopped_disk(self):
        self.guard(status=7, holder=0)
        self.assertEqual(self.act("monitor"), GENERIC)

    def test_a_guard_that_died_is_a_failure_and_not_a_stopped_disk(self):
        self.started()
        self.guard(status=7, holder=7)
        self.assertEqual(self.act("monitor"), GENERIC)
        self.assertIn("has ended", self.text)

    def test_a_guard_in_trouble_tells_its_reason(self):
        self.started()
        self.guard(status=1)
        self.assertEqual(self.act("monitor"), GENERIC)
        self.assertIn("its reason", self.text)

    def test_stop_fails_while_something_of_the_disk_is_mounted_anywhere(self):
        self.started()
        self.write("proc/77/mountinfo", "40 21 8:1 / /srv/data rw - ext4 /dev/sda1 rw\n")
        self.assertEqual(self.act("stop"), GENERIC)
        self.assertIn("mounted on /srv/data", self.text)
        self.assertFalse([c for c in self.calls() if c.startswith("guard stop")])
        self.write("proc/77/mountinfo", "")
        self.assertEqual(self.act("stop"), SUCCESS)
        self.guard(status=7, holder=7)
        self.assertEqual(self.act("monitor"), NOT_RUNNING)

    def test_stop_fails_while_btrfs_with_its_own_device_number_is_mounted(self):
        self.started()
        self.write("proc/77/mountinfo", "40 21 0:44 / /srv/b rw,relatime shared:1 - btrfs /dev/sda1 rw\n")
        self.assertEqual(self.act("stop"), GENERIC)

    def hold(self, uuid):
        self.device("dm-0", "253:0")
        os.remove(os.path.join(self.folder, "sys/block/dm-0/device/wwid"))
        self.write("sys/block/dm-0/dm/name", "vg-lv\n")
        self.write("sys/block/dm-0/dm/uuid", uuid + "\n")
        self.write("sys/block/sda/holders/dm-0", "")

    def test_stop_fails_while_a_volume_is_active_on_the_disk(self):
        self.started()
        self.hold("LVM-abc")
        self.assertEqual(self.act("stop"), GENERIC)
        self.assertIn("vg-lv", self.text)

    def test_stop_takes_a_multipath_map_for_a_path_but_looks_above_it(self):
        self.started()
        self.hold("mpath-36001405")
        self.write("proc/swaps", "Filename\n/dev/dm-0 partition 1 1 -2\n")
        self.assertEqual(self.act("stop"), GENERIC)
        self.write("proc/swaps", "Filename\n")
        self.assertEqual(self.act("stop"), SUCCESS)

    def test_stop_of_a_disk_that_is_gone_still_ends_its_guard(self):
        self.started()
        self.remove_devices()
        self.assertEqual(self.act("stop"), SUCCESS)
        self.assertTrue([c for c in self.calls() if c.startswith(f"guard stop {WWID}")])

    def test_names_of_one_disk_are_one_disk(self):
        for name in (WWID, WWID.upper(), "0x" + WWID[4:], "wwn-0x" + WWID[4:], "3" + WWID[4:], "scsi-3" + WWID[4:],
                     "/dev/disk/by-id/wwn-0x" + WWID[4:]):
            self.assertEqual(self.act("start", OCF_RESKEY_disk=name), SUCCESS, name + self.text)
            self.act("stop")
            self.assertIn(f"guard stop {WWID} ", self.calls()[-1] + " ", name)

    def test_validates_its_parameters(self):
        for env in ({"OCF_RESKEY_disk": ""}, {"OCF_RESKEY_guid": "x"}, {"OCF_RESKEY_disk": "sda"},
                    {"OCF_RESKEY_foreign": "take"}, {"OCF_RESKEY_disk": "", "OCF_RESKEY_signature": "0x12g"},
                    {"OCF_RESKEY_disk": "", "OCF_RESKEY_signature": "12a"}):
            self.assertEqual(self.act("validate-all", **env), CONFIGURED, env)
        for env in ({}, {"OCF_RESKEY_disk": "", "OCF_RESKEY_signature": "0x12aF"},
                    {"OCF_RESKEY_disk": "", "OCF_RESKEY_guid": "{6f2a}"}):
            self.assertEqual(self.act("validate-all", **env), SUCCESS, env)

    def test_refuses_nodes_without_a_number_that_fits_the_key(self):
        for number in ("remote1", "65536", "0"):
            self.assertEqual(self.act("start", OCF_RESKEY_CRM_meta_on_node_uuid=number), GENERIC, number)

    def peers(self, states, fenced=()):
        status = self.write("status.xml", "<status>\n" + states + "</status>\n")
        self.command("cibadmin", f'cat "{status}"')
        events = " ".join(f'{n}) echo \'<fence_event action="reboot" target="{n}" status="success"/>\';;' for n in fenced)
        self.command("stonith_admin", f'case $2 in {events} *) ;; esac')
        self.started()
        self.act("stop")
        call = [c for c in self.calls() if c.startswith("guard start")][-1].split()
        return [call[i + 1] for i, word in enumerate(call) if word == "--peer"]

    MEMBER = 'in_ccm="true" crmd="online" join="member" expected="member"'
    LEFT = 'in_ccm="false" crmd="offline" join="down" expected="down"'
    LOST = 'in_ccm="false" crmd="offline" join="down" expected="member"'
    NEWER_LEFT = 'in_ccm="0" crmd="0" join="down" expected="down"'
    NEWER_MEMBER = 'in_ccm="1700000000" crmd="1700000001" join="member" expected="member"'

    @staticmethod
    def node(flags, *ops, resource="it"):
        lines = "".join(
            f'<lrm_rsc_op id="it_{task}_{i}" operation="{task}" call-id="{call}" rc-code="{rc}" op-status="{state}"'
            f' interval="{interval}"/>\n' for i, (task, call, rc, state, interval) in enumerate(ops))
        history = f'<lrm id="1">\n<lrm_resources>\n<lrm_resource id="{resource}" type="disk">\n{lines}</lrm_resource>\n' \
            '</lrm_resources>\n</lrm>\n' if ops else ""
        return f'<node_state id="1" uname="one" {flags}>\n{history}</node_state>\n'

    START, STOP, PROBE = ("start", 9, 0, 0, 0), ("stop", 12, 0, 0, 0), ("monitor", 5, 7, 0, 0)
    MONITOR = ("monitor", 10, 0, 0, 10000)

    def test_gone_is_who_was_fenced(self):
        for left in (self.LEFT, self.NEWER_LEFT):
            self.assertEqual(self.peers(self.node(left), fenced=["one"]), ["1=gone"])
        self.assertEqual(self.peers(f'<node_state id="1" uname="one" {self.LEFT}/>\n', fenced=["one"]), ["1=gone"])

    def test_gone_is_who_left_with_the_disk_stopped(self):
        self.assertEqual(self.peers(self.node(self.LEFT, self.START, self.MONITOR, self.STOP)), ["1=gone"])
        self.assertEqual(self.peers(self.node(self.LEFT, self.PROBE)), ["1=gone"])

    def test_nothing_is_known_of_who_left_with_the_disk_started(self):
        self.assertEqual(self.peers(self.node(self.LEFT, self.START, self.MONITOR)), [])
        self.assertEqual(self.peers(self.node(self.LEFT)), [])
        self.assertEqual(self.peers(self.node(self.LEFT, self.STOP, resource="another")), [])

    def test_nothing_is_known_of_who_was_lost(self):
        self.assertEqual(self.peers(self.node(self.LOST, self.START)), [])
        self.assertEqual(self.peers(self.node(self.LOST), fenced=["one"]), [])
        # Its history may lack what it did last.
        self.assertEqual(self.peers(self.node(self.LOST, self.STOP)), [])

    def test_a_member_is_alive_or_gone_by_its_last_act(self):
        for member in (self.MEMBER, self.NEWER_MEMBER):
            self.assertEqual(self.peers(self.node(member, self.START, self.MONITOR)), ["1=alive"])
            self.assertEqual(self.peers(self.node(member, self.STOP, self.START)), ["1=gone"])
            self.assertEqual(self.peers(self.node(member, self.PROBE)), ["1=gone"])
            self.assertEqual(self.peers(self.node(member)), [])

    def test_a_failed_or_pending_act_proves_nothing(self):
        self.assertEqual(self.peers(self.node(self.MEMBER, self.START, ("stop", 12, 1, 4, 0))), [])
        self.assertEqual(self.peers(self.node(self.MEMBER, self.PROBE, ("start", -1, 193, -1, 0))), [])
        self.assertEqual(self.peers(self.node(self.MEMBER, self.START, ("monitor", 10, 7, 0, 10000))), [])


class Metadata(unittest.TestCase):
    def test_is_valid_and_names_the_agent(self):
        for agent in ("group", "disk"):
            done = subprocess.run([os.path.join(AGENTS, agent), "meta-data"], capture_output=True, text=True, check=True)
            self.assertIn(f'<resource-agent name="{agent}"', done.stdout)
            schema = os.path.join(HERE, "ocf-1.1.rng")
            checked = subprocess.run(["xmllint", "--noout", "--relaxng", schema, "-"], input=done.stdout,
                                     capture_output=True, text=True, check=False)
            self.assertEqual(checked.returncode, 0, checked.stderr)

    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck")
    def test_shellcheck_has_no_complaint(self):
        done = subprocess.run(["shellcheck", "-s", "sh", "-x", "-P", os.path.dirname(AGENTS), "agents/group",
                               "agents/disk", "agents/lib/node.sh", "agents/lib/disk.sh"], cwd=os.path.dirname(AGENTS),
                              env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
