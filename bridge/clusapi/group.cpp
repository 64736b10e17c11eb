// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"

namespace bridge::clusapi {

reply<wire::ApiOpenGroup_out> open_group(call& c, const wire::ApiOpenGroup_in& in) {
    return open_object<wire::ApiOpenGroup_out>(c, c.cluster->groups, in.lpszGroupName,
                                               handle_kind::group,
                                               win32_error::ERROR_GROUP_NOT_FOUND);
}

reply<wire::ApiOpenGroupEx_out> open_group_ex(call& c, const wire::ApiOpenGroupEx_in& in) {
    return open_object_ex<wire::ApiOpenGroupEx_out>(c, c.cluster->groups, in.lpszGroupName,
                                                    in.dwDesiredAccess, handle_kind::group,
                                                    win32_error::ERROR_GROUP_NOT_FOUND);
}

reply<wire::ApiCloseGroup_out> close_group(call& c, const wire::ApiCloseGroup_in& in) {
    return closed<wire::ApiCloseGroup_out>(c, in.Group);
}

reply<wire::ApiGetGroupState_out> get_group_state(call& c, const wire::ApiGetGroupState_in&) {
    const auto& group = c.object<model::group>();
    const auto owner = c.cluster->nodes.find_id(group.owner);
    wire::ApiGetGroupState_out out;
    out.State = static_cast<std::uint32_t>(group.state);
    out.NodeName = wide(owner ? owner->name : std::string_view{});
    return out;
}

reply<wire::ApiGetGroupId_out> get_group_id(call& c, const wire::ApiGetGroupId_in&) {
    wire::ApiGetGroupId_out out;
    out.pGuid = wide(c.object<model::group>().id);
    return out;
}

reply<wire::ApiCreateGroupResourceEnum_out>
create_group_resource_enum(call& c, const wire::ApiCreateGroupResourceEnum_in& in) {
    const auto& group = c.object<model::group>();
    enum_list list;
    if (in.dwType & group_enum_contains)
        list.add_ids(group_enum_contains, c.cluster->resources, group.resources);
    if (in.dwType & group_enum_nodes)
        list.add_ids(group_enum_nodes, c.cluster->nodes, group.preferred_owners);
    wire::ApiCreateGroupResourceEnum_out out;
    out.ReturnEnum = list.take();
    return out;
}

} // namespace bridge::clusapi
