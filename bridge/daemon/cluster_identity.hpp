// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/registry.hpp"
#include "bridge/win32/guid.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string_view>

/// The cluster's GUID. It lives in the registry, made once: an identity that changes would break
/// every identifier that clients remember.
namespace bridge::daemon {

/// The GUID that the registry holds as far as this node knows; nullopt: none yet.
std::optional<win32::guid> cluster_identity(const model::registry_tree& tree);

/// Stores `candidate` (null: a random one) unless there is an identity already. Completes when
/// there is one in the registry, or with what kept it from being stored.
boost::asio::awaitable<model::registry_errc> make_cluster_identity(ports::registry& store,
                                                                   win32::guid candidate);

/// cluster.id of the configuration; null when it is empty. Throws std::runtime_error when the text
/// is no GUID.
win32::guid configured_identity(std::string_view text);

} // namespace bridge::daemon
