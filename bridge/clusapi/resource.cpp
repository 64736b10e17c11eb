// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"
#include "bridge/win32/upcase.hpp"

namespace bridge::clusapi {

namespace {

std::vector<std::string> providers_of(const model::resource& resource) {
    std::vector<std::string> out;
    for (const auto& clause : resource.dependencies)
        out.insert(out.end(), clause.begin(), clause.end());
    return out;
}

} // namespace

reply<wire::ApiOpenResource_out> open_resource(call& c, const wire::ApiOpenResource_in& in) {
    return open_object<wire::ApiOpenResource_out>(c, c.cluster->resources, in.lpszResourceName,
                                                  handle_kind::resource,
                                                  win32_error::ERROR_RESOURCE_NOT_FOUND);
}

reply<wire::ApiOpenResourceEx_out> open_resource_ex(call& c, const wire::ApiOpenResourceEx_in& in) {
    return open_object_ex<wire::ApiOpenResourceEx_out>(c, c.cluster->resources, in.lpszResourceName,
                                                       in.dwDesiredAccess, handle_kind::resource,
                                                       win32_error::ERROR_RESOURCE_NOT_FOUND);
}

reply<wire::ApiCloseResource_out> close_resource(call& c, const wire::ApiCloseResource_in& in) {
    return closed<wire::ApiCloseResource_out>(c, in.Resource);
}

reply<wire::ApiGetResourceState_out> get_resource_state(call& c,
                                                        const wire::ApiGetResourceState_in&) {
    const auto& resource = c.object<model::resource>();
    const auto group = c.cluster->groups.find_id(resource.group);
    const auto owner = group ? c.cluster->nodes.find_id(group->owner) : nullptr;
    wire::ApiGetResourceState_out out;
    out.State = static_cast<std::uint32_t>(resource.state);
    out.NodeName = wide(owner ? owner->name : std::string_view{});
    out.GroupName = wide(group ? group->name : std::string_view{});
    return out;
}

reply<wire::ApiGetResourceId_out> get_resource_id(call& c, const wire::ApiGetResourceId_in&) {
    wire::ApiGetResourceId_out out;
    out.pGuid = wide(c.object<model::resource>().id);
    return out;
}

reply<wire::ApiGetResourceType_out> get_resource_type(call& c, const wire::ApiGetResourceType_in&) {
    wire::ApiGetResourceType_out out;
    out.lpszResourceType = wide(c.object<model::resource>().type);
    return out;
}

reply<wire::ApiCreateResEnum_out> create_res_enum(call& c, const wire::ApiCreateResEnum_in& in) {
    const std::uint32_t known =
        resource_enum_depends | resource_enum_provides | resource_enum_nodes;
    if (in.dwType == 0 || (in.dwType & ~known) != 0)
        return win32_error::ERROR_INVALID_PARAMETER;
    const auto& resource = c.object<model::resource>();
    enum_list list;
    if (in.dwType & resource_enum_depends)
        list.add_ids(resource_enum_depends, c.cluster->resources, providers_of(resource));
    if (in.dwType & resource_enum_provides)
        list.add_ids(resource_enum_provides, c.cluster->resources, resource.dependents);
    if (in.dwType & resource_enum_nodes)
        list.add_ids(resource_enum_nodes, c.cluster->nodes, resource.possible_owners);
    wire::ApiCreateResEnum_out out;
    out.ReturnEnum = list.take();
    return out;
}

/// EnableSharedVolumes is FALSE (MS-CMRP 3.1.1.4): nothing can be made a shared volume, and none is
/// one that could cease to be.
reply<wire::ApiChangeCsvState_out> change_csv_state(call& c, const wire::ApiChangeCsvState_in& in) {
    constexpr std::uint32_t not_shared = 0;
    constexpr std::uint32_t shared = 1;
    const auto& resource = c.object<model::resource>();
    if (in.dwState != not_shared && in.dwState != shared)
        return win32_error::ERROR_INVALID_PARAMETER;
    if (in.dwState == shared && !win32::equal_names(resource.type, "Physical Disk"))
        return win32_error::ERROR_CLUSTER_RESTYPE_NOT_SUPPORTED;
    if (in.dwState == shared && resource.state != model::resource_state::online)
        return win32_error::ERROR_RESOURCE_NOT_ONLINE;
    return win32_error::ERROR_CLUSTER_INVALID_REQUEST;
}

} // namespace bridge::clusapi
