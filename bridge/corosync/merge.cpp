// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/merge.hpp"

#include <algorithm>

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

model::membership merge(model::membership local,
                        const std::map<std::uint32_t, known_report>& reports) {
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
        for (const model::link_view& view : known.report.views) {
            const bool configured =
                std::any_of(local.addresses.begin(), local.addresses.end(), [&](const auto& a) {
                    return a.node == view.to && a.link == view.link;
                });
            if (configured)
                local.views.push_back(view);
        }
    }
    return local;
}

} // namespace bridge::corosync
