// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/collection.hpp"
#include "bridge/model/property.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// The cluster as ClusAPI shows it, at one moment. All values are immutable once a snapshot is
/// published; text is UTF-8; identifiers are the strings that ClusAPI gives out (lower-case GUIDs,
/// decimal node numbers).
namespace bridge::model {

/// MS-CMRP 3.1.4.2.67.
enum class node_state : std::uint32_t { up = 0, down = 1, paused = 2, joining = 3 };
/// MS-CMRP 3.1.4.2.46.
enum class group_state : std::uint32_t {
    online = 0,
    offline = 1,
    failed = 2,
    partial_online = 3,
    pending = 4
};
/// MS-CMRP 3.1.4.2.13.
enum class resource_state : std::uint32_t {
    initializing = 1,
    online = 2,
    offline = 3,
    failed = 4,
    online_pending = 0x81,
    offline_pending = 0x82,
};
/// MS-CMRP 3.1.4.2.85.
enum class network_state : std::uint32_t { unavailable = 0, down = 1, partitioned = 2, up = 3 };
/// MS-CMRP 3.1.4.2.92.
enum class net_interface_state : std::uint32_t {
    unavailable = 0,
    failed = 1,
    unreachable = 2,
    up = 3
};
/// CLUSTER_RESOURCE_CLASS (MS-CMRP 2.2.3.12).
enum class resource_class : std::uint32_t { unknown = 0, storage = 1, network = 2 };

inline constexpr std::uint32_t flag_core = 1;                ///< CLUS_FLAG_CORE
inline constexpr std::uint32_t subclass_shared = 0x80000000; ///< shared storage, or an IP address

/// What an object that ClusAPI calls a group is in Pacemaker.
enum class group_kind : std::uint8_t {
    anchor,         ///< made through ClusAPI: an anchor primitive and its members
    native,         ///< a `<group>`
    lone_primitive, ///< a primitive in no group
    clone_instance, ///< one node's instance of a clone or bundle
    fencing,        ///< a stonith device
    core,           ///< "Cluster Group", "Available Storage"
};

struct node {
    std::string id; ///< decimal
    std::string name;
    std::string cib_id; ///< uname in the CIB
    node_state state = node_state::down;
    bool remote = false;
    std::uint32_t weight = 1;         ///< configured vote
    std::uint32_t dynamic_weight = 1; ///< vote that counts now
    property_list common; ///< values that differ from the schema's default, or are computed
    property_list private_properties;

    bool operator==(const node&) const = default;
};

struct group {
    std::string id;
    std::string name;
    std::string cib_id;
    group_kind kind = group_kind::anchor;
    group_state state = group_state::offline;
    bool persistent_online = false;
    std::uint32_t flags = 0;
    std::uint32_t type = 9999;                 ///< GroupType
    std::string owner;                         ///< node id; never empty once a node exists
    std::vector<std::string> resources;        ///< ids, in CIB order
    std::vector<std::string> preferred_owners; ///< node ids, best first
    property_list common;
    property_list private_properties;

    bool operator==(const group&) const = default;
};

struct resource {
    std::string id;
    std::string name;
    std::string cib_id;
    std::string type;  ///< name of its resource type
    std::string group; ///< id of its group
    resource_state state = resource_state::offline;
    bool persistent_online = false;
    bool locked = false;      ///< not managed, or in maintenance
    bool maintenance = false; ///< maintenance mode of a storage resource
    std::uint32_t flags = 0;
    std::uint32_t characteristics = 0;
    resource_class class_ = resource_class::unknown;
    std::uint32_t subclass = 0;
    /// Conjunction of disjunctions of resource ids: ([0][0] or [0][1]) and ([1][0]).
    std::vector<std::vector<std::string>> dependencies;
    std::vector<std::string> dependents; ///< ids of the resources whose dependencies name this one
    std::vector<std::string> possible_owners; ///< node ids
    property_list common;
    property_list private_properties; ///< agent parameters; secret ones left out

    bool operator==(const resource&) const = default;
};

/// One item of GET_REQUIRED_DEPENDENCIES: a class of resource, or a type name.
struct required_dependency {
    resource_class class_ = resource_class::unknown;
    std::uint32_t subclass = 0;
    std::string type_name; ///< when not empty, the dependency is on this type

