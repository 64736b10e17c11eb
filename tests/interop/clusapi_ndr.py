# SPDX-License-Identifier: Apache-2.0
"""The few ClusAPI 3.0 calls that impacket_rpc.py makes, in impacket's own NDR classes.

They are written here and not generated: an error in our IDL must not repeat itself on this side.
"""

from impacket.dcerpc.v5.dtypes import DWORD, LPWSTR, NULL, WSTR
from impacket.dcerpc.v5.ndr import (NDRCALL, NDRPOINTER, NDRSHORT, NDRSTRUCT, NDRUniConformantArray,
                                    NDRUniConformantVaryingArray)
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.uuid import uuidtup_to_bin

CLUSAPI = uuidtup_to_bin(("b97db8b2-4c63-11cf-bff6-08002be23f2f", "3.0"))

__all__ = ["CLUSAPI", "NULL", "DCERPCSessionError", "calls", "wide"]


class DCERPCSessionError(DCERPCException):
    """A Win32 code from the result slot of a call."""


class Handle(NDRSTRUCT):
    """A context handle: 20 bytes, passed through unread."""
    structure = (("Data", "20s=b''"),)

    def getAlignment(self):
        return 4


class EnumEntry(NDRSTRUCT):
    structure = (("Type", DWORD), ("Name", LPWSTR))


class EnumEntries(NDRUniConformantArray):
    item = EnumEntry


class EnumList(NDRSTRUCT):
    structure = (("EntryCount", DWORD), ("Entry", EnumEntries))


class EnumListPointer(NDRPOINTER):
    referent = (("Data", EnumList),)


class Bytes(NDRUniConformantArray):
    item = "c"


class BytesPointer(NDRPOINTER):
    referent = (("Data", Bytes),)


class VaryingBytes(NDRUniConformantVaryingArray):
    item = "c"


class VersionInfo(NDRSTRUCT):
    structure = (("Size", DWORD), ("Highest", DWORD), ("Lowest", DWORD), ("Flags", DWORD),
                 ("Reserved", DWORD))


class VersionInfoPointer(NDRPOINTER):
    referent = (("Data", VersionInfo),)


def wide(text):
    """A string parameter: impacket leaves the terminator to the caller."""
    return text + "\0"


def _define(name, opnum, inputs, outputs):
    """Makes the request and response classes that NDRCALL's naming rule looks up."""
    request = type(name, (NDRCALL,), {"opnum": opnum, "structure": inputs,
                                      "__module__": __name__})
    response = type(name + "Response", (NDRCALL,), {"structure": outputs,
                                                    "__module__": __name__})
    globals()[name], globals()[name + "Response"] = request, response


_STATUS = (("rpc_status", DWORD), ("ErrorCode", DWORD))
_OPENED = (("Status", DWORD), ("rpc_status", DWORD), ("Handle", Handle))
_CONTROL_IN = (("ControlCode", DWORD), ("InBuffer", BytesPointer), ("InSize", DWORD),
               ("OutSize", DWORD))
_CONTROL_OUT = (("OutBuffer", VaryingBytes), ("Returned", DWORD), ("Required", DWORD)) + _STATUS

_define("ApiOpenCluster", 0, (), (("Status", DWORD), ("Handle", Handle)))
_define("ApiCloseCluster", 1, (("Cluster", Handle),), (("Cluster", Handle), ("ErrorCode", DWORD)))
_define("ApiGetClusterName", 3, (), (("ClusterName", LPWSTR), ("NodeName", LPWSTR),
                                     ("ErrorCode", DWORD)))
_define("ApiGetClusterVersion", 4, (), (("Major", NDRSHORT), ("Minor", NDRSHORT),
                                        ("Build", NDRSHORT), ("Vendor", LPWSTR), ("Csd", LPWSTR),
                                        ("ErrorCode", DWORD)))
_define("ApiCreateEnum", 7, (("Type", DWORD),), (("List", EnumListPointer),) + _STATUS)
_define("ApiGetRootKey", 28, (("samDesired", DWORD),), _OPENED)
_define("ApiQueryValue", 34, (("Key", Handle), ("ValueName", WSTR), ("cbData", DWORD)),
        (("Type", DWORD), ("Data", Bytes), ("Required", DWORD)) + _STATUS)
_define("ApiOpenNode", 66, (("Name", WSTR),), _OPENED)
_define("ApiGetNodeState", 68, (("Node", Handle),), (("State", DWORD),) + _STATUS)
_define("ApiGetNodeId", 48, (("Node", Handle),), (("Id", LPWSTR),) + _STATUS)
_define("ApiClusterControl", 106, (("Cluster", Handle),) + _CONTROL_IN, _CONTROL_OUT)
_define("ApiGetClusterVersion2", 102, (), (("Major", NDRSHORT), ("Minor", NDRSHORT),
                                           ("Build", NDRSHORT), ("Vendor", LPWSTR),
                                           ("Csd", LPWSTR), ("Info", VersionInfoPointer)) + _STATUS)


def calls(name):
    """The request class of a method."""
    return globals()[name]
