// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/history.hpp"
#include "bridge/model/parameters.hpp"
#include "bridge/model/plan.hpp"
#include "bridge/model/presence.hpp"
#include "bridge/model/state.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Puts states and properties on planned groups and resources.
namespace bridge::model {

/// What the evaluation of one object reads beside the object's own facts.
struct evaluation_input {
    const cib_facts& facts;
    const node_set& nodes;
    const std::vector<observed_node>& observed; ///< per node
    const plan& shape;
    const type_index& types;
    const network_lookup& networks;
    bool settled = false;
    std::int64_t now = 0; ///< seconds since 1970; 0: no failure expires
};

/// Where a resource is and when it was last touched; what its group needs to know of it.
struct resource_place {
    std::size_t running_on = no_node;
    std::size_t newest_on = no_node; ///< node of the newest operation
    std::int64_t newest = 0;
    std::int32_t newest_call = -1;
    role is = role::unknown; ///< on `running_on`
};

struct evaluated_resource {
    resource_condition condition;
    resource_place place;
    std::shared_ptr<const resource> shown;
    std::int64_t changes_at = 0; ///< when a failure expires, seconds since 1970; 0: never
};

evaluated_resource evaluate_resource(const evaluation_input& input, const planned_resource& plan);

/// The resource in another state; everything else is as before.
std::shared_ptr<const resource> with_state(const resource& before, resource_state state);

/// `members` are those of the plan's members, in their order.
std::shared_ptr<const group> evaluate_group(const evaluation_input& input,
                                            const planned_group& plan,
                                            const std::vector<evaluated_resource>& resources);

} // namespace bridge::model
