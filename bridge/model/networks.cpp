// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/networks.hpp"

#include "bridge/model/addresses.hpp"
#include "bridge/model/identity.hpp"
#include "bridge/model/state.hpp"

#include <algorithm>
#include <map>

namespace bridge::model {

namespace {

property texts(std::string name, std::vector<std::string> values) {
    return {std::move(name), property_format::multi_sz, std::move(values)};
}

using address_list = std::vector<const link_address*>;

/// What one link becomes.
class link_planner {
public:
    link_planner(const membership& members, const node_set& nodes, const builder_settings& settings)
        : members_(members), nodes_(nodes), settings_(settings) {}

    network_set run() {
        std::map<std::uint32_t, address_list> links;
        for (const auto& each : members_.addresses)
            if (nodes_.by_cib_id(std::to_string(each.node)) < nodes_.shown())
                links[each.link].push_back(&each);
        for (const auto& [link, addresses] : links)
            add_link(link, addresses);
        return std::move(made_);
    }

private:
    [[nodiscard]] const node& node_of(const link_address& address) const {
        return *nodes_[nodes_.by_cib_id(std::to_string(address.node))].shown;
    }

    void add_link(std::uint32_t link, const address_list& addresses) {
        network_condition condition;
        for (const auto* each : addresses) {
            const auto state = node_of(*each).state;
            condition.available.push_back(state == node_state::up || state == node_state::paused);
        }
        for (const auto& view : members_.views)
            if (view.connected && view.link == link)
                for (const auto from : places(addresses, view.from))
                    for (const auto to : places(addresses, view.to))
                        condition.reaches.emplace_back(from, to);
        const auto states = states_of(condition);
        auto made = describe(link, addresses);
        made->state = state_of(states);
        for (std::size_t i = 0; i < addresses.size(); ++i)
            add_interface(*addresses[i], made->id, states[i]);
        made_.networks.push_back(std::move(made));
    }

    static std::vector<std::size_t> places(const address_list& addresses, std::uint32_t node) {
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < addresses.size(); ++i)
            if (addresses[i]->node == node)
                found.push_back(i);
        return found;
    }

    std::shared_ptr<network> describe(std::uint32_t link, const address_list& addresses) {
        auto made = std::make_shared<network>();
        made->id = derived_id(settings_.cluster_id, "network", std::to_string(link));
        made->name = network_names_.add_name("Cluster Network " + std::to_string(link + 1));
        std::vector<std::string> subnets[2];
        std::vector<std::string> lengths[2];
        for (const auto* each : addresses) {
            const auto address = parse_ip(each->address);
            if (!address || each->prefix_length == 0)
                continue;
            auto subnet = to_string(subnet_of(*address, each->prefix_length));
            auto& list = subnets[address->v6 ? 1 : 0];
            if (std::find(list.begin(), list.end(), subnet) != list.end())
                continue;
            if (made->address.empty() && !address->v6) {
                made->address = subnet;
                made->mask = mask_text(each->prefix_length);
            }
            list.push_back(std::move(subnet));
            lengths[address->v6 ? 1 : 0].push_back(std::to_string(each->prefix_length));
        }
        made->common = {texts("IPv6Addresses", subnets[1]), texts("IPv6PrefixLengths", lengths[1]),
                        texts("IPv4Addresses", subnets[0]), texts("IPv4PrefixLengths", lengths[0])};
        return made;
    }

    void add_interface(const link_address& address, const std::string& network_id,
                       net_interface_state state) {
        auto made = std::make_shared<net_interface>();
        const auto& owner = node_of(address);
        made->id = derived_id(settings_.cluster_id, "interface",
                              std::to_string(address.node) + "/" + std::to_string(address.link));
        const auto adapter =
            address.adapter.empty() ? "Link " + std::to_string(address.link) : address.adapter;
        made->name = interface_names_.add_name(owner.name + " - " + adapter);
        made->node = owner.id;
        made->network = network_id;
        made->adapter = adapter;
        made->adapter_id = address.adapter_id;
        made->address = address.address;
        made->state = state;
        const auto parsed = parse_ip(address.address);
        const bool v6 = parsed && parsed->v6;
        const std::vector<std::string> own{address.address};
        made->common = {
            {"DhcpEnabled", property_format::dword, static_cast<std::uint32_t>(address.dhcp)},
            texts("IPv6Addresses", v6 ? own : std::vector<std::string>{}),
            texts("IPv4Addresses", v6 ? std::vector<std::string>{} : own)};
        made_.interfaces.push_back(std::move(made));
    }

    const membership& members_;
    const node_set& nodes_;
    const builder_settings& settings_;
    name_register network_names_;
    name_register interface_names_;
    network_set made_;
};

const std::vector<std::string>* strings(const property_list& list, std::string_view name) {
    const auto* found = find_property(list, name);
    return found != nullptr ? std::get_if<std::vector<std::string>>(&found->value) : nullptr;
}

} // namespace

network_set make_networks(const membership& members, const node_set& nodes,
                          const builder_settings& settings) {
    return link_planner(members, nodes, settings).run();
}

std::string network_holding(const std::vector<std::shared_ptr<const network>>& networks,
                            std::string_view address) {
    const auto parsed = parse_ip(address);
    if (!parsed)
        return {};
    for (const auto& each : networks) {
        const auto* subnets = strings(each->common, parsed->v6 ? "IPv6Addresses" : "IPv4Addresses");
        const auto* lengths =
            strings(each->common, parsed->v6 ? "IPv6PrefixLengths" : "IPv4PrefixLengths");
        for (std::size_t i = 0; subnets != nullptr && lengths != nullptr && i < subnets->size();
             ++i) {
            const auto length = prefix_of_mask((*lengths)[i]);
            if (length && to_string(subnet_of(*parsed, *length)) == (*subnets)[i])
                return each->name;
        }
    }
    return {};
}

} // namespace bridge::model
