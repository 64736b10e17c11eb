// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/acceptor.hpp"
#include "bridge/clusapi/service.hpp"
#include "bridge/daemon/configuration.hpp"
#include "bridge/dcerpc/limits.hpp"
#include "bridge/model/builder.hpp"
#include "bridge/win32/guid.hpp"

/// What the configuration means to each part that serves clients. `cluster` is the cluster's GUID.
namespace bridge::daemon {

dcerpc::limits limits_of(const configuration& c);
auth::acceptor_config acceptor_of(const configuration& c, const win32::guid& cluster);
model::builder_settings builder_of(const configuration& c, const win32::guid& cluster);
model::personality personality_of(const configuration& c);
/// Throws configuration_error when access.security_descriptor is not SDDL.
clusapi::fixed_security security_of(const configuration& c);

} // namespace bridge::daemon
