// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"
#include "bridge/clusapi/dependency.hpp"

#include <array>

/// Nodes, groups, networks, interfaces and the cluster. Their codes differ in little but the names.
namespace bridge::clusapi {

namespace {

using model::object_kind;

/// The code must be one of the kind's own; those that are to come say so.
std::optional<control_result> preliminary(const control_request& request, object_kind kind) {
    if (request.code >> 24 != static_cast<std::uint32_t>(kind))
        return control_result(win32_error::ERROR_INVALID_FUNCTION);
    for (const control_row& row : control_codes())
        if (row.code == request.code && row.status == control_status::to_come)
            return control_result(answer_to_come(request.code));
    return std::nullopt;
}

template <class T>
property_facts facts_of(const call& c, object_kind kind, const T& target) {
    return {kind,
            model::common_properties(c.properties(), target),
            with_stored(c, kind, target.id, model::private_properties(target.private_properties)),
            {}};
}

/// What every kind but the cluster answers: no characteristics, flags, name and identifier.
template <class T>
std::optional<control_result> identity_control(const control_request& request, const T& target,
                                               std::uint32_t flags) {
    switch (request.what()) {
    case operation::get_characteristics:
        return control_result(encode_u32(0));
    case operation::get_flags:
        return control_result(encode_u32(flags));
    case operation::get_name:
        return control_result(encode_text(target.name));
    case operation::get_id:
        return control_result(encode_text(target.id));
    default:
        return std::nullopt;
    }
}

template <class T>
control_result simple_control(const call& c, const control_request& request, object_kind kind,
                              const T& target, std::uint32_t flags) {
    if (auto early = preliminary(request, kind))
        return std::move(*early);
    if (auto answer = identity_control(request, target, flags))
        return std::move(*answer);
    if (auto answer = property_control(request, facts_of(c, kind, target)))
        return std::move(*answer);
    return win32_error::ERROR_INVALID_FUNCTION;
}

/// A node or the quorum resource as a voter.
struct voter {
    std::uint32_t votes = 0;         ///< configured
    std::uint32_t counted_votes = 0; ///< of those, the ones that count now
};

/// The voter that the input names; without input the node that was called, as deployed clients have
/// it.
std::optional<voter> find_voter(const call& c, std::span<const std::byte> input) {
    const model::snapshot& cluster = *c.cluster;
    const auto id = input.empty() ? c.server.cluster.local_node() : parse_text(input);
    if (!id)
        return std::nullopt;
    if (const auto node = cluster.nodes.find_id(*id)) {
        const bool counts =
            node->state == model::node_state::up || node->state == model::node_state::paused;
        return voter{node->weight, counts ? node->dynamic_weight : 0};
    }
    const model::quorum& quorum = cluster.quorum_info;
    const auto resource =
        quorum.resource_name.empty() ? nullptr : cluster.resources.find(quorum.resource_name);
    if (!resource || resource->id != *id)
        return std::nullopt;
    return voter{1, resource->state == model::resource_state::online ? 1U : 0U};
}

/// CLUSTER_QUORUM_VALUE after the voter is gone (MS-CMRP 3.1.4.3.7.3 and 4): stopped, it is still
/// expected; evicted, it is not.
control_result check_voter(const call& c, const control_request& request) {
    constexpr std::uint32_t maintained = 0;
    constexpr std::uint32_t lost = 1;
    const auto gone = find_voter(c, request.input);
    if (!gone)
        return win32_error::ERROR_INVALID_PARAMETER;
    const model::quorum& quorum = c.cluster->quorum_info;
    const bool evicted = request.what() == operation::check_voter_evict;
    const auto less = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : 0; };
    const std::uint32_t votes = less(quorum.votes, gone->counted_votes);
    const std::uint32_t expected = less(quorum.expected_votes, evicted ? gone->votes : 0);
    return encode_u32(votes >= expected / 2 + 1 ? maintained : lost);
}

} // namespace

control_result control(const call& c, const control_request& request,
                       const model::cluster& target) {
    constexpr std::uint32_t get_shared_volume_id = 0x07000291;
    if (auto early = preliminary(request, object_kind::cluster))
        return std::move(*early);
    if (request.code == get_shared_volume_id)
        return win32_error::ERROR_CLUSTER_NOT_SHARED_VOLUME;
    switch (request.what()) {
    case operation::get_fqdn:
        return encode_text(target.domain.empty() ? target.name : target.name + "." + target.domain);
    case operation::check_voter_evict:
    case operation::check_voter_down:
        return check_voter(c, request);
    default:
        break;
    }
    if (auto answer = property_control(request, facts_of(c, object_kind::cluster, target)))
        return std::move(*answer);
    return win32_error::ERROR_INVALID_FUNCTION;
}

control_result control(const call& c, const control_request& request, const model::node& target) {
    return simple_control(c, request, object_kind::node, target, 0);
}

control_result control(const call& c, const control_request& request, const model::group& target) {
    return simple_control(c, request, object_kind::group, target, target.flags);
}

control_result control(const call& c, const control_request& request,
                       const model::network& target) {
    return simple_control(c, request, object_kind::network, target, 0);
}

control_result control(const call& c, const control_request& request,
                       const model::net_interface& target) {
    if (request.code >> 24 == static_cast<std::uint32_t>(object_kind::net_interface)) {
        if (request.what() == operation::get_node) {
            const auto node = c.cluster->nodes.find_id(target.node);
            return encode_text(node ? node->name : std::string_view{});
        }
        if (request.what() == operation::get_network) {
            const auto network = c.cluster->networks.find_id(target.network);
            return encode_text(network ? network->name : std::string_view{});
        }
    }
    return simple_control(c, request, object_kind::net_interface, target, 0);
}

} // namespace bridge::clusapi
