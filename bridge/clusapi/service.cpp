// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/service.hpp"

#include "bridge/clusapi/call.hpp"
#include "bridge/clusapi/method_row.hpp"
#include "bridge/clusapi/open.hpp"
#include "bridge/win32/filetime.hpp"
#include "gen/clusapi3.hpp"

#include <chrono>
#include <initializer_list>
#include <vector>

namespace bridge::clusapi {

namespace {

namespace rights = win32::rights;

const win32::sid administrators{5, {32, 544}};
const win32::sid local_system{5, {18}};
const win32::sid authenticated_users{5, {11}};

struct grant_to {
    win32::sid trustee;
    win32::access_mask mask;
};

std::shared_ptr<const win32::security_descriptor> descriptor(std::initializer_list<grant_to> grants,
                                                             std::uint8_t flags) {
    win32::security_descriptor out;
    out.owner = administrators;
    out.group = administrators;
    win32::acl list;
    for (const grant_to& g : grants) {
        win32::ace entry;
        entry.flags = flags;
        entry.mask = g.mask;
        entry.trustee = g.trustee;
        list.entries.push_back(std::move(entry));
    }
    out.set_dacl(std::move(list));
    return std::make_shared<const win32::security_descriptor>(std::move(out));
}

std::shared_ptr<const win32::security_descriptor> default_cluster_descriptor() {
    return descriptor({{administrators, rights::cluster_all}, {local_system, rights::cluster_all}},
                      0);
}

/// The cluster descriptor decides who gets this far; the keys add that only Administrators change
/// them.
std::shared_ptr<const win32::security_descriptor> default_key_descriptor() {
    return descriptor({{administrators, rights::key_all_access},
                       {local_system, rights::key_all_access},
                       {authenticated_users, rights::key_read}},
                      win32::ace_flag::container_inherit);
}

} // namespace

fixed_security::fixed_security() : fixed_security(default_cluster_descriptor()) {}

fixed_security::fixed_security(std::shared_ptr<const win32::security_descriptor> cluster)
    : cluster_(std::move(cluster)), root_key_(default_key_descriptor()) {}

std::uint64_t machine_time() {
    return win32::to_filetime(std::chrono::system_clock::now()).ticks;
}

model::property_context call::properties() const {
    model::property_context out{*cluster, server.shown_as};
    if (auto bytes = win32::encode_security_descriptor(*server.security.cluster()))
        out.cluster_security = std::move(*bytes);
    return out;
}

std::optional<ndr::context_handle> publish(call& c, std::shared_ptr<handle> object) {
    const auto id =
        c.rpc.handles->add(*c.rpc.target, std::move(object), auth::display_name(*c.rpc.caller));
    if (!id)
        return std::nullopt;
    return ndr::context_handle{0, *id};
}

win32::result<access_level> granted(call& c, win32::access_mask desired) {
    return grant(c.server.security, *c.rpc.caller, desired);
}

dcerpc::interface make_clusapi3_interface(service& server) {
    static const std::vector<dcerpc::method> table = [] {
        std::vector<dcerpc::method> out;
        for (const method_row& row : methods()) {
            out.push_back({row.name, row.run});
        }
        return out;
    }();
    dcerpc::interface out;
    out.id = {gen::clusapi3::interface_uuid, gen::clusapi3::interface_major_version,
              gen::clusapi3::interface_minor_version};
    out.name = "clusapi";
    out.annotation = "Failover Cluster Management API";
    out.minimum_level = auth::protection_level::privacy;
    out.methods = table;
    out.service = &server;
    return out;
}

} // namespace bridge::clusapi
