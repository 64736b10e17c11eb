// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/facts.hpp"
#include "bridge/pacemaker/embedded_cluster.hpp"

#include <charconv>
#include <string>
#include <string_view>

namespace bridge::pacemaker {

namespace {

constexpr std::uint8_t default_prefix_length = 24;

struct embedded_link {
    std::string_view network; ///< of the documentation ranges
    std::string_view adapter;
    std::string_view adapter_id;
    std::string_view attribute; ///< node attribute that overrides the address
};
constexpr embedded_link links[] = {
    {"192.0.2.", "Ethernet", "eth0", "clusbridge-address-0"},
    {"198.51.100.", "Ethernet 2", "eth1", "clusbridge-address-1"},
};

std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

model::link_address address_of(const model::node_facts& node, std::uint32_t id,
                               std::uint32_t link) {
    const embedded_link& l = links[link];
    model::link_address a;
    a.node = id;
    a.link = link;
    a.address = std::string(l.network) + std::to_string(id % 254);
    a.prefix_length = default_prefix_length;
    a.adapter = l.adapter;
    a.adapter_id = l.adapter_id;
    if (const std::string* given = model::find_attribute(node.values, l.attribute)) {
        const auto slash = given->find('/');
        a.address = given->substr(0, slash);
        if (slash != std::string::npos)
            a.prefix_length =
                static_cast<std::uint8_t>(number(std::string_view(*given).substr(slash + 1)));
    }
    return a;
}

} // namespace

model::membership membership_of(const model::cib_facts& facts) {
    model::membership m;
    if (const std::string* name = model::find_attribute(*facts.options, "cluster-name"))
        m.cluster_name = *name;
    for (const auto& node : facts.nodes) {
        const std::uint32_t id = number(node->id);
        if (id == 0 || node->type == "remote")
            continue;
        const auto status = facts.status.find(node->id);
        model::member member;
        member.id = id;
        member.name = node->uname;
        member.joined = status && status->in_ccm;
        m.members.push_back(member);
        ++m.expected_votes;
        m.votes += member.joined ? 1 : 0;
        for (std::uint32_t link = 0; link < std::size(links); ++link)
            m.addresses.push_back(address_of(*node, id, link));
    }
    m.local_node = number(facts.dc);
    if (m.local_node == 0 && !m.members.empty())
        m.local_node = m.members.front().id;
    m.quorum = m.expected_votes / 2 + 1;
    m.quorate = m.votes >= m.quorum;
    for (const auto& from : m.members)
        for (const auto& to : m.members)
            for (std::uint32_t link = 0; from.joined && link < std::size(links); ++link)
                if (from.id != to.id)
                    m.views.push_back({from.id, to.id, link, to.joined});
    return m;
}

} // namespace bridge::pacemaker
