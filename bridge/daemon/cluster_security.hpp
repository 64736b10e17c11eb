// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/service.hpp"
#include "bridge/ports/registry.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace bridge::daemon {

/// Who may do what: by the descriptor in the registry, by the configured one while there is none.
/// A change counts at the next call, on whatever node it was made.
class cluster_security final : public clusapi::security_source {
public:
    using note = std::function<void(std::string_view)>;

    /// `store` outlives it. `changed` is told, in words, whenever another one counts.
    cluster_security(const ports::registry& store, clusapi::fixed_security configured,
                     note changed);

    [[nodiscard]] std::shared_ptr<const win32::security_descriptor> cluster() const override;
    [[nodiscard]] std::shared_ptr<const win32::security_descriptor> root_key() const override {
        return configured_.root_key();
    }

private:
    const ports::registry& store_;
    clusapi::fixed_security configured_;
    note changed_;
    /// The tree's digest when it was looked into last: another one may hold another descriptor.
    mutable std::optional<model::registry_digest> seen_;
    mutable std::shared_ptr<const win32::security_descriptor> stored_; ///< null: none
};

} // namespace bridge::daemon
