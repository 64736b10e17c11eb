// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/schema_builder.hpp"

/// Nodes, groups, resources and their types, networks, interfaces. MS-CMRP gives none of these
/// lists; names, formats and defaults follow the published reference, the order that of captured
/// replies where one is known.
namespace bridge::model::schema_builder {

namespace {
constexpr std::uint32_t none = 0xFFFFFFFF; ///< "not set" and "never" of the DWORD properties
constexpr auto ro = mode::read_only;
} // namespace

std::vector<property_schema> node_schema() {
    return {
        text("NodeName", ro),
        dword("NodeHighestVersion", 0, ro),
        dword("NodeLowestVersion", 0, ro),
        dword("MajorVersion", 0, ro),
        dword("MinorVersion", 0, ro),
        dword("BuildNumber", 0, ro),
        text("CSDVersion", ro),
        text("Description"),
        dword("NodeDrainStatus", 0, ro),
        dword("NodeDrainTarget", none, ro),
        dword("DynamicWeight", 1, ro),
        dword("NodeWeight", 1),
    };
}

std::vector<property_schema> group_schema() {
    return {
        text("Name", ro),
        text("Description"),
        dword("PersistentState"),
        dword("FailoverThreshold", none),
        dword("FailoverPeriod", 6),
        dword("AutoFailbackType"),
        dword("FailbackWindowStart", none),
        dword("FailbackWindowEnd", none),
        dword("Priority", 2000),
        dword("DefaultOwner", none),
        texts("AntiAffinityClassNames"),
        dword("GroupStartDelay"),
        dword("GroupType", 9999, ro),
        ularge("StatusInformation", 0, ro),
    };
}

std::vector<property_schema> resource_schema() {
    return {
        text("Name", ro),
        dword("DeadlockTimeout", 300000),
        text("Description"),
        dword("IsAlivePollInterval", none),
        dword("LooksAlivePollInterval", none),
        dword("PendingTimeout", 180000),
        dword("PersistentState"),
        dword("RestartAction", 2),
        dword("RestartDelay", 500),
        dword("RestartPeriod", 900000),
        dword("RestartThreshold", 1),
        dword("RetryPeriodOnFailure", 3600000),
        dword("SeparateMonitor"),
        text("Type"),
        text("ResourceSpecificStatus"),
        dword("MonitorProcessId", 0, ro),
        ularge("StatusInformation", 0, ro),
        ularge("LastOperationStatusCode", 0, ro),
        ularge("ResourceSpecificData1", 0, ro),
        ularge("ResourceSpecificData2", 0, ro),
    };
}

std::vector<property_schema> resource_type_schema() {
    return {
        text("Name"),
        text("Description"),
        text("DllName", ro),
        texts("AdminExtensions"),
        dword("LooksAlivePollInterval", 5000),
        dword("IsAlivePollInterval", 60000),
        dword("PendingTimeout", 180000),
        dword("DeadlockTimeout", 300000),
    };
}

std::vector<property_schema> network_schema() {
    return {
        text("Name", ro),
        texts("IPv6Addresses", ro),
        texts("IPv6PrefixLengths", ro),
        texts("IPv4Addresses", ro),
        texts("IPv4PrefixLengths", ro),
        text("Address", ro),
        text("AddressMask", ro),
        text("Description"),
        dword("Role", 3),
        dword("Metric"),
        dword("AutoMetric", 1),
    };
}

std::vector<property_schema> net_interface_schema() {
    return {
        text("Name", ro),    text("Node", ro),           text("Network", ro),
        text("Adapter", ro), text("AdapterId", ro),      dword("DhcpEnabled", 0, ro),
        text("Address", ro), texts("IPv6Addresses", ro), texts("IPv4Addresses", ro),
        text("Description"),
    };
}

} // namespace bridge::model::schema_builder
