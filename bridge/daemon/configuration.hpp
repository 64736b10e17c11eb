// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::daemon {

/// What an administrator sets per node (clusbridged.toml). Every member is one key of the table in
/// configuration.cpp, which also gives the section; docs/configuration.md explains each.
struct configuration {
    // [cluster]
    std::string cluster_name;   ///< empty: corosync's cluster_name
    std::string cluster_domain; ///< DNS suffix; empty: none
    std::string cluster_id;     ///< GUID to begin with; empty: a random one. Kept in the registry
    std::string cluster_description; ///< shown as the property Description
    // [rpc]
    std::vector<std::string> rpc_addresses{"0.0.0.0"};
    std::uint32_t rpc_port = 49343; ///< ClusAPI's fixed port
    bool endpoint_mapper = true;
    std::uint32_t endpoint_mapper_port = 135;
    // [authentication]
    std::string accounts_file = "/etc/clusbridge/accounts";
    std::string keytab = "/etc/clusbridge/clusbridge.keytab";
    bool winbind = true;
    std::string administrators_group = "haclient"; ///< Unix group whose members are administrators
    bool anonymous =
        false; ///< let nobody prove that they are nobody; ClusAPI refuses them all the same
    // [access]
    std::string security_descriptor =
        "O:BAG:BAD:(A;;GA;;;BA)(A;;GA;;;SY)"; ///< of the cluster, SDDL
    // [resource_types]
    std::vector<std::string> agent_standards{"ocf", "stonith",
                                             "systemd"}; ///< agents shown under their own name
    // [personality]
    std::uint32_t major_version = 6;
    std::uint32_t minor_version = 3;
    std::uint32_t build_number = 9600;
    std::uint32_t cluster_version = 0x00082580; ///< highest and lowest version of every node
    // [log]
    std::string log_level = "info"; ///< error, warning, info, debug
    // [state]
    std::string state_directory = "/var/lib/clusbridge";
    // [control]
    std::string control_socket = "/run/clusbridge/control.sock"; ///< empty: none
    // [registry]
    bool unsafe_two_node = false; ///< of two nodes one goes on without proof that the other is dead
    // [storage]
    std::string disks_file; ///< stands in for this machine's disks; empty: those of the machine
    // [limits]
    std::uint32_t connections = 2048;
    std::uint32_t connections_per_source = 128;
    std::uint32_t unauthenticated_connections = 512;
    std::uint32_t bind_timeout_s = 15;
    std::uint32_t pdu_timeout_s = 30;
    std::uint32_t write_timeout_s = 30;
    std::uint32_t idle_timeout_s = 0; ///< 0: never
    std::uint32_t request_bytes = 4u << 20;
    std::uint32_t reassembly_bytes = 128u << 20;
    std::uint32_t waiting_calls = 128;
    std::uint32_t context_handles = 16384;
    std::uint32_t context_handles_of_an_identity = 32768;
    std::uint32_t context_handles_in_all = 131072;
    std::uint32_t authentications = 64;
    std::uint32_t authentications_per_source = 8;
    std::uint32_t authentication_failures_per_minute = 10; ///< of one source; 0: no limit
};

/// A key with its section in front ("rpc.port"), and its value as TOML spells it.
struct configuration_entry {
    std::string key;
    std::string value;
};

/// All keys, in the order of the table.
std::vector<configuration_entry> entries_of(const configuration& c);

/// A configuration that cannot be used; the text names file, line and, for an unknown key, the
/// nearest known one.
struct configuration_error : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Reads a file over the defaults. Throws configuration_error.
configuration read_configuration(const std::filesystem::path& file);

/// The same from text; `origin` stands for the file's name in messages.
configuration parse_configuration(std::string_view text, std::string_view origin);

} // namespace bridge::daemon