    bool operator==(const required_dependency&) const = default;
};

/// How the value of a private property stands in the parameters of the agent.
enum class parameter_form : std::uint8_t {
    text,       ///< as it is
    number,     ///< decimal
    boolean,    ///< true, yes... as 1
    netmask,    ///< a prefix length, shown as a dotted mask
    agent_type, ///< not a parameter: the type part of the agent's own name (a systemd unit)
    network_of, ///< not a parameter: name of the network that holds the address in the parameter;
                ///< read-only
};

/// A private property and the agent's parameter that is its home.
struct parameter_binding {
    std::string property;
    std::string parameter;
    parameter_form form = parameter_form::text;

    bool operator==(const parameter_binding&) const = default;
};

/// Primitives that are of a type.
struct agent_match {
    std::string agent; ///< "class:provider:type"; a '*' at the end stands for any rest
    std::string
        parameter; ///< not empty: only if this parameter holds `text` (or does not, `absent`)
    std::string text;
    bool absent = false;

    bool operator==(const agent_match&) const = default;
};

struct resource_type {
    std::string id; ///< always empty (types have no identifier)
    std::string name;
    std::string display_name;
    std::string dll_name; ///< "class:provider:type" of the agent
    std::string description;
    resource_class class_ = resource_class::unknown;
    std::uint32_t subclass = 0;
    std::uint32_t characteristics = 0;
    std::uint32_t flags = 0;
    std::uint32_t looks_alive_interval_ms = 5000;
    std::uint32_t is_alive_interval_ms = 60000;
    std::uint32_t pending_timeout_ms = 180000;
    std::uint32_t arbitration_timeout_s = 0; ///< quorum-capable types only
    std::vector<required_dependency> required_dependencies;
    std::vector<property_schema>
        resource_private_schema;     ///< private properties of resources of this type
    std::vector<std::string> nodes;  ///< ids of the nodes where the agent is installed
    std::vector<agent_match> agents; ///< the first one is used for new resources; none: no code
    std::vector<parameter_binding>
        bindings; ///< parameters that are not named are shown under their own name
    property_list common;
    property_list private_properties;

    bool operator==(const resource_type&) const = default;
};

struct network {
    std::string id;
    std::string name;
    network_state state = network_state::unavailable;
    std::uint32_t role = 3;       ///< 0 none, 1 cluster, 2 client, 3 both
    std::string address;          ///< of the subnet
    std::string mask;             ///< dotted for IPv4, empty for IPv6 only
    bool cluster_internal = true; ///< corosync uses it
    property_list common;
    property_list private_properties;

    bool operator==(const network&) const = default;
};

struct net_interface {
    std::string id;
    std::string name;    ///< "node - adapter"
    std::string node;    ///< node id
    std::string network; ///< network id
    std::string adapter;
    std::string adapter_id;
    std::string address;
    net_interface_state state = net_interface_state::unavailable;
    property_list common;
    property_list private_properties;

    bool operator==(const net_interface&) const = default;
};

/// MS-CMRP 3.1.4.2.6 as facts: empty names and type 0 stand for node majority.
struct quorum {
    std::string resource_name;
    std::string device_path;
    std::uint32_t type = 0;
    bool quorate = false;
    std::uint32_t votes = 0;
    std::uint32_t expected_votes = 0;

    bool operator==(const quorum&) const = default;
};

/// Version of the CIB (admin_epoch, epoch, num_updates) that a snapshot shows.
struct cib_version {
    std::uint32_t admin_epoch = 0;
    std::uint32_t epoch = 0;
    std::uint32_t num_updates = 0;

    auto operator<=>(const cib_version&) const = default;
};

struct cluster {
    std::string id; ///< GUID
    std::string name;
    std::string domain; ///< DNS suffix; empty outside a domain
    std::string description;
    property_list common;
    property_list private_properties;

    bool operator==(const cluster&) const = default;
};

/// What a method may do now (MS-CMRP 3.1.1, protocol server state).
enum class server_state : std::uint8_t { none, read_only, read_write };

struct snapshot {
    cib_version version;
    std::shared_ptr<const cluster> info;
    collection<node> nodes;
    collection<group> groups;
    collection<resource> resources;
    collection<resource_type> types;
    collection<network> networks;
    collection<net_interface> interfaces;
    quorum quorum_info;
};

using snapshot_ptr = std::shared_ptr<const snapshot>;

} // namespace bridge::model
