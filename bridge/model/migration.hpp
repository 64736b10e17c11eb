// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/history.hpp"

#include <string>

/// Live migrations: migrate_to on the source, migrate_from on the target, stop on the source. What
/// one of them says about its own node depends on whether the others have happened.
namespace bridge::model {

struct migration_reading {
    /// What the operation leaves on its own node; `unknown`: newer operations tell.
    role is = role::unknown;
    bool failed = false;     ///< the resource has failed on its own node
    std::string also_active; ///< node (uname) where it may run as well; empty: none
};

/// A migrate_to that went well.
migration_reading after_migrate_to(const operation_result& operation, const history_place& place);
/// A migrate_to that failed.
migration_reading after_failed_migrate_to(const operation_result& operation,
                                          const history_place& place);
/// A migrate_from that failed.
migration_reading after_failed_migrate_from(const operation_result& operation,
                                            const history_place& place);

} // namespace bridge::model
