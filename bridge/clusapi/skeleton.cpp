// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/skeleton.hpp"

#include "bridge/clusapi/control.hpp"
#include "bridge/clusapi/error_map.hpp"

namespace bridge::clusapi {

namespace {

using model::server_state;

/// UTF-16 units of a client's text that a report tells.
constexpr std::size_t max_reported_name = 256;

bool changes(const method_row& row, const call_facts& facts) {
    return row.needs.changes ||
           (row.needs.access == access_kind::control && changes_cluster(facts.control_code));
}

/// Unknown, or made by another interface: fault. Of another type: ERROR_INVALID_HANDLE. Null is one
/// of another type for the closing methods, which alone may be given it.
verdict check_handles(call& c, const method_row& row, std::span<const handle_use> uses) {
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (uses[i].value->is_null())
            return row.needs.access == access_kind::free
                       ? verdict{dcerpc::fault::none, win32_error::ERROR_INVALID_HANDLE}
                       : verdict{dcerpc::fault::context_mismatch, {}};
        const auto found = c.rpc.handles->find(*c.rpc.target, uses[i].value->uuid);
        if (!found)
            return {dcerpc::fault::context_mismatch, {}};
        // Only this interface's handlers add handles under its name.
        c.handles.at(i) = std::static_pointer_cast<handle>(found);
        if (!fits(c.handles.at(i)->kind, uses[i].kind))
            return {dcerpc::fault::none, win32_error::ERROR_INVALID_HANDLE};
    }
    return {};
}

bool state_suffices(const call& c, const method_row& row, const call_facts& facts) {
    const server_state now = c.server.cluster.state();
    const auto read_write_if = [now](bool wanted) {
        return now == server_state::read_write || (now == server_state::read_only && !wanted);
    };
    switch (row.needs.state) {
    case state_kind::read_only:
        return read_write_if(false);
    case state_kind::read_write:
        return read_write_if(true);
    case state_kind::read_only_for_nodes:
        return read_write_if(!facts.nodes_only);
    case state_kind::control:
        return read_write_if(changes_cluster(facts.control_code));
    }
    return false;
}

bool handles_have(const call& c, access_level needed) {
    for (const auto& h : c.handles)
        if (h && h->level < needed)
            return false;
    return true;
}

bool access_suffices(call& c, const method_row& row, const call_facts& facts) {
    const rule& needs = row.needs;
    switch (needs.access) {
    case access_kind::free:
        return true;
    case access_kind::at_call:
        return level_of(c.server.security, *c.rpc.caller) >= needs.level;
    case access_kind::on_open:
        return level_of(c.server.security, *c.rpc.caller) >= access_level::read;
    case access_kind::on_handle:
        return handles_have(c, needs.level);
    case access_kind::control:
        return handles_have(c, changes_cluster(facts.control_code) ? access_level::all
                                                                   : access_level::read);
    }
    return false;
}

template <class Objects>
bool look_up(object_ref& target, const Objects& objects, const std::string& id) {
    auto found = objects.find_id(id);
    if (!found)
        return false;
    target = std::move(found);
    return true;
}

/// The code for an object that is gone behind a valid handle; success when it is there.
win32_error resolve(const model::snapshot& cluster, const handle& h, object_ref& target) {
    switch (h.kind) {
    case handle_kind::node:
        if (!look_up(target, cluster.nodes, h.id))
            return win32_error::ERROR_NODE_NOT_AVAILABLE;
        break;
    case handle_kind::group:
        if (!look_up(target, cluster.groups, h.id))
            return win32_error::ERROR_GROUP_NOT_AVAILABLE;
        break;
    case handle_kind::resource:
        if (!look_up(target, cluster.resources, h.id))
            return win32_error::ERROR_RESOURCE_NOT_AVAILABLE;
        break;
    case handle_kind::network:
        if (!look_up(target, cluster.networks, h.id))
            return win32_error::ERROR_NETWORK_NOT_AVAILABLE;
        break;
    case handle_kind::net_interface:
        if (!look_up(target, cluster.interfaces, h.id))
            return win32_error::ERROR_CLUSTER_NETINTERFACE_NOT_FOUND;
        break;
    default:
        break;
    }
    return win32_error::ERROR_SUCCESS;
}

verdict check_objects(call& c, const method_row& row) {
    if (row.needs.access == access_kind::free)
        return {};
    for (std::size_t i = 0; i < c.handles.size(); ++i) {
        if (!c.handles[i])
            break;
        const win32_error code = resolve(*c.cluster, *c.handles[i], c.objects[i]);
        if (code != win32_error::ERROR_SUCCESS)
            return {dcerpc::fault::none, code};
    }
    return {};
}

} // namespace

