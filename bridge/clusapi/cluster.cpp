// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"

namespace bridge::clusapi {

reply<wire::ApiOpenCluster_out> open_cluster(call& c, const wire::ApiOpenCluster_in&) {
    return opened<wire::ApiOpenCluster_out>(
        c, std::make_shared<handle>(handle_kind::cluster, access_level::all, std::string{}));
}

reply<wire::ApiOpenClusterEx_out> open_cluster_ex(call& c, const wire::ApiOpenClusterEx_in& in) {
    const auto level = granted(c, in.dwDesiredAccess);
    if (!level)
        return level.error();
    wire::ApiOpenClusterEx_out out;
    out.lpdwGrantedAccess = granted_mask(*level);
    return opened(c, std::make_shared<handle>(handle_kind::cluster, *level, std::string{}),
                  std::move(out));
}

reply<wire::ApiCloseCluster_out> close_cluster(call& c, const wire::ApiCloseCluster_in& in) {
    return closed<wire::ApiCloseCluster_out>(c, in.Cluster);
}

reply<wire::ApiGetClusterName_out> get_cluster_name(call& c, const wire::ApiGetClusterName_in&) {
    const auto node = c.cluster->nodes.find_id(c.server.cluster.local_node());
    wire::ApiGetClusterName_out out;
    out.ClusterName = wide(c.cluster->info->name);
    out.NodeName = wide(node ? node->name : std::string_view{});
    return out;
}

reply<wire::ApiGetClusterVersion2_out> get_cluster_version2(call& c,
                                                            const wire::ApiGetClusterVersion2_in&) {
    const model::personality& shown = c.server.shown_as;
    wire::ApiGetClusterVersion2_out out;
    out.lpwMajorVersion = shown.major;
    out.lpwMinorVersion = shown.minor;
    out.lpwBuildNumber = shown.build;
    out.lpszVendorId = wide(shown.vendor);
    out.lpszCSDVersion = wide(shown.csd_version);
    auto& version = out.ppClusterOpVerInfo.emplace();
    version.dwSize = operational_version_size;
    version.dwClusterHighestVersion = shown.highest;
    version.dwClusterLowestVersion = shown.lowest;
    return out;
}

reply<wire::ApiGetQuorumResource_out> get_quorum_resource(call& c,
                                                          const wire::ApiGetQuorumResource_in&) {
    const model::quorum& quorum = c.cluster->quorum_info;
    wire::ApiGetQuorumResource_out out;
    out.lpszResourceName = wide(quorum.resource_name);
    out.lpszDeviceName = wide(quorum.device_path);
    out.pdwMaxQuorumLogSize = quorum.type;
    return out;
}

} // namespace bridge::clusapi
