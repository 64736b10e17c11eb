// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/resource_types.hpp"

#include "xml/catalogue.hpp"
#include "xml/metadata.hpp"

#include <algorithm>

namespace bridge::daemon {
namespace {

/// Names of agents begin with their standard; those of the catalogue have no colon.
bool is_shown(const std::string& type, const std::vector<std::string>& standards) {
    const auto colon = type.find(':');
    return colon == std::string::npos ||
           std::find(standards.begin(), standards.end(), type.substr(0, colon)) != standards.end();
}

} // namespace

std::shared_ptr<const model::type_list> resource_types(const ports::agent_list& agents,
                                                       const std::vector<std::string>& nodes,
                                                       const std::vector<std::string>& shown) {
    std::vector<xml::installed_agent> installed;
    installed.reserve(agents.size());
    for (const ports::agent& agent : agents) {
        xml::installed_agent item;
        item.name = agent.standard + ":" + (agent.provider.empty() ? "" : agent.provider + ":") +
                    agent.type;
        if (auto metadata = xml::agent_metadata::parse(agent.metadata))
            item.metadata = std::make_shared<const xml::agent_metadata>(std::move(*metadata));
        item.nodes = nodes;
        installed.push_back(std::move(item));
    }
    auto types = std::make_shared<model::type_list>(*xml::catalogue::built_in().types(installed));
    std::erase_if(*types, [&](const auto& type) { return !is_shown(type->name, shown); });
    return types;
}

} // namespace bridge::daemon