verdict check(call& c, const method_row& row, const call_facts& facts) {
    if (!c.rpc.caller)
        return {dcerpc::fault::access_denied, {}};
    const verdict handles = check_handles(c, row, facts.handles);
    if (handles.fault != dcerpc::fault::none || handles.code != win32_error::ERROR_SUCCESS)
        return handles;
    if (!state_suffices(c, row, facts))
        return {dcerpc::fault::none, win32_error::ERROR_SHARING_PAUSED};
    if (!access_suffices(c, row, facts))
        return {dcerpc::fault::none, win32_error::ERROR_ACCESS_DENIED};
    return check_objects(c, row);
}

bool waits_for_registry(const call& c, const method_row& row, const call_facts& facts,
                        const verdict& first) {
    if (first.fault != dcerpc::fault::none)
        return false;
    const bool paused = first.code == win32_error::ERROR_SHARING_PAUSED &&
                        c.server.cluster.state() == server_state::read_only;
    if (first.code != win32_error::ERROR_SUCCESS && !paused)
        return false;
    return row.needs.access != access_kind::control || reads_registry(facts.control_code);
}

boost::asio::awaitable<verdict> settle(call& c, const method_row& row, const call_facts& facts) {
    auto waiting = c.server.store.readable();
    const model::registry_errc code = co_await std::move(waiting);
    c.cluster = c.server.cluster.current();
    c.objects = {};
    const verdict again = check(c, row, facts);
    if (again.fault != dcerpc::fault::none || again.code != win32_error::ERROR_SUCCESS)
        co_return again;
    // A node that knows that it is cut off serves what it has as a read-only server
    // (MS-CMRP 3.1.1); one that cannot know whether others went on without it does not.
    verdict out;
    if (code != model::registry_errc::stale)
        out.code = to_win32(code, registry_call::on_key);
    co_return out;
}

void conclude(call& c, const method_row& row, const call_facts& facts, win32_error code) {
    // MS-CMRP 3.1.3: a caller that may do nothing at all loses its connection.
    if (code == win32_error::ERROR_ACCESS_DENIED &&
        level_of(c.server.security, *c.rpc.caller) == access_level::none)
        c.rpc.close_after_response = true;
    if (!c.server.reports)
        return;
    call_report report;
    report.method = row.name;
    report.opnum = row.opnum;
    report.caller = c.rpc.caller.get();
    report.peer = c.rpc.peer;
    const std::string name = narrow(facts.object_name.substr(0, max_reported_name));
    report.object = c.handles[0] && !c.handles[0]->id.empty() ? std::string_view(c.handles[0]->id)
                                                              : std::string_view(name);
    report.control_code = facts.control_code;
    report.result = code;
    report.changing = changes(row, facts);
    c.server.reports->answered(report);
}

ndr::reader reader_of(const dcerpc::call& rpc, std::span<const std::byte> stub) {
    const bool wide_form = rpc.syntax == dcerpc::transfer_syntax::ndr64;
    return ndr::reader(stub, wide_form ? ndr::syntax::ndr64 : ndr::syntax::ndr,
                       rpc.big_endian ? ndr::byte_order::big : ndr::byte_order::little);
}

ndr::writer writer_of(const dcerpc::call& rpc) {
    return ndr::writer(rpc.syntax == dcerpc::transfer_syntax::ndr64 ? ndr::syntax::ndr64
                                                                    : ndr::syntax::ndr);
}

} // namespace bridge::clusapi
