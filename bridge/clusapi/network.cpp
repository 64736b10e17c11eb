// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"

namespace bridge::clusapi {

reply<wire::ApiOpenNetwork_out> open_network(call& c, const wire::ApiOpenNetwork_in& in) {
    return open_object<wire::ApiOpenNetwork_out>(c, c.cluster->networks, in.lpszNetworkName,
                                                 handle_kind::network,
                                                 win32_error::ERROR_CLUSTER_NETWORK_NOT_FOUND);
}

reply<wire::ApiOpenNetworkEx_out> open_network_ex(call& c, const wire::ApiOpenNetworkEx_in& in) {
    return open_object_ex<wire::ApiOpenNetworkEx_out>(c, c.cluster->networks, in.lpszNetworkName,
                                                      in.dwDesiredAccess, handle_kind::network,
                                                      win32_error::ERROR_CLUSTER_NETWORK_NOT_FOUND);
}

reply<wire::ApiCloseNetwork_out> close_network(call& c, const wire::ApiCloseNetwork_in& in) {
    return closed<wire::ApiCloseNetwork_out>(c, in.Network);
}

reply<wire::ApiGetNetworkState_out> get_network_state(call& c, const wire::ApiGetNetworkState_in&) {
    wire::ApiGetNetworkState_out out;
    out.State = static_cast<std::uint32_t>(c.object<model::network>().state);
    return out;
}

reply<wire::ApiGetNetworkId_out> get_network_id(call& c, const wire::ApiGetNetworkId_in&) {
    wire::ApiGetNetworkId_out out;
    out.pGuid = wide(c.object<model::network>().id);
    return out;
}

reply<wire::ApiCreateNetworkEnum_out> create_network_enum(call& c,
                                                          const wire::ApiCreateNetworkEnum_in& in) {
    const std::string& id = c.object<model::network>().id;
    enum_list list;
    if (in.dwType & network_enum_net_interfaces)
        for (const auto& link : c.cluster->interfaces)
            if (link->network == id)
                list.add(network_enum_net_interfaces, *link);
    wire::ApiCreateNetworkEnum_out out;
    out.ReturnEnum = list.take();
    return out;
}

} // namespace bridge::clusapi
