// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"

namespace bridge::clusapi {

reply<wire::ApiOpenNetInterface_out> open_net_interface(call& c,
                                                        const wire::ApiOpenNetInterface_in& in) {
    return open_object<wire::ApiOpenNetInterface_out>(
        c, c.cluster->interfaces, in.lpszNetInterfaceName, handle_kind::net_interface,
        win32_error::ERROR_CLUSTER_NETINTERFACE_NOT_FOUND);
}

reply<wire::ApiOpenNetInterfaceEx_out>
open_net_interface_ex(call& c, const wire::ApiOpenNetInterfaceEx_in& in) {
    return open_object_ex<wire::ApiOpenNetInterfaceEx_out>(
        c, c.cluster->interfaces, in.lpszNetInterfaceName, in.dwDesiredAccess,
        handle_kind::net_interface, win32_error::ERROR_CLUSTER_NETINTERFACE_NOT_FOUND);
}

reply<wire::ApiCloseNetInterface_out> close_net_interface(call& c,
                                                          const wire::ApiCloseNetInterface_in& in) {
    return closed<wire::ApiCloseNetInterface_out>(c, in.NetInterface);
}

reply<wire::ApiGetNetInterfaceState_out>
get_net_interface_state(call& c, const wire::ApiGetNetInterfaceState_in&) {
    wire::ApiGetNetInterfaceState_out out;
    out.State = static_cast<std::uint32_t>(c.object<model::net_interface>().state);
    return out;
}

reply<wire::ApiGetNetInterfaceId_out> get_net_interface_id(call& c,
                                                           const wire::ApiGetNetInterfaceId_in&) {
    wire::ApiGetNetInterfaceId_out out;
    out.pGuid = wide(c.object<model::net_interface>().id);
    return out;
}

reply<wire::ApiGetNetInterface_out> get_net_interface(call& c,
                                                      const wire::ApiGetNetInterface_in& in) {
    const auto node = c.cluster->nodes.find(narrow(in.lpszNodeName));
    if (!node)
        return win32_error::ERROR_CLUSTER_NODE_NOT_FOUND;
    const auto network = c.cluster->networks.find(narrow(in.lpszNetworkName));
    for (const auto& link : c.cluster->interfaces) {
        if (!network || link->node != node->id || link->network != network->id)
            continue;
        wire::ApiGetNetInterface_out out;
        out.lppszInterfaceName = wide(link->name);
        return out;
    }
    return win32_error::ERROR_CLUSTER_NETINTERFACE_NOT_FOUND;
}

} // namespace bridge::clusapi
