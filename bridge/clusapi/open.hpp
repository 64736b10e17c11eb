// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

/// What all opening and closing methods have in common.
namespace bridge::clusapi {

/// dwSize of CLUSTER_OPERATIONAL_VERSION_INFO (MS-CMRP 2.2.3.3).
inline constexpr std::uint32_t operational_version_size = 20;

/// The level that this caller gets for `desired`. Notes a caller without any access, whose
/// connection is then closed.
win32::result<access_level> granted(call& c, win32::access_mask desired);

/// Opens an object by name or identifier; `missing` when there is none.
template <class Out, class Objects>
reply<Out> open_object(call& c, const Objects& objects, std::u16string_view name, handle_kind kind,
                       win32_error missing) {
    const auto found = objects.find(narrow(name));
    if (name.empty() || !found)
        return missing;
    return opened<Out>(c, std::make_shared<handle>(kind, access_level::all, found->id));
}

/// The same with a level asked for: access is decided before the name is looked up.
template <class Out, class Objects>
reply<Out> open_object_ex(call& c, const Objects& objects, std::u16string_view name,
                          win32::access_mask desired, handle_kind kind, win32_error missing) {
    const auto level = granted(c, desired);
    if (!level)
        return level.error();
    const auto found = objects.find(narrow(name));
    if (name.empty() || !found)
        return missing;
    Out out;
    out.lpdwGrantedAccess = granted_mask(*level);
    return opened(c, std::make_shared<handle>(kind, *level, found->id), std::move(out));
}

/// Closes: the handle is forgotten, and null in the reply.
template <class Out>
reply<Out> closed(call& c, const ndr::context_handle& value) {
    c.rpc.handles->remove(*c.rpc.target, value.uuid);
    return Out{};
}

} // namespace bridge::clusapi
