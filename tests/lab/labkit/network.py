# SPDX-License-Identifier: Apache-2.0
"""Bridges and network namespaces of a lab: one namespace a node and one for clients."""
import json

from .place import (CLIENT, CLIENT_OCTET, HOST_OCTET, NET, SECOND_NET, TAG, node_namespace)
from .processes import sh


def _bridge(name, net):
    sh("ip", "link", "add", name, "type", "bridge")
    sh("ip", "addr", "add", f"{net}.{HOST_OCTET}/24", "dev", name)
    sh("ip", "link", "set", name, "up")


def _namespace(name):
    sh("ip", "netns", "add", name)
    sh("ip", "-n", name, "link", "set", "lo", "up")


def _plug(namespace, bridge, outer, device, alias, address):
    sh("ip", "link", "add", outer, "type", "veth", "peer", "name", device, "netns", namespace)
    sh("ip", "link", "set", outer, "master", bridge, "up")
    sh("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", device)
    sh("ip", "-n", namespace, "link", "set", device, "alias", alias)
    sh("ip", "-n", namespace, "link", "set", device, "up")


def make_network(state):
    first, second = TAG + "br", TAG + "brb"
    _bridge(first, NET)
    if state["links"] > 1:
        _bridge(second, SECOND_NET)
    for i in range(1, state["nodes"] + 1):
        _namespace(node_namespace(i))
        _plug(node_namespace(i), first, f"{TAG}v{i}", "eth0", "Ethernet", f"{NET}.{i}")
        if state["links"] > 1:
            _plug(node_namespace(i), second, f"{TAG}w{i}", "eth1", "Ethernet 2", f"{SECOND_NET}.{i}")
    _namespace(CLIENT)
    _plug(CLIENT, first, TAG + "c", "eth0", "Client", f"{NET}.{CLIENT_OCTET}")


def namespaces():
    """Of this lab, that exist."""
    listed = sh("ip", "-j", "netns", "list").stdout
    return [n["name"] for n in json.loads(listed or "[]") if n["name"].startswith(TAG + "-")]


def links():
    """Of this lab, that exist on this side."""
    listed = json.loads(sh("ip", "-j", "link", "show").stdout)
    return [link["ifname"] for link in listed if link["ifname"].startswith(TAG)]


def remove_network():
    # The outer ends first: with its namespace alone a link goes some time later.
    for name in links():
        sh("ip", "link", "del", name, check=False)
    for name in namespaces():
        sh("ip", "netns", "del", name, check=False)


def set_link(i, state):
    sh("ip", "link", "set", f"{TAG}v{i}", state)
