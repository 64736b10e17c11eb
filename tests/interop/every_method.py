#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Calls every method of ClusAPI 3.0 once, with the smallest arguments that make sense.

A method may answer any code, but it has to answer: a fault, a closed connection or silence is a
failure. Methods that change the cluster or wait for events are called only with --changes, which
is for a cluster that may be broken (the demo). Arguments as for impacket_rpc.py; --kerberos logs
on with --ccache.
"""

import struct
import sys

from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket_rpc import (PRIVACY, TIMEOUT, Session, ask, kerberos_session, limited_time,
                          parse_arguments)

# In the argument column: a letter is the handle of that object; a number is a 32-bit value;
# 'x is the text x as a string, with @ names of objects (see NAMES); * is a unique NULL pointer;
# ~ is an empty conformant array. Out-handles go under the letter behind the arrow.
CONTROL = "* 0 4096"
READS = """
0 ApiOpenCluster -> C
1 ApiCloseCluster D
3 ApiGetClusterName
4 ApiGetClusterVersion
5 ApiGetQuorumResource
7 ApiCreateEnum 0x3f
8 ApiOpenResource '@resource -> R
11 ApiCloseResource S
12 ApiGetResourceState R
14 ApiGetResourceId R
15 ApiGetResourceType R
21 ApiCanResourceBeDependent R T
22 ApiCreateResEnum R 1
28 ApiGetRootKey 0x20019 -> K
30 ApiOpenKey K 'Resources 0x20019 -> L
31 ApiEnumKey K 0
34 ApiQueryValue K 'ClusterInstanceID 128
36 ApiEnumValue K 0 128
37 ApiCloseKey L
38 ApiQueryInfoKey K
40 ApiGetKeySecurity K 7 * 0 0
41 ApiOpenGroup '@group -> G
44 ApiCloseGroup H
45 ApiGetGroupState G
47 ApiGetGroupId G
48 ApiGetNodeId N
53 ApiCreateGroupResourceEnum G 3
66 ApiOpenNode '@node -> N
67 ApiCloseNode O
68 ApiGetNodeState N
72 ApiNodeResourceControl R N 0x01000029 {control}
73 ApiResourceControl R 0x01000059 {control}
74 ApiNodeResourceTypeControl C '@type N 0x02000055 {control}
75 ApiResourceTypeControl C '@type 0x02000005 {control}
76 ApiNodeGroupControl G N 0x03000029 {control}
77 ApiGroupControl G 0x03000055 {control}
78 ApiNodeNodeControl N N 0x04000029 {control}
79 ApiNodeControl N 0x04000055 {control}
81 ApiOpenNetwork '@network -> W
82 ApiCloseNetwork X
83 ApiGetNetworkState W
85 ApiCreateNetworkEnum W 1
86 ApiGetNetworkId W
88 ApiNodeNetworkControl W N 0x05000029 {control}
89 ApiNetworkControl W 0x05000055 {control}
92 ApiOpenNetInterface '@interface -> I
93 ApiCloseNetInterface J
94 ApiGetNetInterfaceState I
95 ApiGetNetInterface '@node '@network
96 ApiGetNetInterfaceId I
97 ApiNodeNetInterfaceControl I N 0x06000029 {control}
98 ApiNetInterfaceControl I 0x06000055 {control}
101 ApiCreateNodeEnum N 1
102 ApiGetClusterVersion2
103 ApiCreateResTypeEnum '@type 1
104 ApiBackupClusterDatabase 'nowhere
105 ApiNodeClusterControl C N 0x07000055 {control}
106 ApiClusterControl C 0x07000059 {control}
110 ApiGetResourceDependencyExpression R
112 ApiGetResourceNetworkName R
117 ApiOpenClusterEx 0x80000000 -> D
118 ApiOpenNodeEx '@node 0x80000000 -> O
119 ApiOpenGroupEx '@group 0x80000000 -> H
120 ApiOpenResourceEx '@resource 0x80000000 -> S
121 ApiOpenNetworkEx '@network 0x80000000 -> X
122 ApiOpenNetInterfaceEx '@interface 0x80000000 -> J
124 ApiCreateNodeEnumEx N 1 0
125 ApiCreateEnumEx C 0x3d 0
143 ApiCreateGroupEnum C * 0 * 0
144 ApiCreateResourceEnum C * 0 * 0
145 ApiExecuteReadBatch K 24 24 1 7 0 4 0x61 0
"""
CHANGES = """
2 ApiSetClusterName 'another
6 ApiSetQuorumResource R ' 0
9 ApiCreateResource G 'made '@type 0 -> P
10 ApiDeleteResource P
13 ApiSetResourceName R '@resource
16 ApiFailResource R
17 ApiOnlineResource R
18 ApiOfflineResource R
19 ApiAddResourceDependency R T
20 ApiRemoveResourceDependency R T
23 ApiAddResourceNode R N
24 ApiRemoveResourceNode R N
25 ApiChangeResourceGroup R G
26 ApiCreateResourceType 'made 'made 'made.dll 5000 60000
27 ApiDeleteResourceType 'made
28 ApiGetRootKey 0xf003f -> K
29 ApiCreateKey K 'made 0 0x2001f * -> M
32 ApiSetValue K 'made 4 4 ~ 4
33 ApiDeleteValue K 'made
35 ApiDeleteKey K 'made
39 ApiSetKeySecurity K 4 * 0 0
42 ApiCreateGroup 'made -> U
43 ApiDeleteGroup U 0
46 ApiSetGroupName G '@group
49 ApiOnlineGroup G
50 ApiOfflineGroup G
51 ApiMoveGroup G
52 ApiMoveGroupToNode G N
54 ApiSetGroupNodeList G * 0
55 ApiCreateNotify -> F
57 ApiAddNotifyCluster F C 0x40000000 1
58 ApiAddNotifyNode F N 1 2
59 ApiAddNotifyGroup F G 0x1000 3
60 ApiAddNotifyResource F R 0x100 4
61 ApiAddNotifyKey F K 5 0x10 1
62 ApiReAddNotifyNode F N 1 2 0
63 ApiReAddNotifyGroup F G 0x1000 3 0
64 ApiReAddNotifyResource F R 0x100 4 0
69 ApiPauseNode N
70 ApiResumeNode N
84 ApiSetNetworkName W '@network
87 ApiSetNetworkPriorityOrder 0 ~
90 ApiAddNotifyNetwork F W 0x100000 6
91 ApiReAddNotifyNetwork F W 0x100000 6 0
99 ApiAddNotifyNetInterface F I 0x1000000 7
100 ApiReAddNotifyNetInterface F I 0x1000000 7 0
107 ApiUnblockGetNotifyCall F
56 ApiCloseNotify F
108 ApiSetServiceAccountPassword 'secret 0 0
109 ApiSetResourceDependencyExpression R *
113 ApiExecuteBatch K 24 24 1 2 0 4 0x61 0
114 ApiCreateBatchPort K
123 ApiChangeCsvState R 0
126 ApiPauseNodeEx N 0 0
127 ApiPauseNodeWithDrainTarget N 0 O
128 ApiResumeNodeEx N 0 0
129 ApiCreateGroupEx 'madetoo * -> V
130 ApiOnlineGroupEx G 0 ~ 0
131 ApiOfflineGroupEx G 0 ~ 0
132 ApiMoveGroupEx G 0 ~ 0
133 ApiMoveGroupToNodeEx G N 0 ~ 0
134 ApiCancelClusterGroupOperation G 0
135 ApiOnlineResourceEx R 0 ~ 0
136 ApiOfflineResourceEx R 0 ~ 0
137 ApiCreateNotifyV2 -> Y
138 ApiAddNotifyV2 Y C 1 0 0x20 0 8 2 0
146 ApiRestartResource R 0
71 ApiEvictNode N
"""
# They return when an event happens: 65 ApiGetNotify, 115 ApiGetBatchNotification,
# 139 ApiGetNotifyV2, 147 ApiGetNotifyAsync; and 116 ApiCloseBatchPort needs a port of its own.

OBJECTS = {"node": 1, "type": 2, "resource": 4, "group": 8, "network": 0x10, "interface": 0x20}
WITHOUT_RPC_STATUS = (0, 117)  # of those that return a handle


def encode(arguments, handles, names):
    """Builds a stub. Returns None when a handle it needs is NULL."""
    stub = b""
    for token in arguments:
        if token.startswith("'"):
            text = names[token[2:]] if token.startswith("'@") else token[1:] + "\0"
            stub += b"\0" * (-len(stub) % 4) + struct.pack("<III", len(text), 0, len(text))
            stub += text.encode("utf-16-le")
            continue
        stub += b"\0" * (-len(stub) % 4)
        if token.isalpha():
            if not any(handles.get(token, b"\0")):
                return None
            stub += handles[token]
        elif token in ("*", "~"):
            stub += b"\0" * 4
        else:
            stub += struct.pack("<I", int(token, 0))
    return stub


class Caller:
    def __init__(self, dce):
        self.dce, self.handles, self.names = dce, {}, {}
        self.passed = self.failed = self.skipped = 0

    def find_names(self):
        for kind, flag in OBJECTS.items():
            entries = ask(self.dce, "ApiCreateEnum", Type=flag)["List"]["Entry"]
            self.names[kind] = entries[0]["Name"] if len(entries) else "none\0"

    def call(self, line):
        head, _, letter = line.partition(" -> ")
        opnum, name, *arguments = head.split()
        stub = encode(arguments, self.handles, self.names)
        if stub is None:
            self.skipped += 1
            print(f"skipped {opnum} {name}: no handle to give")
            return
        try:
            with limited_time(TIMEOUT):
                self.dce.call(int(opnum), stub)
                answer = self.dce.recv()
        except DCERPCException as fault:
            self.failed += 1
            print(f"FAILED  {opnum} {name}: {fault}")
            return
        if letter:
            self.handles[letter] = answer[-20:]
            end = len(answer) - 20 - (0 if int(opnum) in WITHOUT_RPC_STATUS else 4)
            code = struct.unpack("<I", answer[end - 4:end])[0]
        else:
            code = struct.unpack("<I", answer[-4:])[0]
        self.passed += 1
        print(f"ok      {opnum} {name}: code {code}, {len(answer)} bytes")


def order(lines):
    """Opens before uses before closes; inside that by opnum."""
    def rank(line):
        name = line.split()[1]
        return 0 if " -> " in line else 2 if name.startswith("ApiClose") else 1
    return sorted(lines, key=rank)


def take_flag(name):
    """Removes a flag of this script alone from the command line; True when it was there."""
    given = name in sys.argv
    if given:
        sys.argv.remove(name)
    return given


def main():
    changes, kerberos = (take_flag(name) for name in ("--changes", "--kerberos"))
    options = parse_arguments()
    with (kerberos_session(options, PRIVACY) if kerberos else Session(options)) as session:
        caller = Caller(session.bind())
        caller.find_names()
        reads = READS.format(control=CONTROL).strip().splitlines()
        ordered = order(reads)
        closes = [line for line in ordered if line.split()[1].startswith("ApiClose")]
        for line in [line for line in ordered if line not in closes]:
            if line.startswith("21 "):
                caller.handles["T"] = caller.handles.get("S", b"")
            caller.call(line)
        if changes:
            caller.handles["T"] = caller.handles.get("S", b"")
            for line in CHANGES.strip().splitlines():
                caller.call(line)
        for line in closes:
            caller.call(line)
    print(f"{caller.passed} passed, {caller.failed} failed, {caller.skipped} skipped")
    return 0 if caller.failed == 0 and caller.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
