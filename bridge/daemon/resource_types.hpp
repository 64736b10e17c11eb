// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/builder.hpp"
#include "bridge/ports/agent_catalogue.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bridge::daemon {

/// The resource types of a cluster whose nodes (ClusAPI ids) all have these agents: the
/// catalogue's, then every other agent of the `shown` standards under its own name. Meta-data that
/// cannot be read counts as missing.
std::shared_ptr<const model::type_list> resource_types(const ports::agent_list& agents,
                                                       const std::vector<std::string>& nodes,
                                                       const std::vector<std::string>& shown);

} // namespace bridge::daemon
