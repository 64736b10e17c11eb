// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"
#include "gen/clusapi3.hpp"

#include <boost/asio/awaitable.hpp>

/// The handlers, by the file that defines them. Each runs after the checks of its row (methods.cpp)
/// and answers from `call::cluster`; what MS-CMRP says of a method is in the section of its opnum.
namespace bridge::clusapi {

namespace wire = gen::clusapi3;

// cluster.cpp
reply<wire::ApiOpenCluster_out> open_cluster(call& c, const wire::ApiOpenCluster_in& in);
reply<wire::ApiOpenClusterEx_out> open_cluster_ex(call& c, const wire::ApiOpenClusterEx_in& in);
reply<wire::ApiCloseCluster_out> close_cluster(call& c, const wire::ApiCloseCluster_in& in);
reply<wire::ApiGetClusterName_out> get_cluster_name(call& c, const wire::ApiGetClusterName_in& in);
reply<wire::ApiGetClusterVersion2_out>
get_cluster_version2(call& c, const wire::ApiGetClusterVersion2_in& in);
reply<wire::ApiGetQuorumResource_out> get_quorum_resource(call& c,
                                                          const wire::ApiGetQuorumResource_in& in);

// enumeration.cpp
reply<wire::ApiCreateEnum_out> create_enum(call& c, const wire::ApiCreateEnum_in& in);
reply<wire::ApiCreateEnumEx_out> create_enum_ex(call& c, const wire::ApiCreateEnumEx_in& in);
reply<wire::ApiCreateGroupEnum_out> create_group_enum(call& c,
                                                      const wire::ApiCreateGroupEnum_in& in);
reply<wire::ApiCreateResourceEnum_out>
create_resource_enum(call& c, const wire::ApiCreateResourceEnum_in& in);

// resource.cpp
reply<wire::ApiOpenResource_out> open_resource(call& c, const wire::ApiOpenResource_in& in);
reply<wire::ApiOpenResourceEx_out> open_resource_ex(call& c, const wire::ApiOpenResourceEx_in& in);
reply<wire::ApiCloseResource_out> close_resource(call& c, const wire::ApiCloseResource_in& in);
reply<wire::ApiGetResourceState_out> get_resource_state(call& c,
                                                        const wire::ApiGetResourceState_in& in);
reply<wire::ApiGetResourceId_out> get_resource_id(call& c, const wire::ApiGetResourceId_in& in);
reply<wire::ApiGetResourceType_out> get_resource_type(call& c,
                                                      const wire::ApiGetResourceType_in& in);
reply<wire::ApiCreateResEnum_out> create_res_enum(call& c, const wire::ApiCreateResEnum_in& in);
reply<wire::ApiChangeCsvState_out> change_csv_state(call& c, const wire::ApiChangeCsvState_in& in);

// dependency.cpp
reply<wire::ApiCanResourceBeDependent_out>
can_resource_be_dependent(call& c, const wire::ApiCanResourceBeDependent_in& in);
reply<wire::ApiGetResourceDependencyExpression_out>
get_resource_dependency_expression(call& c, const wire::ApiGetResourceDependencyExpression_in& in);
reply<wire::ApiGetResourceNetworkName_out>
get_resource_network_name(call& c, const wire::ApiGetResourceNetworkName_in& in);

// resource_type.cpp
reply<wire::ApiCreateResTypeEnum_out> create_res_type_enum(call& c,
                                                           const wire::ApiCreateResTypeEnum_in& in);

// group.cpp
reply<wire::ApiOpenGroup_out> open_group(call& c, const wire::ApiOpenGroup_in& in);
reply<wire::ApiOpenGroupEx_out> open_group_ex(call& c, const wire::ApiOpenGroupEx_in& in);
reply<wire::ApiCloseGroup_out> close_group(call& c, const wire::ApiCloseGroup_in& in);
reply<wire::ApiGetGroupState_out> get_group_state(call& c, const wire::ApiGetGroupState_in& in);
reply<wire::ApiGetGroupId_out> get_group_id(call& c, const wire::ApiGetGroupId_in& in);
reply<wire::ApiCreateGroupResourceEnum_out>
create_group_resource_enum(call& c, const wire::ApiCreateGroupResourceEnum_in& in);

// node.cpp
reply<wire::ApiOpenNode_out> open_node(call& c, const wire::ApiOpenNode_in& in);
reply<wire::ApiOpenNodeEx_out> open_node_ex(call& c, const wire::ApiOpenNodeEx_in& in);
reply<wire::ApiCloseNode_out> close_node(call& c, const wire::ApiCloseNode_in& in);
reply<wire::ApiGetNodeState_out> get_node_state(call& c, const wire::ApiGetNodeState_in& in);
reply<wire::ApiGetNodeId_out> get_node_id(call& c, const wire::ApiGetNodeId_in& in);
reply<wire::ApiCreateNodeEnum_out> create_node_enum(call& c, const wire::ApiCreateNodeEnum_in& in);
reply<wire::ApiCreateNodeEnumEx_out> create_node_enum_ex(call& c,
                                                         const wire::ApiCreateNodeEnumEx_in& in);

// network.cpp
reply<wire::ApiOpenNetwork_out> open_network(call& c, const wire::ApiOpenNetwork_in& in);
reply<wire::ApiOpenNetworkEx_out> open_network_ex(call& c, const wire::ApiOpenNetworkEx_in& in);
reply<wire::ApiCloseNetwork_out> close_network(call& c, const wire::ApiCloseNetwork_in& in);
reply<wire::ApiGetNetworkState_out> get_network_state(call& c,
                                                      const wire::ApiGetNetworkState_in& in);
reply<wire::ApiGetNetworkId_out> get_network_id(call& c, const wire::ApiGetNetworkId_in& in);
reply<wire::ApiCreateNetworkEnum_out> create_network_enum(call& c,
                                                          const wire::ApiCreateNetworkEnum_in& in);

// net_interface.cpp
reply<wire::ApiOpenNetInterface_out> open_net_interface(call& c,
                                                        const wire::ApiOpenNetInterface_in& in);
reply<wire::ApiOpenNetInterfaceEx_out>
open_net_interface_ex(call& c, const wire::ApiOpenNetInterfaceEx_in& in);
reply<wire::ApiCloseNetInterface_out> close_net_interface(call& c,
                                                          const wire::ApiCloseNetInterface_in& in);
reply<wire::ApiGetNetInterfaceState_out>
get_net_interface_state(call& c, const wire::ApiGetNetInterfaceState_in& in);
reply<wire::ApiGetNetInterfaceId_out> get_net_interface_id(call& c,
                                                           const wire::ApiGetNetInterfaceId_in& in);
reply<wire::ApiGetNetInterface_out> get_net_interface(call& c,
                                                      const wire::ApiGetNetInterface_in& in);

// registry_read.cpp
reply<wire::ApiGetRootKey_out> get_root_key(call& c, const wire::ApiGetRootKey_in& in);
reply<wire::ApiOpenKey_out> open_key(call& c, const wire::ApiOpenKey_in& in);
reply<wire::ApiEnumKey_out> enum_key(call& c, const wire::ApiEnumKey_in& in);
reply<wire::ApiQueryValue_out> query_value(call& c, const wire::ApiQueryValue_in& in);
reply<wire::ApiEnumValue_out> enum_value(call& c, const wire::ApiEnumValue_in& in);
reply<wire::ApiCloseKey_out> close_key(call& c, const wire::ApiCloseKey_in& in);
reply<wire::ApiQueryInfoKey_out> query_info_key(call& c, const wire::ApiQueryInfoKey_in& in);

// registry_write.cpp. Handlers that wait: what they are given is the skeleton's and outlives them.
boost::asio::awaitable<reply<wire::ApiCreateKey_out>> create_key(call& c,
                                                                 const wire::ApiCreateKey_in& in);
boost::asio::awaitable<reply<wire::ApiDeleteKey_out>> delete_key(call& c,
                                                                 const wire::ApiDeleteKey_in& in);
boost::asio::awaitable<reply<wire::ApiSetValue_out>> set_value(call& c,
                                                               const wire::ApiSetValue_in& in);
boost::asio::awaitable<reply<wire::ApiDeleteValue_out>>
delete_value(call& c, const wire::ApiDeleteValue_in& in);

// registry_security.cpp
reply<wire::ApiGetKeySecurity_out> get_key_security(call& c, const wire::ApiGetKeySecurity_in& in);
boost::asio::awaitable<reply<wire::ApiSetKeySecurity_out>>
set_key_security(call& c, const wire::ApiSetKeySecurity_in& in);

// registry_batch.cpp, registry_read_batch.cpp
boost::asio::awaitable<reply<wire::ApiExecuteBatch_out>>
execute_batch(call& c, const wire::ApiExecuteBatch_in& in);
reply<wire::ApiExecuteReadBatch_out> execute_read_batch(call& c,
                                                        const wire::ApiExecuteReadBatch_in& in);

// control.cpp
reply<wire::ApiResourceControl_out> resource_control(call& c,
                                                     const wire::ApiResourceControl_in& in);
reply<wire::ApiNodeResourceControl_out>
node_resource_control(call& c, const wire::ApiNodeResourceControl_in& in);
reply<wire::ApiResourceTypeControl_out>
resource_type_control(call& c, const wire::ApiResourceTypeControl_in& in);
reply<wire::ApiNodeResourceTypeControl_out>
node_resource_type_control(call& c, const wire::ApiNodeResourceTypeControl_in& in);
reply<wire::ApiGroupControl_out> group_control(call& c, const wire::ApiGroupControl_in& in);
reply<wire::ApiNodeGroupControl_out> node_group_control(call& c,
                                                        const wire::ApiNodeGroupControl_in& in);
reply<wire::ApiNodeControl_out> node_control(call& c, const wire::ApiNodeControl_in& in);
reply<wire::ApiNodeNodeControl_out> node_node_control(call& c,
                                                      const wire::ApiNodeNodeControl_in& in);
reply<wire::ApiNetworkControl_out> network_control(call& c, const wire::ApiNetworkControl_in& in);
reply<wire::ApiNodeNetworkControl_out>
node_network_control(call& c, const wire::ApiNodeNetworkControl_in& in);
reply<wire::ApiNetInterfaceControl_out>
net_interface_control(call& c, const wire::ApiNetInterfaceControl_in& in);
reply<wire::ApiNodeNetInterfaceControl_out>
node_net_interface_control(call& c, const wire::ApiNodeNetInterfaceControl_in& in);
reply<wire::ApiClusterControl_out> cluster_control(call& c, const wire::ApiClusterControl_in& in);
reply<wire::ApiNodeClusterControl_out>
node_cluster_control(call& c, const wire::ApiNodeClusterControl_in& in);

} // namespace bridge::clusapi
