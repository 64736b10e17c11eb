// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"

#include "bridge/clusapi/handlers.hpp"

#include <algorithm>

namespace bridge::clusapi {

namespace {

const control_row* find_row(std::uint32_t code) {
    const auto rows = control_codes();
    const auto found = std::ranges::lower_bound(rows, code, {}, &control_row::code);
    return found != rows.end() && found->code == code ? &*found : nullptr;
}

/// MS-CMRP 3.1.4.3.1.2 to 4: asked with no buffer at all, these succeed and return nothing.
bool empty_buffer_is_fine(operation what) {
    return what == operation::get_characteristics || what == operation::get_flags ||
           what == operation::get_class_info;
}

bool is_up(const model::node& node) {
    return node.state == model::node_state::up || node.state == model::node_state::paused;
}

/// Puts a result into the client's buffer; too small a buffer gets ERROR_MORE_DATA and the size
/// needed.
template <class Out>
reply<Out> fit(const control_request& request, control_result result) {
    Out out;
    if (result.code != win32_error::ERROR_SUCCESS)
        return {result.code, std::move(out)};
    const auto size = static_cast<std::uint32_t>(result.output.size());
    if (size <= request.output_limit) {
        out.lpBytesReturned = size;
        out.lpcbRequired = size;
        out.lpOutBuffer = std::move(result.output);
        return out;
    }
    if (request.output_limit == 0 && empty_buffer_is_fine(request.what()))
        return out;
    out.lpcbRequired = size;
    return {win32_error::ERROR_MORE_DATA, std::move(out)};
}

template <class Out, class In, class Target>
reply<Out> run(call& c, const In& in, const Target& target, std::string_view node = {}) {
    control_request request{in.dwControlCode, {}, in.nOutBufferSize, node};
    if (in.lpInBuffer)
        request.input = *in.lpInBuffer;
    const control_row* row = find_row(request.code);
    if (!row || row->status == control_status::refused)
        return fit<Out>(request, win32_error::ERROR_INVALID_FUNCTION);
    return fit<Out>(request, control(c, request, target));
}

/// The same on a node named by the second handle; everything here is answered from what this node
/// knows, but a node that is down answers nothing.
template <class Out, class In, class Target>
reply<Out> run_on_node(call& c, const In& in, const Target& target) {
    const auto& node = c.object<model::node>(1);
    if (!is_up(node))
        return win32_error::ERROR_HOST_NODE_NOT_AVAILABLE;
    return run<Out>(c, in, target, node.id);
}

} // namespace

reply<wire::ApiResourceControl_out> resource_control(call& c,
                                                     const wire::ApiResourceControl_in& in) {
    return run<wire::ApiResourceControl_out>(c, in, c.object<model::resource>());
}

reply<wire::ApiNodeResourceControl_out>
node_resource_control(call& c, const wire::ApiNodeResourceControl_in& in) {
    return run_on_node<wire::ApiNodeResourceControl_out>(c, in, c.object<model::resource>());
}

reply<wire::ApiResourceTypeControl_out>
resource_type_control(call& c, const wire::ApiResourceTypeControl_in& in) {
    const auto type = c.cluster->types.find(narrow(in.lpszResourceTypeName));
    if (!type)
        return win32_error::ERROR_CLUSTER_RESOURCE_TYPE_NOT_FOUND;
    return run<wire::ApiResourceTypeControl_out>(c, in, *type);
}

reply<wire::ApiNodeResourceTypeControl_out>
node_resource_type_control(call& c, const wire::ApiNodeResourceTypeControl_in& in) {
    const auto type = c.cluster->types.find(narrow(in.lpszResourceTypeName));
    if (!type)
        return win32_error::ERROR_CLUSTER_RESOURCE_TYPE_NOT_FOUND;
    return run_on_node<wire::ApiNodeResourceTypeControl_out>(c, in, *type);
}

reply<wire::ApiGroupControl_out> group_control(call& c, const wire::ApiGroupControl_in& in) {
    return run<wire::ApiGroupControl_out>(c, in, c.object<model::group>());
}

reply<wire::ApiNodeGroupControl_out> node_group_control(call& c,
                                                        const wire::ApiNodeGroupControl_in& in) {
    return run_on_node<wire::ApiNodeGroupControl_out>(c, in, c.object<model::group>());
}

reply<wire::ApiNodeControl_out> node_control(call& c, const wire::ApiNodeControl_in& in) {
    return run<wire::ApiNodeControl_out>(c, in, c.object<model::node>());
}

reply<wire::ApiNodeNodeControl_out> node_node_control(call& c,
                                                      const wire::ApiNodeNodeControl_in& in) {
    return run_on_node<wire::ApiNodeNodeControl_out>(c, in, c.object<model::node>());
}

reply<wire::ApiNetworkControl_out> network_control(call& c, const wire::ApiNetworkControl_in& in) {
    return run<wire::ApiNetworkControl_out>(c, in, c.object<model::network>());
}

reply<wire::ApiNodeNetworkControl_out>
node_network_control(call& c, const wire::ApiNodeNetworkControl_in& in) {
    return run_on_node<wire::ApiNodeNetworkControl_out>(c, in, c.object<model::network>());
}

reply<wire::ApiNetInterfaceControl_out>
net_interface_control(call& c, const wire::ApiNetInterfaceControl_in& in) {
    return run<wire::ApiNetInterfaceControl_out>(c, in, c.object<model::net_interface>());
}

reply<wire::ApiNodeNetInterfaceControl_out>
node_net_interface_control(call& c, const wire::ApiNodeNetInterfaceControl_in& in) {
    return run_on_node<wire::ApiNodeNetInterfaceControl_out>(c, in,
                                                             c.object<model::net_interface>());
}

reply<wire::ApiClusterControl_out> cluster_control(call& c, const wire::ApiClusterControl_in& in) {
    return run<wire::ApiClusterControl_out>(c, in, *c.cluster->info);
}

reply<wire::ApiNodeClusterControl_out>
node_cluster_control(call& c, const wire::ApiNodeClusterControl_in& in) {
    return run_on_node<wire::ApiNodeClusterControl_out>(c, in, *c.cluster->info);
}

} // namespace bridge::clusapi
