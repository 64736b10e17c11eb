// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/resource_types.hpp"

#include "xml/catalogue.hpp"
#include "xml/metadata.hpp"

namespace bridge::daemon {

std::shared_ptr<const model::type_list> resource_types(const ports::agent_list& agents,
                                                       const std::vector<std::string>& nodes) {
    std::vector<xml::installed_agent> installed;
    installed.reserve(agents.size());
    for (const ports::agent& agent : agents) {
        xml::installed_agent item;
        item.name = agent.standard + ":" + (agent.provider.empty() ? "" : agent.provider + ":") + agent.type;
        if (auto metadata = xml::agent_metadata::parse(agent.metadata))
            item.metadata = std::make_shared<const xml::agent_metadata>(std::move(*metadata));
        item.nodes = nodes;
        installed.push_back(std::move(item));
    }
    return xml::catalogue::built_in().types(installed);
}

} // namespace bridge::daemon
