// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/builder.hpp"
#include "xml/metadata.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::xml {

/// An agent that some nodes have.
struct installed_agent {
    std::string name;                               ///< "class:provider:type", or "class:type"
    std::shared_ptr<const agent_metadata> metadata; ///< null when it gave none
    std::vector<std::string> nodes;                 ///< ClusAPI ids of the nodes that have it
};

/// The resource types that Windows administrators know, and the agents that stand behind them
/// (catalogue/resource-types.xml; its form is catalogue/resource-types.rng).
class catalogue {
public:
    /// nullopt when the text is no catalogue. Reads our own file: unknown elements are ignored, the
    /// schema is checked by the tests.
    static std::optional<catalogue> parse(std::string_view text);

    /// The one that ships with the program.
    static const catalogue& built_in();

    /// Every type of the catalogue (those that no agent stands behind as well), then every other
    /// installed agent under its own name with the private properties of its meta-data, in the
    /// order given. A type's nodes are those that have one of its agents.
    [[nodiscard]] std::shared_ptr<const model::type_list>
    types(const std::vector<installed_agent>& installed) const;

    [[nodiscard]] const std::vector<model::resource_type>& entries() const { return entries_; }

private:
    [[nodiscard]] bool covers(std::string_view agent) const;

    std::vector<model::resource_type> entries_;
};

} // namespace bridge::xml
