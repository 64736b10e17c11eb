// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/schema_builder.hpp"

namespace bridge::model::schema_builder {

// MS-CMRP names no property of the cluster. Names, formats and defaults follow the published
// reference of cluster common properties; the order of the writable ones follows what Windows
// returns.
std::vector<property_schema> cluster_schema() {
    constexpr auto ro = mode::read_only;
    return {
        dword("AddEvictDelay", 60),
        dword("AdminAccessPoint", 1, ro),
        dword("BackupInProgress"),
        dword("ClusSvcHangTimeout", 60),
        dword("ClusSvcRegroupOpeningTimeout", 5, ro),
        dword("ClusSvcRegroupPruningTimeout", 5, ro),
        dword("ClusSvcRegroupStageTimeout", 7),
        dword("ClusSvcRegroupTickInMilliseconds", 300),
        dword("ClusterGroupWaitDelay", 120),
        dword("MinimumPreemptorPriority", 1),
        dword("MinimumNeverPreemptPriority", 3000),
        dword("ClusterEnforcedAntiaffinity"),
        dword("ClusterLogLevel", 3),
        dword("ClusterLogSize", 300),
        dword("CrossSubnetDelay", 1000),
        dword("CrossSubnetThreshold", 5),
        dword("DefaultNetworkRole", 3),
        text("Description"),
        dword("DisableGroupPreferredOwnerRandomization"),
        dword("EnableSharedVolumes"),
        dword("SharedVolumeVssWriterOperationTimeout", 1800),
        dword("UseClientAccessNetworksForSharedVolumes"),
        dword("FixQuorum", 0, ro),
        dword("HangRecoveryAction", 3),
        dword("LogResourceControls"),
        dword("PlumbAllCrossSubnetRoutes"),
        dword("PreventQuorum", 0, ro),
        dword("QuorumArbitrationTimeMax", 20),
        dword("QuorumArbitrationTimeMin", 7),
        dword("RequestReplyTimeout", 60),
        dword("RootMemoryReserved", 0xFFFFFFFF),
        dword("SameSubnetDelay", 1000),
        dword("SameSubnetThreshold", 5),
        bytes("Security Descriptor"),
        dword("SecurityLevel", 1),
        texts("SharedVolumeCompatibleFilters"),
        texts("SharedVolumeIncompatibleFilters"),
        text("SharedVolumesRoot", ro),
        dword("ShutdownTimeoutInMinutes", 20),
        dword("WitnessDatabaseWriteTimeout", 300),
        dword("WitnessDynamicWeight", 0, ro),
        dword("WitnessRestartInterval", 15),
        bytes("SharedVolumeSecurityDescriptor"),
        dword("BlockCacheSize"),
        dword("RouteHistoryLength", 10),
        dword("DynamicQuorumEnabled", 1),
        filetime("RecentEventsResetTime"),
        dword("DrainOnShutdown", 1),
        dword("DatabaseReadWriteMode"),
        dword("NetftIPSecEnabled", 1),
        dword("CsvBalancer", 1),
        dword("MessageBufferLength", 50),
        dword("LowerQuorumPriorityNodeId"),
        dword("IgnorePersistentStateOnStartup"),
    };
}

} // namespace bridge::model::schema_builder
