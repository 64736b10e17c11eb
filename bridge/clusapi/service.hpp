// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/observer.hpp"
#include "bridge/clusapi/registry_view.hpp"
#include "bridge/dcerpc/service.hpp"
#include "bridge/model/schema_values.hpp"
#include "bridge/ports/snapshot_source.hpp"
#include "bridge/win32/security_descriptor.hpp"

#include <memory>

/// ClusAPI 3.0 (MS-CMRP): what the handlers of all connections share.
namespace bridge::clusapi {

/// The security descriptors that decide access. A change counts at the next call.
class security_source {
public:
    virtual ~security_source() = default;

    /// The cluster security descriptor (MS-CMRP 3.1.4); never null.
    [[nodiscard]] virtual std::shared_ptr<const win32::security_descriptor> cluster() const = 0;

    /// The descriptor of a registry key, by its path; never null.
    [[nodiscard]] virtual std::shared_ptr<const win32::security_descriptor>
    key(std::string_view path) const = 0;
};

/// Descriptors given once: Administrators and SYSTEM may do everything; whoever the cluster
/// descriptor lets in may read every key.
class fixed_security : public security_source {
public:
    fixed_security();
    explicit fixed_security(std::shared_ptr<const win32::security_descriptor> cluster);

    [[nodiscard]] std::shared_ptr<const win32::security_descriptor> cluster() const override {
        return cluster_;
    }
    [[nodiscard]] std::shared_ptr<const win32::security_descriptor>
    key(std::string_view) const override {
        return keys_;
    }

private:
    std::shared_ptr<const win32::security_descriptor> cluster_;
    std::shared_ptr<const win32::security_descriptor> keys_;
};

/// References outlive the service. One object serves all connections; the daemon's one thread calls
/// it.
struct service {
    const ports::snapshot_source& cluster;
    const security_source& security;
    const registry_view& registry;
    model::personality shown_as = {};
    observer* reports = nullptr; ///< null: nobody is told
};

/// The interface as the runtime offers it: opnums 0 to 147, level PKT_PRIVACY or better. `server`
/// outlives it.
dcerpc::interface make_clusapi3_interface(service& server);

} // namespace bridge::clusapi
