// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_security.hpp"

#include "bridge/daemon/stored_descriptor.hpp"

#include <utility>

namespace bridge::daemon {

cluster_security::cluster_security(const ports::registry& store, clusapi::fixed_security configured,
                                   note changed)
    : store_(store), configured_(std::move(configured)), changed_(std::move(changed)) {}

std::shared_ptr<const win32::security_descriptor> cluster_security::cluster() const {
    const model::registry_tree& tree = store_.tree();
    if (seen_ != tree.digest()) {
        auto stored = stored_descriptor(tree);
        seen_ = tree.digest();
        const bool same = stored ? stored_ && *stored_ == *stored : !stored_;
        if (!same) {
            stored_ =
                stored ? std::make_shared<const win32::security_descriptor>(*stored) : nullptr;
            changed_(stored_ ? "access: the registry's security descriptor counts"
                             : "access: the configured security descriptor counts");
        }
    }
    return stored_ ? stored_ : configured_.cluster();
}

} // namespace bridge::daemon
