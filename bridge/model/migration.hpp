// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/history.hpp"

/// What a migration says about both of its ends. Only the newest operation on either node counts,
/// so each end looks at what the other one recorded.
namespace bridge::model {

struct migration_verdict {
    bool concerns = false;     ///< false: something newer happened since; the rest means nothing
    role is = role::started;   ///< on the node of the operation
    bool failed = false;       ///< the other end is lost
    bool on_other_end = false; ///< it runs (also) there
};

/// `op` in `history` on `node`: a migrate_to that succeeded.
migration_verdict after_migrate_to(const history_facts& history, const operation_result& op,
                                   std::string_view node, const other_nodes& others);
/// A migrate_to that failed.
migration_verdict after_failed_migrate_to(const operation_result& op, std::string_view node,
                                          const other_nodes& others);
/// A migrate_from that failed.
migration_verdict after_failed_migrate_from(const operation_result& op, std::string_view node,
                                            const other_nodes& others);

} // namespace bridge::model
