// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/win32/upcase.hpp"

namespace bridge::clusapi {

reply<wire::ApiCreateResTypeEnum_out>
create_res_type_enum(call& c, const wire::ApiCreateResTypeEnum_in& in) {
    const auto type = c.cluster->types.find(narrow(in.lpszTypeName));
    if (!type)
        return win32_error::ERROR_CLUSTER_RESOURCE_TYPE_NOT_FOUND;
    enum_list list;
    if (in.dwType & type_enum_nodes)
        list.add_ids(type_enum_nodes, c.cluster->nodes, type->nodes);
    if (in.dwType & type_enum_resources)
        for (const auto& resource : c.cluster->resources)
            if (win32::equal_names(resource->type, type->name))
                list.add(type_enum_resources, *resource);
    wire::ApiCreateResTypeEnum_out out;
    out.ReturnEnum = list.take();
    return out;
}

} // namespace bridge::clusapi
