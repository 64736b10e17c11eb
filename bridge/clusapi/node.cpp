// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"

namespace bridge::clusapi {

namespace {

/// Interfaces installed on the node, then groups that it owns; other bits of `types` mean nothing.
wire::ENUM_LIST list_of_node(const call& c, std::uint32_t types, enum_part part) {
    const std::string& id = c.object<model::node>().id;
    enum_list out(part);
    if (types & node_enum_net_interfaces)
        for (const auto& link : c.cluster->interfaces)
            if (link->node == id)
                out.add(node_enum_net_interfaces, *link);
    if (types & node_enum_groups)
        for (const auto& group : c.cluster->groups)
            if (group->owner == id)
                out.add(node_enum_groups, *group);
    return out.take();
}

} // namespace

reply<wire::ApiOpenNode_out> open_node(call& c, const wire::ApiOpenNode_in& in) {
    return open_object<wire::ApiOpenNode_out>(c, c.cluster->nodes, in.lpszNodeName,
                                              handle_kind::node,
                                              win32_error::ERROR_CLUSTER_NODE_NOT_FOUND);
}

reply<wire::ApiOpenNodeEx_out> open_node_ex(call& c, const wire::ApiOpenNodeEx_in& in) {
    return open_object_ex<wire::ApiOpenNodeEx_out>(c, c.cluster->nodes, in.lpszNodeName,
                                                   in.dwDesiredAccess, handle_kind::node,
                                                   win32_error::ERROR_CLUSTER_NODE_NOT_FOUND);
}

reply<wire::ApiCloseNode_out> close_node(call& c, const wire::ApiCloseNode_in& in) {
    return closed<wire::ApiCloseNode_out>(c, in.Node);
}

reply<wire::ApiGetNodeState_out> get_node_state(call& c, const wire::ApiGetNodeState_in&) {
    wire::ApiGetNodeState_out out;
    out.State = static_cast<std::uint32_t>(c.object<model::node>().state);
    return out;
}

reply<wire::ApiGetNodeId_out> get_node_id(call& c, const wire::ApiGetNodeId_in&) {
    wire::ApiGetNodeId_out out;
    out.pGuid = wide(c.object<model::node>().id);
    return out;
}

reply<wire::ApiCreateNodeEnum_out> create_node_enum(call& c, const wire::ApiCreateNodeEnum_in& in) {
    wire::ApiCreateNodeEnum_out out;
    out.ReturnEnum = list_of_node(c, in.dwType, enum_part::name);
    return out;
}

reply<wire::ApiCreateNodeEnumEx_out> create_node_enum_ex(call& c,
                                                         const wire::ApiCreateNodeEnumEx_in& in) {
    const std::uint32_t known = node_enum_net_interfaces | node_enum_groups;
    if (in.dwType == 0 || (in.dwType & ~known) != 0 || in.dwOptions != 0)
        return win32_error::ERROR_INVALID_PARAMETER;
    wire::ApiCreateNodeEnumEx_out out;
    out.ReturnIdEnum = list_of_node(c, in.dwType, enum_part::id);
    out.ReturnNameEnum = list_of_node(c, in.dwType, enum_part::name);
    return out;
}

} // namespace bridge::clusapi
