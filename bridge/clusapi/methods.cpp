// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/skeleton.hpp"

/// The single list of methods: one row an opnum, in order, complete.
namespace bridge::clusapi {

namespace {

// What a row may need (MS-CMRP 3.1.4.2). Named for the access; the state is the one its methods
// share.
constexpr rule closing{access_kind::free, access_level::none, state_kind::read_only, false};
constexpr rule read_call{access_kind::at_call, access_level::read, state_kind::read_only, false};
constexpr rule enum_call{access_kind::at_call, access_level::read, state_kind::read_only_for_nodes,
                         false};
constexpr rule all_open{access_kind::at_call, access_level::all, state_kind::read_only, false};
constexpr rule open_call{access_kind::on_open, access_level::read, state_kind::read_only, false};
constexpr rule change_call{access_kind::at_call, access_level::all, state_kind::read_write, true};
constexpr rule read_handle{access_kind::on_handle, access_level::read, state_kind::read_only,
                           false};
constexpr rule enum_handle{access_kind::on_handle, access_level::read,
                           state_kind::read_only_for_nodes, false};
constexpr rule list_handle{access_kind::on_handle, access_level::read, state_kind::read_write,
                           false};
constexpr rule change_handle{access_kind::on_handle, access_level::all, state_kind::read_write,
                             true};
constexpr rule control_code{access_kind::control, access_level::read, state_kind::control, false};

template <auto Member>
using on_cluster = on<Member, handle_kind::cluster>;
template <auto Member>
using on_node = on<Member, handle_kind::node>;
template <auto Member>
using on_group = on<Member, handle_kind::group>;
template <auto Member>
using on_resource = on<Member, handle_kind::resource>;
template <auto Member>
using on_key = on<Member, handle_kind::key>;
template <auto Member>
using on_notify = on<Member, handle_kind::notify>;
template <auto Member>
using on_network = on<Member, handle_kind::network>;
template <auto Member>
using on_net_interface = on<Member, handle_kind::net_interface>;
template <auto Member>
using on_batch_port = on<Member, handle_kind::batch_port>;
template <auto Member>
using on_any = on<Member, handle_kind::any>;

template <class Method, auto Handler, rule Needs, class... Handles>
constexpr method_row served() {
    return {Method::opnum, Method::name, Needs, coverage::served,
            &serve<Method, Handler, Handles...>};
}

/// Waits for the registry, or for whatever its handler waits for.
template <class Method, auto Handler, rule Needs, class... Handles>
constexpr method_row served_later() {
    return {Method::opnum, Method::name, Needs, coverage::served,
            &serve_later<Method, Handler, Handles...>};
}

template <class Method, rule Needs, class... Handles>
constexpr method_row to_come() {
    return {Method::opnum, Method::name, Needs, coverage::to_come,
            &serve<Method, &not_implemented<Method>, Handles...>};
}

template <class Method, rule Needs, class... Handles>
constexpr method_row unsupported() {
    return {Method::opnum, Method::name, Needs, coverage::unsupported,
            &serve<Method, &not_implemented<Method>, Handles...>};
}

constexpr method_row reserved(std::uint16_t opnum, std::string_view name) {
    return {opnum, name, {}, coverage::reserved, {}};
}

constexpr std::array rows{
    served<wire::ApiOpenCluster, open_cluster, all_open>(),
    served<wire::ApiCloseCluster, close_cluster, closing,
           on_cluster<&wire::ApiCloseCluster_in::Cluster>>(),
    to_come<wire::ApiSetClusterName, change_call>(),
    served<wire::ApiGetClusterName, get_cluster_name, read_call>(),
    unsupported<wire::ApiGetClusterVersion, read_call>(),
    served<wire::ApiGetQuorumResource, get_quorum_resource, read_call>(),
    to_come<wire::ApiSetQuorumResource, change_call,
            on_resource<&wire::ApiSetQuorumResource_in::hResource>>(),
    served<wire::ApiCreateEnum, create_enum, enum_call>(),
    served<wire::ApiOpenResource, open_resource, all_open>(),
    to_come<wire::ApiCreateResource, change_handle,
            on_group<&wire::ApiCreateResource_in::hGroup>>(),
    to_come<wire::ApiDeleteResource, change_handle,
            on_resource<&wire::ApiDeleteResource_in::hResource>>(),
    served<wire::ApiCloseResource, close_resource, closing,
           on_resource<&wire::ApiCloseResource_in::Resource>>(),
    served<wire::ApiGetResourceState, get_resource_state, read_handle,
           on_resource<&wire::ApiGetResourceState_in::hResource>>(),
    to_come<wire::ApiSetResourceName, change_handle,
            on_resource<&wire::ApiSetResourceName_in::hResource>>(),
    served<wire::ApiGetResourceId, get_resource_id, read_handle,
           on_resource<&wire::ApiGetResourceId_in::hResource>>(),
    served<wire::ApiGetResourceType, get_resource_type, read_handle,
           on_resource<&wire::ApiGetResourceType_in::hResource>>(),
    to_come<wire::ApiFailResource, change_handle,
            on_resource<&wire::ApiFailResource_in::hResource>>(),
    to_come<wire::ApiOnlineResource, change_handle,
            on_resource<&wire::ApiOnlineResource_in::hResource>>(),
    to_come<wire::ApiOfflineResource, change_handle,
            on_resource<&wire::ApiOfflineResource_in::hResource>>(),
    to_come<wire::ApiAddResourceDependency, change_handle,
            on_resource<&wire::ApiAddResourceDependency_in::hResource>,
            on_resource<&wire::ApiAddResourceDependency_in::hDependsOn>>(),
    to_come<wire::ApiRemoveResourceDependency, change_handle,
            on_resource<&wire::ApiRemoveResourceDependency_in::hResource>,
            on_resource<&wire::ApiRemoveResourceDependency_in::hDependsOn>>(),
    served<wire::ApiCanResourceBeDependent, can_resource_be_dependent, read_handle,
           on_resource<&wire::ApiCanResourceBeDependent_in::hResource>,
           on_resource<&wire::ApiCanResourceBeDependent_in::hResourceDependent>>(),
    served<wire::ApiCreateResEnum, create_res_enum, read_handle,
           on_resource<&wire::ApiCreateResEnum_in::hResource>>(),
    to_come<wire::ApiAddResourceNode, change_handle,
            on_resource<&wire::ApiAddResourceNode_in::hResource>,
            on_node<&wire::ApiAddResourceNode_in::hNode>>(),
    to_come<wire::ApiRemoveResourceNode, change_handle,
            on_resource<&wire::ApiRemoveResourceNode_in::hResource>,
            on_node<&wire::ApiRemoveResourceNode_in::hNode>>(),
    to_come<wire::ApiChangeResourceGroup, change_handle,
            on_resource<&wire::ApiChangeResourceGroup_in::hResource>,
            on_group<&wire::ApiChangeResourceGroup_in::hGroup>>(),
    to_come<wire::ApiCreateResourceType, change_call>(),
    to_come<wire::ApiDeleteResourceType, change_call>(),
    served_later<wire::ApiGetRootKey, get_root_key, read_call>(),
    served_later<wire::ApiCreateKey, create_key, change_call,
                 on_key<&wire::ApiCreateKey_in::hKey>>(),
    served_later<wire::ApiOpenKey, open_key, read_call, on_key<&wire::ApiOpenKey_in::hKey>>(),
    served_later<wire::ApiEnumKey, enum_key, read_call, on_key<&wire::ApiEnumKey_in::hKey>>(),
    served_later<wire::ApiSetValue, set_value, change_call, on_key<&wire::ApiSetValue_in::hKey>>(),
    served_later<wire::ApiDeleteValue, delete_value, change_call,
                 on_key<&wire::ApiDeleteValue_in::hKey>>(),
    served_later<wire::ApiQueryValue, query_value, read_call,
                 on_key<&wire::ApiQueryValue_in::hKey>>(),
    served_later<wire::ApiDeleteKey, delete_key, change_call,
                 on_key<&wire::ApiDeleteKey_in::hKey>>(),
    served_later<wire::ApiEnumValue, enum_value, read_call, on_key<&wire::ApiEnumValue_in::hKey>>(),
    served<wire::ApiCloseKey, close_key, closing, on_key<&wire::ApiCloseKey_in::pKey>>(),
    served_later<wire::ApiQueryInfoKey, query_info_key, read_call,
                 on_key<&wire::ApiQueryInfoKey_in::hKey>>(),
    served_later<wire::ApiSetKeySecurity, set_key_security, change_call,
                 on_key<&wire::ApiSetKeySecurity_in::hKey>>(),
    served_later<wire::ApiGetKeySecurity, get_key_security, read_call,
                 on_key<&wire::ApiGetKeySecurity_in::hKey>>(),
    served<wire::ApiOpenGroup, open_group, all_open>(),
    to_come<wire::ApiCreateGroup, change_call>(),
    to_come<wire::ApiDeleteGroup, change_handle, on_group<&wire::ApiDeleteGroup_in::Group>>(),
    served<wire::ApiCloseGroup, close_group, closing, on_group<&wire::ApiCloseGroup_in::Group>>(),
    served<wire::ApiGetGroupState, get_group_state, read_handle,
           on_group<&wire::ApiGetGroupState_in::hGroup>>(),
    to_come<wire::ApiSetGroupName, change_handle, on_group<&wire::ApiSetGroupName_in::hGroup>>(),
    served<wire::ApiGetGroupId, get_group_id, read_handle,
           on_group<&wire::ApiGetGroupId_in::hGroup>>(),
    served<wire::ApiGetNodeId, get_node_id, read_handle, on_node<&wire::ApiGetNodeId_in::hNode>>(),
    to_come<wire::ApiOnlineGroup, change_handle, on_group<&wire::ApiOnlineGroup_in::hGroup>>(),
    to_come<wire::ApiOfflineGroup, change_handle, on_group<&wire::ApiOfflineGroup_in::hGroup>>(),
    to_come<wire::ApiMoveGroup, change_handle, on_group<&wire::ApiMoveGroup_in::hGroup>>(),
    to_come<wire::ApiMoveGroupToNode, change_handle, on_group<&wire::ApiMoveGroupToNode_in::hGroup>,
            on_node<&wire::ApiMoveGroupToNode_in::hNode>>(),
    served<wire::ApiCreateGroupResourceEnum, create_group_resource_enum, read_handle,
           on_group<&wire::ApiCreateGroupResourceEnum_in::hGroup>>(),
    to_come<wire::ApiSetGroupNodeList, change_handle,
            on_group<&wire::ApiSetGroupNodeList_in::hGroup>>(),
    to_come<wire::ApiCreateNotify, read_call>(),
    to_come<wire::ApiCloseNotify, closing, on_notify<&wire::ApiCloseNotify_in::Notify>>(),
    to_come<wire::ApiAddNotifyCluster, read_call, on_notify<&wire::ApiAddNotifyCluster_in::hNotify>,
            on_cluster<&wire::ApiAddNotifyCluster_in::hCluster>>(),
    to_come<wire::ApiAddNotifyNode, read_call, on_notify<&wire::ApiAddNotifyNode_in::hNotify>,
            on_node<&wire::ApiAddNotifyNode_in::hNode>>(),
    to_come<wire::ApiAddNotifyGroup, read_call, on_notify<&wire::ApiAddNotifyGroup_in::hNotify>,
            on_group<&wire::ApiAddNotifyGroup_in::hGroup>>(),
    to_come<wire::ApiAddNotifyResource, read_call,
            on_notify<&wire::ApiAddNotifyResource_in::hNotify>,
            on_resource<&wire::ApiAddNotifyResource_in::hResource>>(),
    to_come<wire::ApiAddNotifyKey, read_call, on_notify<&wire::ApiAddNotifyKey_in::hNotify>,
            on_key<&wire::ApiAddNotifyKey_in::hKey>>(),
    to_come<wire::ApiReAddNotifyNode, read_call, on_notify<&wire::ApiReAddNotifyNode_in::hNotify>,
            on_node<&wire::ApiReAddNotifyNode_in::hNode>>(),
    to_come<wire::ApiReAddNotifyGroup, read_call, on_notify<&wire::ApiReAddNotifyGroup_in::hNotify>,
            on_group<&wire::ApiReAddNotifyGroup_in::hGroup>>(),
    to_come<wire::ApiReAddNotifyResource, read_call,
            on_notify<&wire::ApiReAddNotifyResource_in::hNotify>,
            on_resource<&wire::ApiReAddNotifyResource_in::hResource>>(),
    to_come<wire::ApiGetNotify, read_call, on_notify<&wire::ApiGetNotify_in::hNotify>>(),
    served<wire::ApiOpenNode, open_node, all_open>(),
    served<wire::ApiCloseNode, close_node, closing, on_node<&wire::ApiCloseNode_in::Node>>(),
    served<wire::ApiGetNodeState, get_node_state, read_handle,
           on_node<&wire::ApiGetNodeState_in::hNode>>(),
    to_come<wire::ApiPauseNode, change_handle, on_node<&wire::ApiPauseNode_in::hNode>>(),
    to_come<wire::ApiResumeNode, change_handle, on_node<&wire::ApiResumeNode_in::hNode>>(),
    to_come<wire::ApiEvictNode, change_handle, on_node<&wire::ApiEvictNode_in::hNode>>(),
    served_later<wire::ApiNodeResourceControl, node_resource_control, control_code,
                 on_resource<&wire::ApiNodeResourceControl_in::hResource>,
                 on_node<&wire::ApiNodeResourceControl_in::hNode>>(),
    served_later<wire::ApiResourceControl, resource_control, control_code,
                 on_resource<&wire::ApiResourceControl_in::hResource>>(),
    served_later<wire::ApiNodeResourceTypeControl, node_resource_type_control, control_code,
                 on_cluster<&wire::ApiNodeResourceTypeControl_in::hCluster>,
                 on_node<&wire::ApiNodeResourceTypeControl_in::hNode>>(),
    served_later<wire::ApiResourceTypeControl, resource_type_control, control_code,
                 on_cluster<&wire::ApiResourceTypeControl_in::hCluster>>(),
    served_later<wire::ApiNodeGroupControl, node_group_control, control_code,
                 on_group<&wire::ApiNodeGroupControl_in::hGroup>,
                 on_node<&wire::ApiNodeGroupControl_in::hNode>>(),
    served_later<wire::ApiGroupControl, group_control, control_code,
                 on_group<&wire::ApiGroupControl_in::hGroup>>(),
    served_later<wire::ApiNodeNodeControl, node_node_control, control_code,
                 on_node<&wire::ApiNodeNodeControl_in::hNode>,
                 on_node<&wire::ApiNodeNodeControl_in::hHostNode>>(),
    served_later<wire::ApiNodeControl, node_control, control_code,
                 on_node<&wire::ApiNodeControl_in::hNode>>(),
    reserved(80, "Opnum80NotUsedOnWire"),
    served<wire::ApiOpenNetwork, open_network, all_open>(),
    served<wire::ApiCloseNetwork, close_network, closing,
           on_network<&wire::ApiCloseNetwork_in::Network>>(),
    served<wire::ApiGetNetworkState, get_network_state, read_handle,
           on_network<&wire::ApiGetNetworkState_in::hNetwork>>(),
    to_come<wire::ApiSetNetworkName, change_handle,
            on_network<&wire::ApiSetNetworkName_in::hNetwork>>(),
    served<wire::ApiCreateNetworkEnum, create_network_enum, read_handle,
           on_network<&wire::ApiCreateNetworkEnum_in::hNetwork>>(),
    served<wire::ApiGetNetworkId, get_network_id, read_handle,
           on_network<&wire::ApiGetNetworkId_in::hNetwork>>(),
    unsupported<wire::ApiSetNetworkPriorityOrder, read_call>(),
    served_later<wire::ApiNodeNetworkControl, node_network_control, control_code,
                 on_network<&wire::ApiNodeNetworkControl_in::hNetwork>,
                 on_node<&wire::ApiNodeNetworkControl_in::hNode>>(),
    served_later<wire::ApiNetworkControl, network_control, control_code,
                 on_network<&wire::ApiNetworkControl_in::hNetwork>>(),
    to_come<wire::ApiAddNotifyNetwork, read_call, on_notify<&wire::ApiAddNotifyNetwork_in::hNotify>,
            on_network<&wire::ApiAddNotifyNetwork_in::hNetwork>>(),
    to_come<wire::ApiReAddNotifyNetwork, read_call,
            on_notify<&wire::ApiReAddNotifyNetwork_in::hNotify>,
            on_network<&wire::ApiReAddNotifyNetwork_in::hNetwork>>(),
    served<wire::ApiOpenNetInterface, open_net_interface, all_open>(),
    served<wire::ApiCloseNetInterface, close_net_interface, closing,
           on_net_interface<&wire::ApiCloseNetInterface_in::NetInterface>>(),
    served<wire::ApiGetNetInterfaceState, get_net_interface_state, read_handle,
           on_net_interface<&wire::ApiGetNetInterfaceState_in::hNetInterface>>(),
    served<wire::ApiGetNetInterface, get_net_interface, read_call>(),
    served<wire::ApiGetNetInterfaceId, get_net_interface_id, read_handle,
           on_net_interface<&wire::ApiGetNetInterfaceId_in::hNetInterface>>(),
    served_later<wire::ApiNodeNetInterfaceControl, node_net_interface_control, control_code,
                 on_net_interface<&wire::ApiNodeNetInterfaceControl_in::hNetInterface>,
                 on_node<&wire::ApiNodeNetInterfaceControl_in::hNode>>(),
    served_later<wire::ApiNetInterfaceControl, net_interface_control, control_code,
                 on_net_interface<&wire::ApiNetInterfaceControl_in::hNetInterface>>(),
    to_come<wire::ApiAddNotifyNetInterface, read_call,
            on_notify<&wire::ApiAddNotifyNetInterface_in::hNotify>,
            on_net_interface<&wire::ApiAddNotifyNetInterface_in::hNetInterface>>(),
    to_come<wire::ApiReAddNotifyNetInterface, read_call,
            on_notify<&wire::ApiReAddNotifyNetInterface_in::hNotify>,
            on_net_interface<&wire::ApiReAddNotifyNetInterface_in::hNetInterface>>(),
    served<wire::ApiCreateNodeEnum, create_node_enum, read_handle,
           on_node<&wire::ApiCreateNodeEnum_in::hNode>>(),
    served<wire::ApiGetClusterVersion2, get_cluster_version2, read_call>(),
    served<wire::ApiCreateResTypeEnum, create_res_type_enum, read_call>(),
    unsupported<wire::ApiBackupClusterDatabase, read_call>(),
    served_later<wire::ApiNodeClusterControl, node_cluster_control, control_code,
                 on_cluster<&wire::ApiNodeClusterControl_in::hCluster>,
                 on_node<&wire::ApiNodeClusterControl_in::hHostNode>>(),
    served_later<wire::ApiClusterControl, cluster_control, control_code,
                 on_cluster<&wire::ApiClusterControl_in::hCluster>>(),
    to_come<wire::ApiUnblockGetNotifyCall, read_call,
            on_notify<&wire::ApiUnblockGetNotifyCall_in::hNotify>>(),
    unsupported<wire::ApiSetServiceAccountPassword, read_call>(),
    to_come<wire::ApiSetResourceDependencyExpression, change_handle,
            on_resource<&wire::ApiSetResourceDependencyExpression_in::hResource>>(),
    served<wire::ApiGetResourceDependencyExpression, get_resource_dependency_expression,
           read_handle, on_resource<&wire::ApiGetResourceDependencyExpression_in::hResource>>(),
    reserved(111, "Opnum111NotUsedOnWire"),
    served<wire::ApiGetResourceNetworkName, get_resource_network_name, read_handle,
           on_resource<&wire::ApiGetResourceNetworkName_in::hResource>>(),
    served_later<wire::ApiExecuteBatch, execute_batch, change_call,
                 on_key<&wire::ApiExecuteBatch_in::hKey>>(),
    to_come<wire::ApiCreateBatchPort, read_call, on_key<&wire::ApiCreateBatchPort_in::hKey>>(),
    to_come<wire::ApiGetBatchNotification, read_call,
            on_batch_port<&wire::ApiGetBatchNotification_in::hBatchNotify>>(),
    to_come<wire::ApiCloseBatchPort, closing,
            on_batch_port<&wire::ApiCloseBatchPort_in::phBatchPort>>(),
    served<wire::ApiOpenClusterEx, open_cluster_ex, open_call>(),
    served<wire::ApiOpenNodeEx, open_node_ex, open_call>(),
    served<wire::ApiOpenGroupEx, open_group_ex, open_call>(),
    served<wire::ApiOpenResourceEx, open_resource_ex, open_call>(),
    served<wire::ApiOpenNetworkEx, open_network_ex, open_call>(),
    served<wire::ApiOpenNetInterfaceEx, open_net_interface_ex, open_call>(),
    served<wire::ApiChangeCsvState, change_csv_state, change_handle,
           on_resource<&wire::ApiChangeCsvState_in::hResource>>(),
    served<wire::ApiCreateNodeEnumEx, create_node_enum_ex, read_handle,
           on_node<&wire::ApiCreateNodeEnumEx_in::hNode>>(),
    served<wire::ApiCreateEnumEx, create_enum_ex, enum_handle,
           on_cluster<&wire::ApiCreateEnumEx_in::hCluster>>(),
    to_come<wire::ApiPauseNodeEx, change_handle, on_node<&wire::ApiPauseNodeEx_in::hNode>>(),
    to_come<wire::ApiPauseNodeWithDrainTarget, change_handle,
            on_node<&wire::ApiPauseNodeWithDrainTarget_in::hNode>,
            on_node<&wire::ApiPauseNodeWithDrainTarget_in::hNodeDrainTarget>>(),
    to_come<wire::ApiResumeNodeEx, change_handle, on_node<&wire::ApiResumeNodeEx_in::hNode>>(),
    to_come<wire::ApiCreateGroupEx, change_call>(),
    to_come<wire::ApiOnlineGroupEx, change_handle, on_group<&wire::ApiOnlineGroupEx_in::hGroup>>(),
    to_come<wire::ApiOfflineGroupEx, change_handle,
            on_group<&wire::ApiOfflineGroupEx_in::hGroup>>(),
    to_come<wire::ApiMoveGroupEx, change_handle, on_group<&wire::ApiMoveGroupEx_in::hGroup>>(),
    to_come<wire::ApiMoveGroupToNodeEx, change_handle,
            on_group<&wire::ApiMoveGroupToNodeEx_in::hGroup>,
            on_node<&wire::ApiMoveGroupToNodeEx_in::hNode>>(),
    to_come<wire::ApiCancelClusterGroupOperation, change_handle,
            on_group<&wire::ApiCancelClusterGroupOperation_in::hGroup>>(),
    to_come<wire::ApiOnlineResourceEx, change_handle,
            on_resource<&wire::ApiOnlineResourceEx_in::hResource>>(),
    to_come<wire::ApiOfflineResourceEx, change_handle,
            on_resource<&wire::ApiOfflineResourceEx_in::hResource>>(),
    to_come<wire::ApiCreateNotifyV2, read_call>(),
    to_come<wire::ApiAddNotifyV2, read_call, on_notify<&wire::ApiAddNotifyV2_in::hNotify>,
            on_any<&wire::ApiAddNotifyV2_in::hObject>>(),
    to_come<wire::ApiGetNotifyV2, read_call, on_notify<&wire::ApiGetNotifyV2_in::hNotify>>(),
    reserved(140, "Opnum140NotUsedOnWire"),
    reserved(141, "Opnum141NotUsedOnWire"),
    reserved(142, "Opnum142NotUsedOnWire"),
    served<wire::ApiCreateGroupEnum, create_group_enum, list_handle,
           on_cluster<&wire::ApiCreateGroupEnum_in::hCluster>>(),
    served<wire::ApiCreateResourceEnum, create_resource_enum, list_handle,
           on_cluster<&wire::ApiCreateResourceEnum_in::hCluster>>(),
    served_later<wire::ApiExecuteReadBatch, execute_read_batch, read_call,
                 on_key<&wire::ApiExecuteReadBatch_in::hKey>>(),
    to_come<wire::ApiRestartResource, change_handle,
            on_resource<&wire::ApiRestartResource_in::hResource>>(),
    to_come<wire::ApiGetNotifyAsync, read_call, on_notify<&wire::ApiGetNotifyAsync_in::hNotify>>(),
};

constexpr bool complete_and_in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].opnum != i)
            return false;
    return rows.size() == 148;
}
static_assert(complete_and_in_order());

} // namespace

std::span<const method_row> methods() {
    return rows;
}

} // namespace bridge::clusapi
