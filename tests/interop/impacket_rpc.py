#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a ClusAPI server through impacket, an RPC implementation that shares no code with ours.

Endpoint mapper, authentication levels, fragments both ways, refused logins, faults. Arguments
default to the environment that tests/interop/demo sets. Kerberos checks need --ccache, a cache
that already holds a ticket for host/<--kerberos-host> (impacket cannot ask an MIT KDC itself).
Prints one line a check and a summary; exit code 0 when nothing failed and something passed.
"""

import argparse
import os
import signal
import struct
import sys

import clusapi_ndr as clusapi
from impacket import ntlm
from impacket.dcerpc.v5 import epm, mgmt, rpcrt, transport
from impacket.uuid import bin_to_uuidtup, uuidtup_to_bin

NONE, CONNECT, INTEGRITY, PRIVACY = 1, 2, 5, 6
TIMEOUT = 30  # seconds for each answer
ONE_CHECK = 120  # seconds for all of a check

CHECKS = []


class Skip(Exception):
    """A check that this server or run cannot answer."""


def check(function):
    CHECKS.append(function)
    return function


class limited_time:
    """Raises TimeoutError in the block after a time: impacket spins on a closed connection."""

    def __init__(self, seconds):
        self.seconds = seconds

    def expire(self, *_):
        raise TimeoutError(f"no end within {self.seconds} s")

    def __enter__(self):
        signal.signal(signal.SIGALRM, self.expire)
        signal.alarm(self.seconds)

    def __exit__(self, *_):
        signal.alarm(0)


class Session:
    """One connection. Closes its socket at the end of a `with` block.

    `kerberos` names the host whose service ticket logs on; without it, NTLM does.
    """

    def __init__(self, options, level=PRIVACY, kerberos=None, **account):
        self.options, self.level, self.kerberos = options, level, kerberos
        self.user = account.get("user", options.user)
        self.password = account.get("password", options.password)
        self.port = account.get("port", options.port)
        self.ntlmv1 = account.get("ntlmv1", False)
        self.fragments = 0

    def __enter__(self):
        binding = f"ncacn_ip_tcp:{self.options.host}[{self.port}]"
        self.transport = transport.DCERPCTransportFactory(binding)
        self.transport.set_connect_timeout(TIMEOUT)
        if self.kerberos:
            self.transport.setRemoteName(self.kerberos)
            self.transport.setRemoteHost(self.options.host)
        if self.ntlmv1:
            self.transport.doesSupportNTLMv2 = lambda: False
        self.dce = self.transport.get_dce_rpc()
        if self.level != NONE:
            # impacket takes user and realm from the ticket cache only when none are given.
            account = ("", "", "") if self.kerberos else (self.user, self.password,
                                                          self.options.domain)
            self.dce.set_credentials(*account)
            self.dce.set_auth_level(self.level)
        if self.kerberos:
            self.dce.set_auth_type(rpcrt.RPC_C_AUTHN_GSS_NEGOTIATE)
        self.dce.connect()
        return self

    def __exit__(self, *_):
        self.dce.disconnect()

    def bind(self, interface=clusapi.CLUSAPI, **arguments):
        self.dce.bind(interface, **arguments)
        return self.dce

    def count_fragments(self):
        """Counts response PDUs from here on: impacket reads 24-byte headers one by one."""
        receive = self.transport.recv

        def counted(forceRecv=0, count=0):
            self.fragments += count == rpcrt.MSRPCRespHeader._SIZE
            return receive(forceRecv, count)

        self.transport.recv = counted


def ask(dce, method, **fields):
    """Calls and returns the response, whatever its result code."""
    request = clusapi.calls(method)()
    for name, value in fields.items():
        request[name] = value
    return dce.request(request, checkError=False)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def expect_fault(function, *texts):
    """The call ends in a fault whose impacket name holds one of the texts."""
    try:
        function()
    except rpcrt.DCERPCException as fault:
        expect(any(text in str(fault) for text in texts), f"another fault: {fault}")
        return
    raise AssertionError("was answered")


def expect_refused(session, *texts):
    """Bind or first call is refused. The third leg of NTLM has no answer, so the call tells."""

    def bind_and_call():
        ask(session.bind(), "ApiGetClusterName")

    expect_fault(bind_and_call, "access_denied", *texts)


def epm_session(options):
    if not options.epm_port:
        raise Skip("no endpoint mapper")
    return Session(options, level=NONE, port=options.epm_port)


@check
def endpoint_mapper_resolves_clusapi(options):
    with epm_session(options) as session:
        found = epm.hept_map(options.host, clusapi.CLUSAPI, protocol="ncacn_ip_tcp",
                             dce=session.dce)
    expect(found == f"ncacn_ip_tcp:{options.host}[{options.port}]", f"resolved to {found}")


@check
def endpoint_mapper_does_not_know_other_interfaces(options):
    other = uuidtup_to_bin(("11111111-2222-3333-4444-555555555555", "1.0"))
    with epm_session(options) as session:
        expect_fault(lambda: epm.hept_map(options.host, other, protocol="ncacn_ip_tcp",
                                          dce=session.dce), "0x16c9a0d6", "16C9A0D6", "ept_s_not")


@check
def endpoint_mapper_lists_clusapi(options):
    with epm_session(options) as session:
        entries = epm.hept_lookup(options.host, dce=session.dce)
    listed = {bin_to_uuidtup(entry["tower"]["Floors"][0]["InterfaceUUID"] + b"\0" * 4)[0].lower()
              for entry in entries}
    expect(bin_to_uuidtup(clusapi.CLUSAPI)[0].lower() in listed, f"listed: {sorted(listed)}")


@check
def management_interface_answers(options):
    with Session(options, level=NONE) as session:
        dce = session.bind(mgmt.MSRPC_UUID_MGMT)
        listening = mgmt.his_server_listening(dce)
        vector = mgmt.hinq_if_ids(dce)["if_id_vector"]["if_id"]
    expect(listening["status"] == 0, "not listening")
    uuids = {bytes(entry["Data"]["Uuid"]) for entry in vector}
    expect(clusapi.CLUSAPI[:16] in uuids, "ClusAPI is not among the interfaces")


@check
def ntlm_connect_level_is_refused(options):
    with Session(options, level=CONNECT) as session:
        expect_refused(session)


@check
def ntlm_integrity_level_is_refused(options):
    with Session(options, level=INTEGRITY) as session:
        expect_refused(session)


@check
def ntlm_privacy_level_reads_the_cluster_name(options):
    with Session(options) as session:
        answer = ask(session.bind(), "ApiGetClusterName")
    expect(answer["ErrorCode"] == 0, f"code {answer['ErrorCode']}")
    expect(len(answer["ClusterName"]) > 1 and len(answer["NodeName"]) > 1, "an empty name")


@check
def ndr64_reads_nodes(options):
    with Session(options) as session:
        ndr64 = bin_to_uuidtup(rpcrt.DCERPC.NDR64Syntax)
        dce = session.bind(transfer_syntax=ndr64)
        answer = ask(dce, "ApiCreateEnum", Type=1)
    expect(answer["ErrorCode"] == 0, f"code {answer['ErrorCode']}")
    expect(answer["List"]["EntryCount"] > 0, "no node")


@check
def version_is_reported(options):
    with Session(options) as session:
        dce = session.bind()
        old = ask(dce, "ApiGetClusterVersion")
        new = ask(dce, "ApiGetClusterVersion2")
    expect(old["ErrorCode"] == 120, f"ApiGetClusterVersion: code {old['ErrorCode']}")
    expect(new["ErrorCode"] == 0, f"ApiGetClusterVersion2: code {new['ErrorCode']}")
    expect(new["Info"]["Size"] == 20, f"version info of {new['Info']['Size']} bytes")


@check
def nodes_open_and_have_state_and_id(options):
    with Session(options) as session:
        dce = session.bind()
        nodes = ask(dce, "ApiCreateEnum", Type=1)["List"]["Entry"]
        for node in nodes:
            opened = ask(dce, "ApiOpenNode", Name=node["Name"])
            expect(opened["Status"] == 0, f"{node['Name']!r}: code {opened['Status']}")
            state = ask(dce, "ApiGetNodeState", Node=opened["Handle"])
            expect(state["ErrorCode"] == 0 and state["State"] <= 3, f"state of {node['Name']!r}")
            expect(ask(dce, "ApiGetNodeId", Node=opened["Handle"])["Id"][:-1].isdigit(), "node id")
        expect(len(nodes) > 0, "no node")


@check
def cluster_instance_id_is_readable(options):
    with Session(options) as session:
        dce = session.bind()
        root = ask(dce, "ApiGetRootKey", samDesired=0x20019)
        expect(root["Status"] == 0, f"root key: code {root['Status']}")
        value = ask(dce, "ApiQueryValue", Key=root["Handle"],
                    ValueName=clusapi.wide("ClusterInstanceID"), cbData=512)
    expect(value["ErrorCode"] == 0, f"code {value['ErrorCode']}")


def open_cluster(dce):
    opened = ask(dce, "ApiOpenCluster")
    expect(opened["Status"] == 0, f"ApiOpenCluster: code {opened['Status']}")
    return opened["Handle"]


def get_fqdn(dce, cluster, filler):
    """CLUSCTL_CLUSTER_GET_FQDN has no input; a filler of any size must not change the answer."""
    answer = ask(dce, "ApiClusterControl", Cluster=cluster, ControlCode=0x0700003D,
                 InBuffer=filler or clusapi.NULL, InSize=len(filler), OutSize=2048)
    return answer["ErrorCode"], answer["Returned"], b"".join(answer["OutBuffer"])


@check
def request_in_many_fragments_is_reassembled(options):
    with Session(options) as session:
        dce = session.bind()
        cluster = open_cluster(dce)
        short = get_fqdn(dce, cluster, b"")
        dce.set_max_fragment_size(1000)
        long = get_fqdn(dce, cluster, b"clusbridge" * 6400)
    expect(short[0] == 0 and short[1] > 2, f"without input: {short}")
    expect(long == short, f"with 64000 bytes of input: {long}")


@check
def response_in_many_fragments_is_whole(options):
    original = rpcrt.MSRPCBind

    def small_receiver(*arguments, **keywords):
        bind = original(*arguments, **keywords)
        bind["max_rfrag"] = bind["max_tfrag"] = 2048
        return bind

    rpcrt.MSRPCBind = small_receiver
    try:
        with Session(options) as session:
            dce = session.bind()
            session.count_fragments()
            # Everything but the internal networks, which stand alone.
            answer = ask(dce, "ApiCreateEnum", Type=0x3F)
    finally:
        rpcrt.MSRPCBind = original
    expect(answer["ErrorCode"] == 0, f"code {answer['ErrorCode']}")
    expect(len(answer["List"]["Entry"]) == answer["List"]["EntryCount"], "entries are missing")
    expect(session.fragments > 1, f"{session.fragments} fragment, too few objects?")


@check
def second_interface_joins_with_its_own_security_context(options):
    with Session(options) as session:
        first = session.bind()
        second = first.alter_ctx(mgmt.MSRPC_UUID_MGMT)
        expect(mgmt.his_server_listening(second)["status"] == 0, "second context")


@check
def wrong_password_is_refused(options):
    with Session(options, password=options.password + "x") as session:
        expect_refused(session)


@check
def unknown_user_is_refused(options):
    with Session(options, user="nobody-of-that-name") as session:
        expect_refused(session)


@check
def ntlm_version_one_is_refused(options):
    with Session(options, ntlmv1=True) as session:
        expect_refused(session)


@check
def anonymous_ntlm_is_refused(options):
    with Session(options, user="", password="") as session:
        expect_refused(session)


@check
def no_authentication_is_refused(options):
    with Session(options, level=NONE) as session:
        expect_refused(session)


@check
def foreign_handle_is_a_context_mismatch(options):
    with Session(options) as session:
        dce = session.bind()
        expect_fault(lambda: ask(dce, "ApiGetNodeState", Node=b"\0" * 4 + b"\x5a" * 16),
                     "context_mismatch", "1c00001a", "1C00001A")
        expect(ask(dce, "ApiGetClusterName")["ErrorCode"] == 0, "the connection did not survive")


@check
def closed_handle_is_a_context_mismatch(options):
    with Session(options) as session:
        dce = session.bind()
        cluster = open_cluster(dce)
        closed = ask(dce, "ApiCloseCluster", Cluster=cluster)
        expect(closed["ErrorCode"] == 0, f"code {closed['ErrorCode']}")
        expect(bytes(closed["Cluster"]) == b"\0" * 20, "the handle is not zeroed")
        expect_fault(lambda: ask(dce, "ApiCloseCluster", Cluster=cluster),
                     "context_mismatch", "1c00001a", "1C00001A")


def raw_call(dce, opnum, stub):
    dce.call(opnum, stub)
    return dce.recv()


@check
def reserved_and_unknown_opnums_are_out_of_range(options):
    with Session(options) as session:
        dce = session.bind()
        for opnum in (80, 111, 140, 141, 142, 148, 4000):
            expect_fault(lambda number=opnum: raw_call(dce, number, b"\0" * 64),
                         "nca_s_op_rng_error")


@check
def truncated_and_inconsistent_stubs_are_bad_stub_data(options):
    def text(maximum, offset, actual, characters):
        return struct.pack("<III", maximum, offset, actual) + characters.encode("utf-16-le")

    stubs = ((7, b"\1\0"), (66, b""), (68, b"\0" * 19), (66, text(2, 0, 3, "ab\0")),
             (66, text(4, 1, 3, "ab\0")), (66, text(2, 0, 2, "ab")), (66, text(9, 0, 9, "ab\0")),
             (66, text(0, 0, 0, "")), (66, text(0xFFFFFFFF, 0, 0xFFFFFFFF, "ab\0")))
    with Session(options) as session:
        dce = session.bind()
        for opnum, stub in stubs:
            expect_fault(lambda n=opnum, s=stub: raw_call(dce, n, s), "bad_stub_data")


def sealed_requests(session, count):
    """So many sealed requests in their order, not sent."""
    dce, made, send = session.bind(), [], session.transport.send
    session.transport.send = lambda data, *_, **__: made.append(data)
    for _ in range(count):
        dce.call(3, b"")  # ApiGetClusterName
    session.transport.send = send
    return made


def expect_end(session, *pdus):
    """The last of the PDUs is answered with fault sec_pkg_error and the end of the connection."""
    socket = session.transport.get_socket()
    socket.settimeout(TIMEOUT)
    for pdu in pdus:
        socket.sendall(pdu)
    stream, last = b"", b""
    while part := socket.recv(65536):
        stream += part
    while stream:
        length = struct.unpack_from("<H", stream, 8)[0]
        last, stream = stream[:length], stream[length:]
    expect(last and last[2] == 3, f"the last answer is {last[:28].hex() or 'none'}, not a fault")
    status = struct.unpack_from("<I", last, 24)[0]
    expect(status == 0x721, f"fault 0x{status:x}")


@check
def replayed_request_ends_the_connection(options):
    with Session(options) as session:
        request, = sealed_requests(session, 1)
        expect_end(session, request, request)


@check
def requests_in_another_order_end_the_connection(options):
    with Session(options) as session:
        first, second = sealed_requests(session, 2)
        expect_end(session, second, first)


@check
def changed_request_ends_the_connection(options):
    with Session(options) as session:
        request, = sealed_requests(session, 1)
        expect_end(session, request[:-1] + bytes([request[-1] ^ 1]))


def kerberos_session(options, level, host=None):
    if not options.ccache:
        raise Skip("no --ccache")
    os.environ["KRB5CCNAME"] = options.ccache.removeprefix("FILE:")
    return Session(options, level=level, kerberos=host or options.kerberos_host)


@check
def kerberos_privacy_level_reads_the_cluster_name(options):
    with kerberos_session(options, PRIVACY) as session:
        answer = ask(session.bind(), "ApiGetClusterName")
        expect(answer["ErrorCode"] == 0 and len(answer["ClusterName"]) > 1, "no name")


@check
def kerberos_connect_level_is_refused(options):
    with kerberos_session(options, CONNECT) as session:
        expect_refused(session)


@check
def kerberos_ticket_for_another_host_is_refused(options):
    if not options.other_kerberos_host:
        raise Skip("no --other-kerberos-host")
    with kerberos_session(options, PRIVACY, options.other_kerberos_host) as session:
        # In a bind that is a bind_nak without a reason.
        expect_refused(session, "Bind context rejected: reason_not_specified")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    environment = os.environ.get
    parser.add_argument("--host", default=environment("CLUSBRIDGE_HOST", "127.0.0.1"))
    parser.add_argument("--epm-port", default=environment("CLUSBRIDGE_EPM_PORT", "135"),
                        help="endpoint mapper; empty or 0: not tested")
    parser.add_argument("--port", default=environment("CLUSBRIDGE_CLUSAPI_PORT", "49343"))
    parser.add_argument("--user", default=environment("CLUSBRIDGE_USER", "Administrator"))
    parser.add_argument("--password", default=environment("CLUSBRIDGE_PASSWORD", ""))
    parser.add_argument("--domain", default=environment("CLUSBRIDGE_DOMAIN", ""))
    parser.add_argument("--ccache", default=environment("CLUSBRIDGE_CCACHE", ""))
    parser.add_argument("--kerberos-host",
                        default=environment("CLUSBRIDGE_KERBEROS_HOST", "localhost"))
    parser.add_argument("--other-kerberos-host",
                        default=environment("CLUSBRIDGE_OTHER_KERBEROS_HOST", ""),
                        help="one whose keys the server lacks; the cache holds a ticket for it too")
    parser.add_argument("--only", default="", help="checks whose name holds this text")
    options = parser.parse_args()
    options.epm_port = "" if options.epm_port in ("", "0", "null") else options.epm_port
    return options


def main():
    options = parse_arguments()
    passed = failed = skipped = 0
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        if options.only not in name and options.only not in function.__name__:
            continue
        ntlm.USE_NTLMv2 = True
        try:
            with limited_time(ONE_CHECK):
                function(options)
        except Skip as reason:
            skipped += 1
            print(f"skipped {name}: {reason}")
        except Exception as error:  # pylint: disable=broad-except; any way to fail is a failure
            failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}")
        else:
            passed += 1
            print(f"ok      {name}")
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
