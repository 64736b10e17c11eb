// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <boost/json/object.hpp>

#include <string>

/// What handlers of several commands on the control socket have in common.
namespace bridge::daemon {

/// The control_error() for a batch that the registry did not take: not_active, busy, disk_full,
/// tree_full, too_large, undecided or invalid.
boost::json::object registry_refusal(model::registry_errc why);

/// Who asks, for the audit: "uid 0".
std::string control_caller(const boost::json::object& request);

} // namespace bridge::daemon
