// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/observer.hpp"
#include "bridge/dcerpc/service.hpp"
#include "bridge/model/schema_values.hpp"
#include "bridge/ports/disks.hpp"
#include "bridge/ports/registry.hpp"
#include "bridge/ports/snapshot_source.hpp"
#include "bridge/win32/security_descriptor.hpp"

#include <cstdint>
#include <memory>

/// ClusAPI 3.0 (MS-CMRP): what the handlers of all connections share.
namespace bridge::clusapi {

/// The security descriptors that decide access. A change counts at the next call.
class security_source {
public:
    virtual ~security_source() = default;

    /// The cluster security descriptor (MS-CMRP 3.1.4); never null.
    [[nodiscard]] virtual std::shared_ptr<const win32::security_descriptor> cluster() const = 0;

    /// The descriptor of the registry's root key while none is stored; never null.
    [[nodiscard]] virtual std::shared_ptr<const win32::security_descriptor> root_key() const = 0;
};

/// Descriptors given once: Administrators and SYSTEM may do everything; whoever the cluster
/// descriptor lets in may read every key that has no descriptor of its own.
class fixed_security : public security_source {
public:
    fixed_security();
    explicit fixed_security(std::shared_ptr<const win32::security_descriptor> cluster);

    [[nodiscard]] std::shared_ptr<const win32::security_descriptor> cluster() const override {
        return cluster_;
    }
    [[nodiscard]] std::shared_ptr<const win32::security_descriptor> root_key() const override {
        return root_key_;
    }

private:
    std::shared_ptr<const win32::security_descriptor> cluster_;
    std::shared_ptr<const win32::security_descriptor> root_key_;
};

class object_setter;

/// FILETIME of the machine's clock.
std::uint64_t machine_time();

/// References outlive the service. One object serves all connections; the daemon's one thread calls
/// it.
struct service {
    const ports::snapshot_source& cluster;
    const security_source& security;
    ports::registry& store;
    model::personality shown_as = {};
    observer* reports = nullptr;            ///< null: nobody is told
    object_setter* setter = nullptr;        ///< null: values of objects cannot be written yet
    std::uint64_t (*now)() = &machine_time; ///< FILETIME
    const ports::disks* disks = nullptr;    ///< null: no node tells of its disks
};

/// The interface as the runtime offers it: opnums 0 to 147, level PKT_PRIVACY or better. `server`
/// outlives it.
dcerpc::interface make_clusapi3_interface(service& server);

} // namespace bridge::clusapi
