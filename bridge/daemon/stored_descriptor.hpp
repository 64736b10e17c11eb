// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/registry.hpp"
#include "bridge/win32/security_descriptor.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

/// The cluster security descriptor (MS-CMRP 3.1.4) in the registry, where all nodes have the same.
namespace bridge::daemon {

/// What the registry holds; nullopt: nothing, or nothing that is a descriptor.
std::optional<win32::security_descriptor> stored_descriptor(const model::registry_tree& tree);

/// Completes when all nodes have it, or with what kept it from being stored. nullopt: none any
/// more. `caller` is for the audit.
boost::asio::awaitable<model::registry_errc>
store_descriptor(ports::registry& store, std::optional<win32::security_descriptor> value,
                 std::string caller);

} // namespace bridge::daemon
