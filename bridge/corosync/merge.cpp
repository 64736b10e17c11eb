// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/merge.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace bridge::corosync {

node_report report_of(const model::membership& local, const std::vector<local_address>& kernel) {
    node_report report;
    report.node = local.local_node;
    for (const model::link_address& configured : local.addresses) {
        if (configured.node != local.local_node)
            continue;
        const auto found = std::find_if(kernel.begin(), kernel.end(), [&](const local_address& a) {
            return a.address == configured.address;
        });
        if (found == kernel.end())
            continue;
        model::link_address a = configured;
        a.prefix_length = found->prefix_length;
        a.adapter = found->friendly_name;
        a.adapter_id = found->interface_name;
        a.dhcp = found->dynamic;
        report.addresses.push_back(std::move(a));
    }
    report.views = local.views;
    return report;
}

namespace {

/// Views of joined nodes whose daemon does not report: a link is what the others see of it (knet's
/// "connected" is an answered ping, so it holds both ways), and between two silent nodes what this
/// node sees of both.
void assume_views(model::membership& m, const std::set<std::uint32_t>& reporting) {
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> connected;
    for (const model::link_view& view : m.views)
        if (view.connected)
            connected.emplace(view.from, view.to, view.link);
    const auto sees = [&](std::uint32_t from, const model::link_address& to) {
        return connected.contains({from, to.node, to.link});
    };
    std::set<std::uint32_t> joined;
    for (const model::member& member : m.members)
        if (member.joined)
            joined.insert(member.id);
    for (const model::link_address& own : m.addresses) {
        if (reporting.contains(own.node) || !joined.contains(own.node))
            continue;
        for (const model::link_address& other : m.addresses) {
            if (other.node == own.node || other.link != own.link)
                continue;
            const bool up = reporting.contains(other.node)
                                ? sees(other.node, own)
                                : sees(m.local_node, own) && sees(m.local_node, other);
            m.views.push_back({own.node, other.node, own.link, up});
        }
    }
}

} // namespace

model::membership merge(model::membership local,
                        const std::map<std::uint32_t, known_report>& reports) {
    std::set<std::uint32_t> reporting{local.local_node};
    for (const auto& [node, known] : reports) {
        for (const model::link_address& told : known.report.addresses) {
            // Only links of corosync's own configuration: a peer cannot invent addresses for the
            // cluster.
            const auto mine =
                std::find_if(local.addresses.begin(), local.addresses.end(), [&](const auto& a) {
                    return a.node == told.node && a.link == told.link;
                });
            if (mine != local.addresses.end())
                *mine = told;
        }
        if (!known.live || node == local.local_node)
            continue;
        reporting.insert(node);
        for (const model::link_view& view : known.report.views) {
            const bool configured =
                std::any_of(local.addresses.begin(), local.addresses.end(), [&](const auto& a) {
                    return a.node == view.to && a.link == view.link;
                });
            if (configured)
                local.views.push_back(view);
        }
    }
    assume_views(local, reporting);
    return local;
}

} // namespace bridge::corosync
